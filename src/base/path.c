#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/os.h>
#include <qq/text.h>

/* As many links as the kernel follows (path_resolution(7)). */
#define LINKS 40
#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

typedef struct walk {
  int fd;                       /* where we are */
  int is_ours;                  /* nobody else can change what is there */
  int is_kept;                  /* nobody else can put something else in its place */
  int may_follow;               /* a link here, where nobody else can have made it */
  int is_judged;                /* it is asked whether it is kept: what a sticky one has is */
  unsigned int links;
  stralloc rest;                /* of the path, NUL-terminated */
} walk;

int qq_is_ours_alone(struct stat const *st)
{
  return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Whoever may write there can remove only what belongs to him. */
static int is_sticky(struct stat const *st)
{
  return (st->st_uid == 0 || st->st_uid == geteuid()) && (st->st_mode & S_ISVTX);
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
  w->is_kept &= qq_is_ours_alone(&st) || is_sticky(&st);
  w->may_follow = w->is_ours || (w->is_judged && w->is_kept && qq_is_ours_alone(&st));
  return 1;
}

static int go_to_root(walk *w)
{
  w->is_ours = w->is_kept = 1;
  return go_to(w, open("/", DIRECTORY));
}

/* A link that nobody else can have made leads on, to another path. */
static int follow(walk *w, char const *name)
{
  char to[PATH_MAX];
  ssize_t n = -1;
  if (!w->may_follow || w->links++ == LINKS) errno = ELOOP;
  else n = readlinkat(w->fd, name, to, sizeof to);
  if (n < 0) return -1;
  if (!stralloc_insertb(&w->rest, 0, "/", 1) || !stralloc_insertb(&w->rest, 0, to, (size_t)n))
    return -1;
  return *to == '/' ? go_to_root(w) : 1;
}

/* Goes through the component: a directory, or a link. Not to the one above if the owner of where we
   are may have moved it. */
static int enter(walk *w, char const *name)
{
  int const is_above = !w->may_follow && !strcmp(name, "..");
  int const fd = is_above ? -1 : openat(w->fd, name, DIRECTORY | O_NOFOLLOW);
  struct stat st;
  if (fd >= 0) return go_to(w, fd);
  if (is_above) errno = ELOOP;
  if (is_above || (errno != ELOOP && errno != ENOTDIR)) return -1;
  if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  errno = ENOTDIR;
  return S_ISLNK(st.st_mode) ? follow(w, name) : -1;
}

/* Opens the directory that the last component of the path lies in, and sets name to that. */
static int open_parent(int directory, char const *path, char const **name)
{
  stralloc component = STRALLOC_ZERO;
  char const *slash;
  int at = directory;
  for (*name = path; at >= 0 && (slash = strchr(*name, '/')); *name = slash + 1) {
    int fd = -1;
    if (qq_copy(&component, *name, (size_t)(slash - *name)) && stralloc_0(&component))
      fd = openat(at, component.s, DIRECTORY | O_NOFOLLOW);
    if (at != directory) fd_close(at);
    at = fd;
  }
  stralloc_free(&component);
  return at;
}

int qq_open_below(int directory, char const *path, int flags)
{
  char const *name;
  int const at = open_parent(directory, path, &name);
  int const fd = at < 0 ? -1 : openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC);
  if (at >= 0 && at != directory) fd_close(at);
  return fd;
}

int qq_stat_below(int directory, char const *path, struct stat *st)
{
  char const *name;
  int const at = open_parent(directory, path, &name);
  int const r = at < 0 ? -1 : fstatat(at, name, st, AT_SYMLINK_NOFOLLOW);
  if (at >= 0 && at != directory) fd_close(at);
  return r;
}

static int begin(walk *w, char const *path, size_t n, int is_judged)
{
  *w = (walk){ -1, 1, 1, 1, is_judged, 0, STRALLOC_ZERO };
  if (!qq_append(&w->rest, path, n) || !stralloc_0(&w->rest)) return -1;
  return *path == '/' ? go_to_root(w) : go_to(w, open(".", DIRECTORY));
}

/* Goes on to the end of the path; name becomes the component that was the last to be entered. */
static int go_on(walk *w, stralloc *name)
{
  int r;
  while ((r = next_component(w, name)) > 0) if (enter(w, name->s) < 0) return -1;
  return r < 0 ? -1 : 1;
}

/* Goes on to the last name, and from there as long as that is a link. Returns whether what there is
   then is there, as qq_is_there has it. */
static int go_on_to_target(walk *w, stralloc *name, struct stat *st)
{
  int r;
  while ((r = next_component(w, name)) > 0) {
    int const is_last = !w->rest.s[strspn(w->rest.s, "/")];
    int const is_there = is_last ? qq_is_there(w->fd, name->s, st) : 0;
    if (is_last && (is_there <= 0 || !S_ISLNK(st->st_mode))) return is_there;
    if ((is_last ? follow : enter)(w, name->s) < 0) return -1;
  }
  if (!r) errno = EINVAL;       /* the root, or where a link lies */
  return -1;
}

/* Says whether what the walk has come to may be replaced. */
static int judge_target(walk const *w, int is_there, struct stat const *st)
{
  if (is_there < 0) return -1;
  errno = is_there && !S_ISREG(st->st_mode) ? EINVAL : ELOOP;
  return errno == EINVAL || (w->links && !w->may_follow) ? -1 : 1;
}

static void end(walk *w)
{
  if (w->fd >= 0) fd_close(w->fd);
  w->fd = -1;
  stralloc_free(&w->rest);
}

