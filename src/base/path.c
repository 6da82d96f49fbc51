#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/text.h>

/* As many links as the kernel follows (path_resolution(7)). */
#define LINKS 40

typedef struct walk {
  int fd;                       /* where we are */
  int is_ours;                  /* nobody else can change what is there */
  unsigned int links;
  stralloc rest;                /* of the path, NUL-terminated */
} walk;

int qq_is_ours_alone(struct stat const *st)
{
  return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Takes the next component off the rest. Returns 1; 0: there is none; or -1 with errno. */
static int next_component(walk *w, stralloc *name)
{
  size_t n = 0, begin = 0;
  while (w->rest.s[begin] == '/') begin++;
  while (w->rest.s[begin + n] && w->rest.s[begin + n] != '/') n++;
  if (!n) return 0;
  name->len = 0;
  if (!qq_append(name, w->rest.s + begin, n) || !stralloc_0(name)) return -1;
  memmove(w->rest.s, w->rest.s + begin + n, w->rest.len - begin - n);
  w->rest.len -= begin + n;
  return 1;
}

static int go_to(walk *w, int fd)
{
  struct stat st;
  if (fd < 0) return -1;
  if (w->fd >= 0) fd_close(w->fd);
  w->fd = fd;
  if (fstat(fd, &st) < 0) return -1;
  w->is_ours &= qq_is_ours_alone(&st);
  return 1;
}

static int go_to_root(walk *w)
{
  w->is_ours = 1;
  return go_to(w, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* A link that nobody else can have made leads on, to another path. */
static int follow(walk *w, char const *name)
{
  char to[PATH_MAX];
  stralloc path = STRALLOC_ZERO;
  ssize_t n = -1;
  if (!w->is_ours || w->links++ == LINKS) errno = ELOOP;
  else n = readlinkat(w->fd, name, to, sizeof to);
  if (n < 0) return -1;
  if (!qq_append(&path, to, (size_t)n) || !stralloc_append(&path, '/')
    || !qq_append(&path, w->rest.s, w->rest.len)) return -1;
  stralloc_free(&w->rest);
  w->rest = path;
  return *to == '/' ? go_to_root(w) : 1;
}

/* Goes through the component: a directory, or a link. */
static int enter(walk *w, char const *name)
{
  int const fd = openat(w->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  if (fd >= 0) return go_to(w, fd);
  if (errno != ELOOP && errno != ENOTDIR) return -1;
  if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  errno = ENOTDIR;
  return S_ISLNK(st.st_mode) ? follow(w, name) : -1;
}

int qq_path_open(char const *path)
{
  walk w = { -1, 1, 0, STRALLOC_ZERO };
  stralloc name = STRALLOC_ZERO;
  int r = qq_append(&w.rest, path, strlen(path)) && stralloc_0(&w.rest) ? 1 : -1;
  if (r > 0) r = *path == '/' ? go_to_root(&w) : go_to(&w, open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (r > 0 && (r = next_component(&w, &name)) > 0) r = enter(&w, name.s);
  if (r < 0 && w.fd >= 0) {
    fd_close(w.fd);
    w.fd = -1;
  }
  stralloc_free(&name);
  stralloc_free(&w.rest);
  return w.fd;
}
