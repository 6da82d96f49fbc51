#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/text.h>

static int add(qq_plan *p, char const *path, int is_directory, int replaces, char const *s, size_t n, qq_owner const *owner)
{
  static qq_step const fresh = { 0, 0, 0, STRALLOC_ZERO, { 0, 0, 0 } };
  qq_step step = fresh;
  step.path = strdup(path);
  step.is_directory = is_directory;
  step.replaces = replaces;
  step.owner = *owner;
  return step.path && qq_append(&step.content, s, n) && genalloc_append(qq_step, &p->steps, &step);
}

int qq_plan_directory(qq_plan *p, char const *path, qq_owner const *owner)
{
  return add(p, path, 1, 0, "", 0, owner);
}

int qq_plan_file(qq_plan *p, char const *path, char const *s, size_t n, qq_owner const *owner)
{
  return add(p, path, 0, 0, s, n, owner);
}

int qq_plan_new_file(qq_plan *p, char const *path, char const *s, size_t n, qq_owner const *owner)
{
  return add(p, path, 0, 1, s, n, owner);
}

static int fail(char const *what, char const *path, stralloc *why)
{
  return qq_unable(why, _("unable to %s %s"), what, path);
}

static int is_there(qq_step const *s)
{
  struct stat st;
  if (lstat(s->path, &st) < 0) return errno == ENOENT ? 0 : -1;
  errno = s->is_directory ? ENOTDIR : EISDIR;
  return !S_ISDIR(st.st_mode) == !s->is_directory ? 1 : -1;
}

/* Under another name first: what has the right name has the right owner. */
static int make_named(char const *name, qq_step const *s)
{
  struct stat st;
  int fd, r = -1;
  if ((rmdir(name) < 0 && errno != ENOENT) || mkdir(name, 0700) < 0) return -1;
  fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  if (!fstat(fd, &st) && ((st.st_uid == s->owner.uid && st.st_gid == s->owner.gid) || !fchown(fd, s->owner.uid, s->owner.gid))
    && !fchmod(fd, s->owner.mode) && !fsync(fd)) r = 1;
  fd_close(fd);
  return r < 0 || rename(name, s->path) < 0 ? -1 : 1;
}

static int make_directory(qq_step const *s)
{
  stralloc name = STRALLOC_ZERO;
  char const *slash = strrchr(s->path, '/');
  int const r = stralloc_catb(&name, s->path, (size_t)(slash - s->path) + 1) && qq_say(&name, ".%s.new", slash + 1) && stralloc_0(&name) ? make_named(name.s, s) : -1;
  stralloc_free(&name);
  return r;
}

static int make_file(qq_step const *s)
{
  char const *slash = strrchr(s->path, '/');
  stralloc directory = STRALLOC_ZERO;
  int fd = -1, r = -1;
  if (stralloc_catb(&directory, s->path, (size_t)(slash - s->path)) && stralloc_0(&directory)) fd = open(directory.s, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0) {
    r = qq_replace(fd, slash + 1, s->content.s, s->content.len, &s->owner);
    fd_close(fd);
  }
  stralloc_free(&directory);
  return r;
}

int qq_plan_make(qq_plan const *p, stralloc *why)
{
  size_t i;
  for (i = 0; i < genalloc_len(qq_step, &p->steps); i++) {
    qq_step const *s = &genalloc_s(qq_step, &p->steps)[i];
    int const there = is_there(s);
    if (there < 0 || ((!there || s->replaces) && (s->is_directory ? make_directory(s) : make_file(s)) < 0)) return fail(_("create"), s->path, why);
  }
  return 1;
}

static int show_file(qq_step const *s, stralloc *out)
{
  size_t at = 0;
  while (at < s->content.len) {
    char const *end = memchr(s->content.s + at, '\n', s->content.len - at);
    size_t const n = end ? (size_t)(end - s->content.s) - at : s->content.len - at;
    if (!stralloc_append(out, '+') || !qq_safe(out, s->content.s + at, n) || !stralloc_append(out, '\n')) return 0;
    at += n + 1;
  }
  return 1;
}

int qq_plan_show(qq_plan const *p, stralloc *out)
{
  size_t i;
  for (i = 0; i < genalloc_len(qq_step, &p->steps); i++) {
    qq_step const *s = &genalloc_s(qq_step, &p->steps)[i];
    if (is_there(s) > 0 && !s->replaces) continue;
    if (!qq_say(out, s->is_directory ? _("make directory %s (mode %04o, owner %lu:%lu)\n") : _("make file %s (mode %04o, owner %lu:%lu)\n"), s->path,
      (unsigned int)s->owner.mode, (unsigned long)s->owner.uid, (unsigned long)s->owner.gid) || !show_file(s, out)) return 0;
  }
  return 1;
}

int qq_plan_purge(char const *path, stralloc *why)
{
  return qq_purge(AT_FDCWD, path) > 0 ? 1 : fail(_("remove all of"), path, why);
}
