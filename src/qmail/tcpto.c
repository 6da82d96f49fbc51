#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/names.h>
#include <qq/sendmutex.h>
#include <qq/tcpto.h>

#define LOCK_TIMES 100
#define LOCK_NANOSECONDS 10000000

/* The lock is the primitive of sendmutex (tcpto.c:getbuf, lock_ex.c). */
static int lock(int fd)
{
  static struct timespec const pause = { 0, LOCK_NANOSECONDS };
  int i, r = 0;
  for (i = 0; i < LOCK_TIMES && !r; i++) {
    if (i) nanosleep(&pause, 0);
    r = qq_sendmutex_lock(fd);
  }
  if (!r) errno = EBUSY;
  return r > 0 ? 1 : -1;
}

static int write_zeros(int fd, off_t size)
{
  static char const zeros[1024];
  off_t at = 0;
  while (at < size) {
    size_t const n = size - at < (off_t)sizeof zeros ? (size_t)(size - at) : sizeof zeros;
    ssize_t const written = pwrite(fd, zeros, n, at);
    if (written < 0) return -1;
    at += written;
  }
  return 1;
}

int qq_tcpto_clear(int queue_fd)
{
  int const fd = openat(queue_fd, QQ_NAME_TCPTO, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  int r;
  if (fd < 0) return -1;
  r = lock(fd);
  if (r > 0) r = fstat(fd, &st) < 0 ? -1 : write_zeros(fd, st.st_size);
  fd_close(fd);
  return r;
}
