#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/text.h>
#include "store-private.h"

/* What a file is prepared as, beside it. */
#define TEMPORARY ".qctl-"

/* Where a file of control/ lies: there, or where a link in its place leads. */
typedef struct place {
  int at;                       /* the directory; -1: it cannot be told */
  stralloc name, temporary;     /* in it; NUL-terminated */
} place;
#define PLACE_ZERO { -1, STRALLOC_ZERO, STRALLOC_ZERO }

static int open_place(qq_store const *store, char const *name, place *p, stralloc *why)
{
  stralloc control = STRALLOC_ZERO;
  if (qq_fmt(&control, "%s/" QQ_NAME_CONTROL, store->home) && stralloc_0(&control)
    && qq_fmt(&p->temporary, TEMPORARY "%s", name) && stralloc_0(&p->temporary))
    p->at = qq_path_open_target(store->control_fd, control.s, name, &p->name, why);
  else qq_unable(why, _("unable to look at %s/%s/%s"), store->home, QQ_NAME_CONTROL, name);
  stralloc_free(&control);
  return p->at < 0 ? -1 : 1;
}

static void close_place(place *p)
{
  if (p->at >= 0) fd_close(p->at);
  stralloc_free(&p->name);
  stralloc_free(&p->temporary);
}

/* Says whether the name in control/ is a link. Returns 1, 0, or -1 with errno. */
static int is_link(qq_store const *store, char const *name)
{
  struct stat st;
  int const r = qq_is_there(store->control_fd, name, &st);
  return r > 0 ? S_ISLNK(st.st_mode) : r;
}

int qq_store_can_put(qq_store const *store, char const *name, int exists, stralloc *why)
{
  place p = PLACE_ZERO;
  int r = open_place(store, name, &p, why);
  close_place(&p);
  if (r < 0 || exists) return r;
  r = is_link(store, name);
  if (r > 0)
    return qq_refuse(why, EINVAL, _("%s/control/%s is a symbolic link, and is not removed: do that "
      "by hand, and look at what it leads to"), store->home, name);
  return !r ? 1 : qq_unable(why, _("unable to look at %s/%s/%s"), store->home, QQ_NAME_CONTROL,
    name);
}

static int prepare_at(place const *p, qq_setting const *s)
{
  return qq_store_write(p->at, p->temporary.s, s) < 0 || fsync(p->at) < 0 ? -1 : 1;
}

static int prepare_file(qq_store const *store, qq_setting const *s)
{
  stralloc unused = STRALLOC_ZERO;
  place p = PLACE_ZERO;
  int const r = open_place(store, s->name, &p, &unused) < 0 ? -1 : prepare_at(&p, s);
  close_place(&p);
  stralloc_free(&unused);
  return r;
}

int qq_store_prepare_files(qq_store *store, qq_settings const *files)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(files, s)); ) if (prepare_file(store, s) < 0) return -1;
  return 1;
}

/* Says whether the file is what the setting says. Returns 1, 0, or -1 with errno. */
static int is_as(place const *p, qq_setting const *s)
{
  stralloc now = STRALLOC_ZERO;
  int r = qq_store_read(p->at, p->name.s, &now);
  if (r >= 0) r = r == s->exists && now.len == s->content.len
    && (!now.len || !memcmp(now.s, s->content.s, now.len));
  stralloc_free(&now);
  return r;
}

static int rename_prepared(place const *p)
{
  return renameat(p->at, p->temporary.s, p->at, p->name.s) < 0 ? -1 : 1;
}

/* The file as it should be takes its place. It may have done so before; and what somebody has
   changed since that is left alone. If what was prepared is lost it is prepared again. */
static int put_at(place const *p, qq_setting const *wanted, qq_setting const *other)
{
  int r = is_as(p, wanted);
  if (r) return r;
  if (rename_prepared(p) > 0) return 1;
  if (errno != ENOENT) return -1;
  r = is_as(p, other);
  if (r < 1) return r < 0 ? -1 : 1;
  return prepare_at(p, wanted) < 0 ? -1 : rename_prepared(p);
}

static int put_in_place(qq_store const *store, qq_setting const *wanted, qq_setting const *other)
{
  stralloc unused = STRALLOC_ZERO;
  place p = PLACE_ZERO;
  int r = open_place(store, wanted->name, &p, &unused);
  if (r > 0) r = put_at(&p, wanted, other) < 0 || fsync(p.at) < 0 ? -1 : 1;
  close_place(&p);
  stralloc_free(&unused);
  return r;
}

/* What is there is not to be; unless somebody has changed it since, or put a link there. */
static int take_away(qq_store const *store, qq_setting const *other)
{
  stralloc unused = STRALLOC_ZERO;
  place p = PLACE_ZERO;
  int r = is_link(store, other->name);
  if (r) return r < 0 ? -1 : 1;
  r = open_place(store, other->name, &p, &unused);
  if (r > 0) r = is_as(&p, other);
  if (r > 0) r = qq_unlink(p.at, p.name.s);
  close_place(&p);
  stralloc_free(&unused);
  return r < 0 ? -1 : 1;
}

int qq_store_put_files(qq_store *store, qq_settings const *wanted, qq_settings const *others,
  stralloc *why)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(wanted, s)); )
    if (put_in_place(store, s, qq_settings_get(others, s->name)) < 0)
      return qq_unable(why, _("unable to replace %s/%s/%s"), store->home, QQ_NAME_CONTROL, s->name);
  for (s = 0; (s = qq_settings_next(others, s)); )
    if (!qq_settings_find(wanted, s->name) && take_away(store, s) < 0)
      return qq_unable(why, _("unable to remove %s/%s/%s"), store->home, QQ_NAME_CONTROL, s->name);
  return fsync(store->control_fd) >= 0 ? 1
    : qq_unable(why, _("unable to sync %s/%s"), store->home, QQ_NAME_CONTROL);
}

/* What was prepared where a link leads. Where that cannot be told nothing was. */
static int sweep_behind(qq_store const *store, char const *name)
{
  stralloc unused = STRALLOC_ZERO;
  place p = PLACE_ZERO;
  int r = is_link(store, name);
  if (r > 0 && open_place(store, name, &p, &unused) > 0) r = qq_unlink(p.at, p.temporary.s);
  close_place(&p);
  stralloc_free(&unused);
  return r < 0 ? -1 : 1;
}

int qq_store_sweep_files(qq_store *store)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_store_directory(store->control_fd, ".")) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) {
    char const *name = d.entry->d_name;
    r = strncmp(name, TEMPORARY, strlen(TEMPORARY)) ? sweep_behind(store, name)
      : qq_unlink(d.fd, name);
    if (r < 0) break;
  }
  qq_directory_end(&d);
  return r ? -1 : 1;
}
