#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/text.h>

/* Whether it is there already, so that there is nothing to do: a step that was taken before, or
   remains of a domain that was kept. Never so for a new file. Returns 1, 0, or -1 with errno:
   ENOTDIR, EISDIR if it is of the other kind. */
static int is_done(qq_step const *s)
{
  struct stat st;
  int r;
  if (s->kind == QQ_STEP_DIRECTORY) return qq_path_is_directory(s->path);
  r = qq_path_look(s->path, &st);
  if (r <= 0 || !S_ISDIR(st.st_mode)) return r > 0 && s->kind == QQ_STEP_NEW_FILE ? 0 : r;
  errno = EISDIR;
  return -1;
}

static int make(qq_step const *s)
{
  char const *name;
  int const above = qq_path_open_above(s->path, &name);
  int r;
  if (above < 0) return -1;
  r = s->kind == QQ_STEP_DIRECTORY ? qq_make_directory(above, name, &s->owner)
    : qq_replace(above, name, s->text->s, s->text->len, &s->owner);
  fd_close(above);
  return r;
}

int qq_step_make(qq_step const *s, stralloc *why)
{
  int r = is_done(s);
  if (!r) r = make(s);
  return r < 0 ? qq_unable(why, _("unable to create %s"), s->path) : 1;
}

static int say(qq_step const *s, stralloc *out)
{
  qq_piece rest = { s->text ? s->text->s : 0, s->text ? s->text->len : 0 }, line;
  if (!qq_fmt(out, s->kind == QQ_STEP_DIRECTORY
      ? _("make directory %s (mode %04o, owner %lu:%lu)\n")
      : _("make file %s (mode %04o, owner %lu:%lu)\n"), s->path, (unsigned int)s->owner.mode,
    (unsigned long)s->owner.uid, (unsigned long)s->owner.gid)) return -1;
  while (qq_piece_line(&rest, &line))
    if (!stralloc_append(out, '+') || !qq_safe(out, line.s, line.n) || !stralloc_append(out, '\n'))
      return -1;
  return 1;
}

int qq_step_show(qq_step const *s, stralloc *out)
{
  int r = is_done(s);
  if (!r) r = say(s, out);
  return r < 0 ? qq_unable(out, _("unable to create %s"), s->path) : 1;
}

int qq_step_read(char const *path, size_t limit, stralloc *text)
{
  char const *name;
  int const above = qq_path_open_above(path, &name);
  struct stat st;
  ssize_t n = -1;
  int fd = -1;
  if (above >= 0) {
    fd = openat(above, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    fd_close(above);
  }
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  if (!fstat(fd, &st)) {
    errno = EINVAL;
    if (S_ISREG(st.st_mode) && st.st_nlink == 1 && qq_room(text, limit))
      n = read(fd, text->s + text->len, limit);
  }
  fd_close(fd);
  if (n < 0) return -1;
  text->len += (size_t)n;
  return 1;
}
