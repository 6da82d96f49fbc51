#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>

#define LOCK_TIMES 100
#define LOCK_NANOSECONDS 10000000

/* What is no pipe can be opened whoever reads it. */
static int open_pipe(int queue_fd)
{
  int const fd = qq_open_below(queue_fd, QQ_NAME_TRIGGER, O_WRONLY | O_NONBLOCK);
  struct stat st;
  if (fd < 0 || (!fstat(fd, &st) && S_ISFIFO(st.st_mode))) return fd;
  close(fd);
  errno = ENXIO;
  return -1;
}

/* Its reader closes the pipe and opens it again before it looks at todo (trigger.c:trigger_set); so
   nobody there twice in a row is nobody. */
static int open_trigger(int queue_fd)
{
  static struct timespec const pause = { 0, 1000000 };
  int const fd = open_pipe(queue_fd);
  if (fd >= 0 || errno != ENXIO) return fd;
  nanosleep(&pause, 0);
  return open_pipe(queue_fd);
}

int qq_trigger_has_reader(int queue_fd)
{
  int const fd = open_trigger(queue_fd);
  if (fd < 0) return errno == ENXIO ? 0 : -1;
  close(fd);
  return 1;
}

int qq_trigger_pull(int queue_fd)
{
  int const fd = open_trigger(queue_fd);
  ssize_t n;
  if (fd < 0) return errno == ENXIO ? 0 : -1;
  n = write(fd, "", 1);
  fd_close(fd);
  /* a full pipe has been pulled already; a broken one belongs to a reader that is just opening it
     again, to look at todo */
  return n == 1 || errno == EAGAIN || errno == EPIPE ? 1 : -1;
}

/* fcntl(2) with a record lock of that type on all of the file. */
static int record_lock(int fd, int command, short type, struct flock *l)
{
  memset(l, 0, sizeof *l);
  l->l_type = type;
  l->l_whence = SEEK_SET;
  return fcntl(fd, command, l);
}

static int take_record_lock(int fd)
{
  struct flock l;
  if (record_lock(fd, F_SETLK, F_WRLCK, &l) >= 0) return 1;
  return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

int qq_sendmutex_open(int queue_fd)
{
  return qq_open_below(queue_fd, QQ_NAME_SENDMUTEX, O_WRONLY | O_NONBLOCK);
}

/* The process that has one of the locks on fd, or 0. */
static pid_t holder_of(int fd)
{
  struct flock l;
  struct stat st;
  if (record_lock(fd, F_GETLK, F_WRLCK, &l) >= 0 && l.l_type != F_UNLCK && l.l_pid > 0)
    return l.l_pid;
  return fstat(fd, &st) < 0 ? 0 : qq_os_lock_holder(st.st_dev, st.st_ino);
}

int qq_sendmutex_holder(int queue_fd, pid_t *holder)
{
  int const fd = qq_sendmutex_open(queue_fd);
  if (fd < 0) return -1;
  *holder = holder_of(fd);
  close(fd);
  return 1;
}

/* Returns 1; 0: somebody has one of them, and none is kept; -1 with errno. */
static int take_both(int fd)
{
  int r = qq_os_flock(fd);
  int e;
  if (r < 1) return r;
  r = take_record_lock(fd);
  if (r > 0) return 1;
  e = errno;
  qq_os_funlock(fd);
  errno = e;
  return r;
}

int qq_sendmutex_lock_soon(int fd)
{
  static struct timespec const pause = { 0, LOCK_NANOSECONDS };
  int i, r = 0;
  for (i = 0; i < LOCK_TIMES && !r; i++) {
    if (i) nanosleep(&pause, 0);
    r = take_both(fd);
  }
  return r;
}

int qq_sendmutex_unlock(int fd)
{
  struct flock l;
  return record_lock(fd, F_SETLK, F_UNLCK, &l) < 0 || qq_os_funlock(fd) < 0 ? -1 : 1;
}

int qq_sendmutex_take(int queue_fd, pid_t *holder)
{
  int const fd = qq_sendmutex_open(queue_fd);
  int r;
  *holder = 0;
  if (fd < 0) return -1;
  r = take_both(fd);
  if (r > 0) return fd;
  if (!r) {
    *holder = holder_of(fd);
    errno = EBUSY;
  }
  fd_close(fd);
  return -1;
}

int qq_sendmutex_inherited(int queue_fd)
{
  char const *said = getenv(QQ_VARIABLE_MUTEX);
  struct stat ours, named;
  uint64_t n;
  int fd;
  if (!said || !qq_number_scan(said, strlen(said), &n) || n > 1048576) return -1;
  fd = (int)n;
  if (qq_stat_below(queue_fd, QQ_NAME_SENDMUTEX, &ours) < 0
    || fstat(fd, &named) < 0 || ours.st_dev != named.st_dev || ours.st_ino != named.st_ino)
    return -1;
  return qq_os_flock(fd) == 1 ? fd : -1;
}