/* Opens what the first n bytes of the path name. */
static int open_beginning(char const *path, size_t n)
{
  walk w;
  stralloc name = STRALLOC_ZERO;
  int fd = -1;
  if (begin(&w, path, n, 0) > 0 && go_on(&w, &name) > 0) {
    fd = w.fd;
    w.fd = -1;
  }
  stralloc_free(&name);
  end(&w);
  return fd;
}

/* The walk has come to what is no directory: that is the end of the path, or there is none. */
static int judge_file(walk *w, char const *name)
{
  struct stat st;
  if (w->rest.s[strspn(w->rest.s, "/")]) return -1;
  if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  w->is_kept &= qq_is_ours_alone(&st);
  return 1;
}

int qq_path_is_ours(char const *path)
{
  walk w;
  stralloc name = STRALLOC_ZERO;
  struct stat st;
  int r = begin(&w, path, strlen(path), 1) > 0 ? go_on(&w, &name) : -1;
  if (r > 0) r = fstat(w.fd, &st) < 0 ? -1 : 1;
  if (r > 0) w.is_kept &= qq_is_ours_alone(&st);
  else if (errno == ENOTDIR && w.fd >= 0) r = judge_file(&w, name.s);
  if (r < 0 && errno == ELOOP) r = w.is_kept = 0;
  stralloc_free(&name);
  end(&w);
  return r < 0 ? -1 : r && w.is_kept;
}

int qq_path_open(char const *path)
{
  return open_beginning(path, strlen(path));
}

int qq_path_open_above(char const *path, char const **name)
{
  char const *slash = strrchr(path, '/');
  size_t const n = slash ? (size_t)(slash - path) + 1 : 0;
  *name = path[n] ? path + n : ".";
  return open_beginning(path, n);
}

static int open_target(int directory, char const *name, stralloc *target)
{
  walk w = { -1, 1, 1, 1, 1, 0, STRALLOC_ZERO };
  struct stat st;
  int fd = -1;
  if (qq_append(&w.rest, name, strlen(name)) && stralloc_0(&w.rest)
    && go_to(&w, openat(directory, ".", DIRECTORY)) > 0
    && judge_target(&w, go_on_to_target(&w, target, &st), &st) > 0) {
    fd = w.fd;
    w.fd = -1;
  }
  end(&w);
  return fd;
}

int qq_path_open_target(int directory, char const *path, char const *name, stralloc *target,
  stralloc *why)
{
  int const fd = open_target(directory, name, target);
  if (fd >= 0) return fd;
  if (errno == ELOOP)
    return qq_refuse(why, ELOOP, _("%s/%s is a symbolic link, and somebody else could change where "
      "it leads or what is there: it is not replaced"), path, name);
  if (errno == EINVAL)
    return qq_refuse(why, EINVAL, _("%s/%s is not a regular file, and is not "
      "replaced"), path, name);
  return qq_unable(why, _("unable to follow %s/%s"), path, name);
}

/* What others may have put there is a regular file, or is not waited for. */
static int open_last(walk const *w, char const *name)
{
  int const wait = w->may_follow ? 0 : O_NONBLOCK;
  int const fd = openat(w->fd, name, O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC | wait);
  struct stat st;
  if (fd < 0 || w->may_follow) return fd;
  errno = EINVAL;
  if (fstat(fd, &st) >= 0 && S_ISREG(st.st_mode)) return fd;
  fd_close(fd);                 /* errno stays */
  return -1;
}

static int open_walked(char const *path)
{
  walk w;
  stralloc name = STRALLOC_ZERO;
  struct stat st;
  int const is_there = begin(&w, path, strlen(path), 1) > 0 ? go_on_to_target(&w, &name, &st) : -1;
  int const fd = is_there > 0 ? open_last(&w, name.s) : -1;
  stralloc_free(&name);
  end(&w);
  return fd;
}

int qq_path_open_file(char const *path, stralloc *why)
{
  int const own = qq_os_own_descriptor(path);
  int const fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0)
    : geteuid() || !*path ? open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC) : open_walked(path);
  if (fd >= 0) return fd;
  if (errno == EINVAL)
    return qq_refuse(why, EINVAL, _("%s is not a regular file, and somebody else could have put it "
      "there: it is not read"), path);
  return qq_unable(why, _("unable to open %s"), path);
}

int qq_path_look(char const *path, struct stat *st)
{
  char const *name;
  int const fd = qq_path_open_above(path, &name);
  int r;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_is_there(fd, name, st);
  fd_close(fd);
  return r;
}

int qq_path_is_directory(char const *path)
{
  struct stat st;
  int const r = qq_path_look(path, &st);
  int fd;
  if (r <= 0 || S_ISDIR(st.st_mode)) return r;
  fd = qq_path_open(path);      /* it may be a link that leads to one */
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  fd_close(fd);
  return 1;
}

void qq_path_clean(stralloc *path)
{
  char *s = path->s;
  size_t in = 0, out = 0, n;
  while (s[in]) {
    while (s[in] == '/') in++;
    n = strcspn(s + in, "/");
    if (n == 2 && !memcmp(s + in, "..", n)) while (out && s[--out] != '/') ;
    else if (n && (n > 1 || s[in] != '.')) {
      s[out++] = '/';
      memmove(s + out, s + in, n);
      out += n;
    }
    in += n;
  }
  if (!out) s[out++] = '/';
  s[out++] = 0;
  path->len = out;
}
