#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>
#include <qq/file.h>
#include <qq/text.h>

/* Whoever owns the tree may go on making files in it, and directories, faster than they are
   removed: a directory is gone through so often, and so many that were made since are entered. */
#define PASSES 16
#define NEWCOMERS 10000

/* A directory on the way down. */
typedef struct level {
  stralloc names;               /* of what was in it, each with its NUL */
  size_t at;                    /* the name at hand */
  unsigned int passes;
  int is_kept;                  /* something in it could not be removed */
  dev_t device;
  ino_t inode;
} level;

typedef struct purge {
  int directory;                /* the caller's */
  char const *name;
  int fd;                       /* the lowest level's; the others are found again by `..' */
  genalloc levels;              /* of level */
  struct timespec began;
  unsigned int newcomers;
  int error;                    /* errno of the first that could not be removed, and its path */
  stralloc *left;
} purge;

static level *lowest(purge const *p)
{
  size_t const n = genalloc_len(level, &p->levels);
  return n ? &genalloc_s(level, &p->levels)[n - 1] : 0;
}

static char const *name_at_hand(purge const *p)
{
  level const *l = lowest(p);
  return l ? l->names.s + l->at : p->name;
}

static void say_left(purge *p)
{
  size_t i;
  p->left->len = 0;
  qq_fmt(p->left, "%s", p->name);
  for (i = 0; i < genalloc_len(level, &p->levels); i++) {
    level const *l = &genalloc_s(level, &p->levels)[i];
    if (l->at < l->names.len) qq_fmt(p->left, "/%s", l->names.s + l->at);
  }
}

/* The name at hand stays, for the reason in errno: so does every directory above it. */
static void keep(purge *p)
{
  if (!p->error) {
    p->error = errno;
    if (p->left) say_left(p);
    errno = p->error;
  }
  if (lowest(p)) lowest(p)->is_kept = 1;
}

/* Reads what is in the lowest directory now. Returns 1; 0: nothing; or -1 with errno. */
static int list(purge *p)
{
  level *l = lowest(p);
  qq_directory d;
  int r;
  l->names.len = l->at = 0;
  if (qq_directory_begin(&d, openat(p->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0)
    if (!stralloc_catb(&l->names, d.entry->d_name, strlen(d.entry->d_name) + 1)) r = -1;
  qq_directory_end(&d);
  return r < 0 ? -1 : l->names.len > 0;
}

static int is_younger(struct timespec const *t, struct timespec const *than)
{
  return t->tv_sec > than->tv_sec || (t->tv_sec == than->tv_sec && t->tv_nsec > than->tv_nsec);
}

/* Whether the directory just opened may be gone through. Returns 1, or -1 with errno. */
static int look_at(purge *p, int fd, level *l)
{
  level const *above = lowest(p);
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  l->device = st.st_dev;
  l->inode = st.st_ino;
  errno = above && st.st_dev != above->device ? EXDEV : ENOTEMPTY;
  if (errno == EXDEV) return -1;
  return is_younger(&st.st_ctim, &p->began) && ++p->newcomers > NEWCOMERS ? -1 : 1;
}

/* Descends into the directory of the name at hand. Returns 1, or -1 with errno. */
static int enter(purge *p)
{
  level l = { STRALLOC_ZERO, 0, 0, 0, 0, 0 };
  int const fd = openat(lowest(p) ? p->fd : p->directory, name_at_hand(p),
    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -1;
  if (look_at(p, fd, &l) < 0 || !genalloc_append(level, &p->levels, &l)) {
    fd_close(fd);
    return -1;
  }
  if (p->fd >= 0) fd_close(p->fd);
  p->fd = fd;
  return 1;
}

/* Opens the directory above the lowest, which must be the one that we came from. Returns the
   descriptor, or -1 with errno. */
static int open_above(purge const *p)
{
  level const *above = lowest(p) - 1;
  int const fd = openat(p->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat st;
  if (fd < 0) return -1;
  if (!fstat(fd, &st) && st.st_dev == above->device && st.st_ino == above->inode) return fd;
  errno = EBUSY;
  fd_close(fd);
  return -1;
}

static void drop_lowest(purge *p)
{
  stralloc_free(&lowest(p)->names);
  genalloc_setlen(level, &p->levels, genalloc_len(level, &p->levels) - 1);
}

/* Goes back to the directory above, and removes the one that was gone through. Returns 1, or -1
   with errno. */
static int leave(purge *p)
{
  int const is_kept = lowest(p)->is_kept, is_top = genalloc_len(level, &p->levels) == 1;
  int const fd = is_top ? -1 : open_above(p);
  if (fd < 0 && !is_top) return -1;
  drop_lowest(p);
  fd_close(p->fd);
  p->fd = fd;
  if (is_kept || (unlinkat(is_top ? p->directory : fd, name_at_hand(p), AT_REMOVEDIR) < 0
    && errno != ENOENT)) keep(p);
  return 1;
}

/* A file, a link or a directory; what vanishes meanwhile is as good as removed. EPERM is what POSIX
   says of a directory, and Linux of what is immutable. */
static void remove_at_hand(purge *p)
{
  int e;
  if (!unlinkat(lowest(p) ? p->fd : p->directory, name_at_hand(p), 0) || errno == ENOENT) return;
  e = errno;
  if ((e == EISDIR || e == EPERM) && enter(p) > 0) return;
  if (errno == ENOTDIR) errno = e;
  keep(p);
}

/* Goes on to the next name in the lowest directory. Returns 1; 0: it is through; or -1 with
   errno. */
static int go_on(purge *p)
{
  level *l = lowest(p);
  if (l->at < l->names.len) l->at += strlen(l->names.s + l->at) + 1;
  if (l->at < l->names.len) return 1;
  if (l->is_kept || l->passes == PASSES) return 0;
  l->passes++;
  return list(p);
}

int qq_purge(int directory, char const *name, stralloc *left)
{
  purge p = { directory, name, -1, GENALLOC_ZERO, { 0, 0 }, 0, 0, left };
  int r = 1;
  if (clock_gettime(CLOCK_REALTIME, &p.began) < 0) return -1;
  remove_at_hand(&p);
  while (r >= 0 && lowest(&p)) {
    r = go_on(&p);
    if (r > 0) remove_at_hand(&p);
    else if (!r) r = leave(&p);
  }
  if (r < 0) keep(&p);
  while (lowest(&p)) drop_lowest(&p);
  if (p.fd >= 0) fd_close(p.fd);
  genalloc_free(level, &p.levels);
  errno = p.error;
  return p.error ? -1 : 1;
}
