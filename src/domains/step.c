#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/text.h>

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int is_there(qq_step const *s)
{
  int const wants_directory = s->kind == QQ_STEP_DIRECTORY;
  struct stat st;
  int const r = qq_is_there(AT_FDCWD, s->path, &st);
  if (r <= 0 || !S_ISDIR(st.st_mode) == !wants_directory) return r;
  errno = wants_directory ? ENOTDIR : EISDIR;
  return -1;
}

/* What is behind the last slash; *n is the length of what is before it. */
static char const *last_name(qq_step const *s, int *n)
{
  char const *slash = strrchr(s->path, '/');
  *n = (int)(slash - s->path);
  return slash + 1;
}

/* Under another name first: what has the right name has the right owner. */
static int make_named(char const *name, qq_step const *s)
{
  struct stat st;
  int fd, r = -1;
  if ((rmdir(name) < 0 && errno != ENOENT) || mkdir(name, 0700) < 0) return -1;
  fd = open(name, DIRECTORY);
  if (fd < 0) return -1;
  if (!fstat(fd, &st)
    && ((st.st_uid == s->owner.uid && st.st_gid == s->owner.gid)
      || !fchown(fd, s->owner.uid, s->owner.gid))
    && !fchmod(fd, s->owner.mode) && !fsync(fd)) r = 1;
  fd_close(fd);
  return r < 0 || rename(name, s->path) < 0 ? -1 : 1;
}

static int make_directory(qq_step const *s)
{
  int n, r = -1;
  char const *last = last_name(s, &n);
  stralloc name = STRALLOC_ZERO;
  if (qq_say(&name, "%.*s/.%s.new", n, s->path, last)) r = make_named(name.s, s);
  stralloc_free(&name);
  return r;
}

static int make_file(qq_step const *s)
{
  int n, fd = -1, r = -1;
  char const *last = last_name(s, &n);
  stralloc directory = STRALLOC_ZERO;
  if (qq_say(&directory, "%.*s", n, s->path)) fd = open(directory.s, DIRECTORY);
  if (fd >= 0) {
    r = qq_replace(fd, last, s->text->s, s->text->len, &s->owner);
    fd_close(fd);
  }
  stralloc_free(&directory);
  return r;
}

int qq_step_make(qq_step const *s, stralloc *why)
{
  int r = is_there(s);
  if (!r || (r > 0 && s->kind == QQ_STEP_NEW_FILE))
    r = s->kind == QQ_STEP_DIRECTORY ? make_directory(s) : make_file(s);
  return r < 0 ? qq_unable(why, _("unable to create %s"), s->path) : 1;
}

int qq_step_show(qq_step const *s, stralloc *out)
{
  qq_piece rest = { s->text ? s->text->s : 0, s->text ? s->text->len : 0 }, line;
  if (is_there(s) > 0 && s->kind != QQ_STEP_NEW_FILE) return 1;
  if (!qq_say(out, s->kind == QQ_STEP_DIRECTORY
      ? _("make directory %s (mode %04o, owner %lu:%lu)\n")
      : _("make file %s (mode %04o, owner %lu:%lu)\n"), s->path, (unsigned int)s->owner.mode,
    (unsigned long)s->owner.uid, (unsigned long)s->owner.gid)) return 0;
  while (qq_piece_line(&rest, &line))
    if (!stralloc_append(out, '+') || !qq_safe(out, line.s, line.n) || !stralloc_append(out, '\n'))
      return 0;
  return 1;
}
