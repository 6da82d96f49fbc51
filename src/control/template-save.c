#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/store.h>
#include <qq/text.h>
#include "store-private.h"

#define PATH QQ_NAME_TEMPLATES "/"
/* No name of a template. */
#define BEING_MADE ".being-made"

static int open_templates(qq_store *store, stralloc *why)
{
  int fd = qq_store_make_directory(store, store->fd, QQ_STORE_TEMPLATES);
  if (fd < 0 && errno == EEXIST) fd = qq_store_directory(store->fd, QQ_STORE_TEMPLATES);
  return fd < 0 ? qq_unable(why, _("unable to create %s/%s"), store->home, PATH) : fd;
}

/* Sets owner to what a file has that is open to those who may read the live one. Returns 1, or -1
   with errno. */
static int find_owner(qq_store const *store, qq_setting const *s, qq_owner *owner)
{
  struct stat live;
  int const r = qq_store_look(store, s->name, &live);
  *owner = qq_owner_self(s->owner.mode ? s->owner.mode & 0644 : 0644);
  if (r < 1) return r < 0 ? -1 : 1;
  owner->mode &= live.st_mode | 0600;
  if (!geteuid()) owner->gid = live.st_gid;
  else if (owner->gid != live.st_gid) owner->mode &= (live.st_mode & 04) << 3 | 0704;
  return 1;
}

/* A file that is not to be is empty, and an empty one is a newline (qctl-templates(7)). */
static int write_setting(qq_store const *store, int fd, qq_setting const *s)
{
  qq_owner owner;
  if (find_owner(store, s, &owner) < 0) return -1;
  if (!s->exists) return qq_replace(fd, s->name, "", 0, &owner);
  if (!s->content.len) return qq_replace(fd, s->name, "\n", 1, &owner);
  return qq_replace(fd, s->name, s->content.s, s->content.len, &owner);
}

static int write_all(qq_store const *store, int fd, qq_settings const *all)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(all, s)); ) if (write_setting(store, fd, s) < 0) return -1;
  return fsync(fd) < 0 ? -1 : 1;
}

/* Takes the place of one that is there in one step, where the system has that for directories. */
static int replace_template(int templates, char const *name)
{
  int const r = qq_os_exchange(templates, BEING_MADE, name);
  if (r > 0) return qq_purge(templates, BEING_MADE, 0);
  if (r < 0 || qq_purge(templates, name, 0) < 0) return -1;
  return renameat(templates, BEING_MADE, templates, name) < 0 ? -1 : 1;
}

/* What cannot be made whole is not left there; errno stays. */
static int discard(int templates)
{
  int const e = errno;
  qq_purge(templates, BEING_MADE, 0);
  errno = e;
  return -1;
}

/* It is made beside its place. */
static int make_template(qq_store const *store, int templates, char const *name,
  qq_settings const *all, int is_there)
{
  int fd, r;
  if (qq_purge(templates, BEING_MADE, 0) < 0) return -1;
  fd = qq_store_make_directory(store, templates, BEING_MADE);
  if (fd < 0) return -1;
  r = write_all(store, fd, all);
  fd_close(fd);
  if (r < 0) return discard(templates);
  if (is_there) r = replace_template(templates, name);
  else r = renameat(templates, BEING_MADE, templates, name);
  return r < 0 || fsync(templates) < 0 ? -1 : 1;
}

/* One with something in it that is none of ours, as a .git, keeps that: each file is replaced by
   itself. */
static int update_template(qq_store const *store, int fd, qq_settings const *all,
  qq_settings const *before)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(before, s)); )
    if (!qq_settings_find(all, s->name) && qq_unlink(fd, s->name) < 0) return -1;
  return write_all(store, fd, all);
}

/* Says whether the directory has more in it than these files. Returns 1, 0, or -1 with errno. */
static int has_more(int fd, qq_settings const *files)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_store_directory(fd, ".")) < 0) return -1;
  do r = qq_directory_next(&d);
  while (r > 0 && qq_settings_find(files, d.entry->d_name));
  qq_directory_end(&d);
  return r;
}

int qq_template_save(qq_store *store, char const *name, qq_settings const *all, stralloc *why)
{
  qq_settings before = QQ_SETTINGS_ZERO;
  stralloc path = STRALLOC_ZERO;
  int const templates = open_templates(store, why);
  int fd, r;
  if (templates < 0) return -1;
  fd = qq_store_directory(templates, name);
  if (fd < 0) r = errno == ENOENT ? make_template(store, templates, name, all, 0) : -1;
  else {
    r = qq_fmt(&path, "%s/" PATH "%s", store->home, name) && stralloc_0(&path)
      ? qq_settings_load_template(&before, qq_store_directory(fd, "."), path.s, why) : -1;
    if (r > 0) r = has_more(fd, &before);
    if (r >= 0) r = r ? update_template(store, fd, all, &before)
      : make_template(store, templates, name, all, 1);
    fd_close(fd);
  }
  if (r < 0 && !why->len) qq_unable(why, _("unable to write %s/%s%s"), store->home, PATH, name);
  fd_close(templates);
  stralloc_free(&path);
  qq_settings_free(&before);
  return r;
}

int qq_template_remove(qq_store *store, char const *name, stralloc *why)
{
  int const templates = open_templates(store, why);
  int r;
  if (templates < 0) return -1;
  r = qq_purge(templates, BEING_MADE, 0) < 0 || renameat(templates, name, templates, BEING_MADE) < 0
    || qq_purge(templates, BEING_MADE, 0) < 0 || fsync(templates) < 0
    ? qq_unable(why, _("unable to remove %s/%s%s"), store->home, PATH, name) : 1;
  fd_close(templates);
  return r;
}

int qq_template_is_interrupted(qq_store const *store)
{
  struct stat st;
  return qq_is_there(store->home_fd, PATH BEING_MADE, &st);
}

int qq_template_sweep(qq_store *store)
{
  int const templates = qq_store_directory(store->fd, QQ_STORE_TEMPLATES);
  int r;
  if (templates < 0) return errno == ENOENT ? 1 : -1;
  r = qq_purge(templates, BEING_MADE, 0);
  fd_close(templates);
  return r;
}
