#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/lock.h>
#include <qq/names.h>

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
  int const fd = qq_open_below(queue_fd, QQ_NAME_TCPTO, O_WRONLY | O_NONBLOCK);
  struct stat st;
  int r;
  if (fd < 0) return -1;
  r = qq_sendmutex_lock_soon(fd);       /* a lock of the same kind (tcpto.c:getbuf, lock_ex.c) */
  if (!r) errno = EBUSY;
  r = r < 1 ? -1 : fstat(fd, &st) < 0 ? -1 : write_zeros(fd, st.st_size);
  fd_close(fd);
  return r;
}
