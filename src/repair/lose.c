/* What has no place in the new trees is put aside, nothing is deleted. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/repair.h>

/* A tree, and the numbered directories in it. */
#define LEVELS 2

static int read_in(genalloc *inodes, int fd, unsigned int levels);

static int is_directory(int at, struct dirent const *e)
{
  struct stat st;
  if (qq_os_is_regular(e) == 1) return 0;
  if (fstatat(at, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  return S_ISDIR(st.st_mode);
}

static int read_entry(genalloc *inodes, int at, struct dirent const *e, unsigned int levels)
{
  uint64_t const inode = e->d_ino;
  int const r = is_directory(at, e);
  if (!r) return genalloc_append(uint64_t, inodes, &inode) ? 1 : -1;
  if (r < 0 || !levels) return r;
  return read_in(inodes, qq_queue_directory(at, e->d_name), levels - 1);
}

/* fd is closed. */
static int read_in(genalloc *inodes, int fd, unsigned int levels)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, fd) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0)
    if (read_entry(inodes, d.fd, d.entry, levels) < 0) break;
  qq_directory_end(&d);
  return r ? -1 : 1;
}

int qq_inodes_read(genalloc *inodes, int at, char const *name)
{
  int const fd = qq_queue_directory(at, name);
  if (fd < 0 && errno == ENOENT) return 1;
  return read_in(inodes, fd, LEVELS);
}

/* ---- losing ---- */

/* The directory of lost/ that is called like the one at hand; made when something goes into it. */
typedef struct place {
  struct place const *above;    /* null: it is that of a tree */
  char const *name;
} place;

/* Returns the descriptor, or -1 with errno. */
static int open_place(int lost, place const *p)
{
  int const at = p->above ? open_place(lost, p->above) : lost;
  int fd = -1;
  if (at < 0) return -1;
  if (mkdirat(at, p->name, 0700) >= 0 || errno == EEXIST) fd = qq_queue_directory(at, p->name);
  if (at != lost) fd_close(at);
  return fd;
}

static int put(qq_loser *l, int at, char const *name, place const *p)
{
  int const to = open_place(l->fix->lost_fd, p);
  int r;
  if (to < 0) return -1;
  r = l->moves ? renameat(at, name, to, name) : linkat(at, name, to, name, 0);
  fd_close(to);
  return r < 0 ? -1 : 1;
}

static int lose_in(qq_loser *l, int fd, place const *p);

static int lose_directory(qq_loser *l, int at, char const *name, place const *p)
{
  place const below = { p, name };
  int directory;
  if (!p->above && qq_directory_scan(name, &directory))
    return lose_in(l, qq_queue_directory(at, name), &below);
  return l->moves ? put(l, at, name, p) : 1;
}

static int lose_entry(qq_loser *l, int at, struct dirent const *e, place const *p)
{
  int const r = is_directory(at, e);
  if (r) return r < 0 ? -1 : lose_directory(l, at, e->d_name, p);
  l->names++;
  return qq_numbers_have(&l->fix->kept, e->d_ino) ? 1 : put(l, at, e->d_name, p);
}

/* fd is closed. */
static int lose_in(qq_loser *l, int fd, place const *p)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, fd) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) if (lose_entry(l, d.fd, d.entry, p) < 0) break;
  qq_directory_end(&d);
  return r ? -1 : 1;
}

int qq_loser_lose(qq_loser *l, int tree_fd, char const *name)
{
  place const p = { 0, name };
  int const fd = tree_fd < 0 ? -1 : qq_queue_directory(tree_fd, ".");
  if (tree_fd < 0) return 1;
  return lose_in(l, fd, &p) > 0 ? 1 : qq_fix_unable(l->fix, name);
}
