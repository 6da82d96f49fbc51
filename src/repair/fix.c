/* Our directory in the queue, and the mode of the queue. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/os.h>
#include <qq/when.h>
#include <qq/repair.h>

int qq_fix_unable(qq_fix *f, char const *name)
{
  return qq_refuse(f->why, errno, "%s/%s: %s", f->path, name, strerror(errno));
}

static void close_one(int *fd)
{
  if (*fd >= 0) fd_close(*fd);
  *fd = -1;
}

static void close_below(qq_fix *f)
{
  close_one(&f->new_fd);
  close_one(&f->old_fd);
  close_one(&f->lost_fd);
}

void qq_fix_end(qq_fix *f)
{
  close_below(f);
  close_one(&f->fd);
  stralloc_free(&f->date);
  genalloc_free(uint64_t, &f->kept);
}

int qq_fix_open(qq_fix *f)
{
  int r;
  f->fd = qq_queue_directory(f->queue_fd, QQ_NAME_FIX);
  if (f->fd < 0) return errno == ENOENT ? 0 : qq_fix_unable(f, QQ_NAME_FIX);
  r = qq_os_flock(f->fd);
  if (r > 0) return 1;
  if (!r) qq_refuse(f->why, EBUSY, _("%s is being rebuilt by another program"), f->path);
  else qq_fix_unable(f, QQ_NAME_FIX);
  close_one(&f->fd);
  return -1;
}

/* Where there is no directory, *fd is -1. */
static int open_one(qq_fix *f, char const *name, int *fd)
{
  close_one(fd);
  *fd = qq_queue_directory(f->fd, QQ_WITHIN_FIX(name));
  return *fd >= 0 || errno == ENOENT ? 1 : qq_fix_unable(f, name);
}

/* The name of the directory in .fix/lost. Returns 1; 0: there is none; or -1 with errno. */
static int find_date(qq_fix *f, int lost)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_queue_directory(lost, ".")) < 0) return -1;
  r = qq_directory_next(&d);
  if (r > 0 && !qq_copy_string(&f->date, d.entry->d_name)) r = -1;
  qq_directory_end(&d);
  return r;
}

static int open_lost(qq_fix *f)
{
  int lost = -1, r = open_one(f, QQ_NAME_FIX_LOST, &lost);
  close_one(&f->lost_fd);
  if (r < 0 || lost < 0) return r;
  r = find_date(f, lost);
  if (r > 0 && (f->lost_fd = qq_queue_directory(lost, f->date.s)) < 0) r = -1;
  fd_close(lost);
  return r < 0 ? qq_fix_unable(f, QQ_NAME_FIX_LOST) : 1;
}

int qq_fix_open_all(qq_fix *f)
{
  return open_one(f, QQ_NAME_FIX_NEW, &f->new_fd) > 0
    && open_one(f, QQ_NAME_FIX_OLD, &f->old_fd) > 0 ? open_lost(f) : -1;
}

int qq_fix_has(qq_fix *f, char const *name)
{
  struct stat st;
  int const r = qq_is_there(f->fd, QQ_WITHIN_FIX(name), &st);
  return r < 0 ? qq_fix_unable(f, name) : r;
}

/* ---- closing and opening the queue ---- */

static int set_mode(int fd, mode_t mode)
{
  return fchmod(fd, mode) < 0 || fsync(fd) < 0 ? -1 : 1;
}

/* The mode that the queue had is on the disk before it is closed. */
int qq_fix_close_queue(qq_fix *f)
{
  struct stat st;
  if (fstat(f->queue_fd, &st) < 0) return qq_fix_unable(f, ".");
  if (mkdirat(f->queue_fd, QQ_NAME_FIX, 0700) < 0 || qq_fix_open(f) < 1
    || set_mode(f->fd, st.st_mode & 07777) < 0 || fsync(f->queue_fd) < 0)
    return f->why->len ? -1 : qq_fix_unable(f, QQ_NAME_FIX);
  return set_mode(f->queue_fd, 0) < 0 ? qq_fix_unable(f, ".") : 1;
}

/* Of a rebuild that is taken back, `ready' goes before anybody can change the old trees again. */
static int unset_ready(qq_fix *f)
{
  if (!unlinkat(f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_READY), 0))
    return fsync(f->fd) < 0 ? qq_fix_unable(f, QQ_NAME_FIX_READY) : 1;
  return errno == ENOENT ? 1 : qq_fix_unable(f, QQ_NAME_FIX_READY);
}

/* One that is open has never been closed, or is open again. */
static int give_mode_back(qq_fix *f)
{
  struct stat queue, st;
  if (fstat(f->queue_fd, &queue) >= 0 && fstat(f->fd, &st) >= 0
    && (queue.st_mode & 07777 || set_mode(f->queue_fd, st.st_mode & 07777) > 0)) return 1;
  return qq_fix_unable(f, ".");
}

/* The queue first: nobody has to wait for what is not needed any more. `done' says until the end
   that it is not. */
int qq_fix_open_queue(qq_fix *f)
{
  static char const *const names[] = { QQ_NAME_FIX_NEW, QQ_NAME_FIX_LOST, QQ_NAME_FIX_OLD,
    QQ_NAME_FIX_DONE };
  size_t i;
  close_below(f);
  if (unset_ready(f) < 0 || give_mode_back(f) < 0) return -1;
  for (i = 0; i < sizeof names / sizeof *names; i++)
    if (qq_purge(f->fd, QQ_WITHIN_FIX(names[i]), 0) < 0) return qq_fix_unable(f, names[i]);
  return unlinkat(f->queue_fd, QQ_NAME_FIX, AT_REMOVEDIR) < 0 ? qq_fix_unable(f, QQ_NAME_FIX) : 1;
}
