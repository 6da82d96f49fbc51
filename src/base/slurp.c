#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <skalibs/allreadwrite.h>
#include <qq/file.h>
#include <qq/text.h>

int qq_slurp_up_to(stralloc *sa, int fd, size_t limit)
{
  size_t const before = sa->len;
  size_t room = 2048;
  while (sa->len - before <= limit) {
    ssize_t n;
    if (!qq_room(sa, room)) return -1;
    n = fd_read(fd, sa->s + sa->len, room);
    if (n < 0) return -1;
    sa->len += (size_t)n;
    if ((size_t)n < room) return sa->len - before <= limit;
    if (room < 1048576) room *= 4;
  }
  return 0;
}

int qq_slurp(stralloc *sa, int fd)
{
  return qq_slurp_up_to(sa, fd, SIZE_MAX - 1);
}

int qq_slurp_regular(stralloc *sa, int fd, size_t limit)
{
  struct stat st;
  int r;
  if (fstat(fd, &st) < 0) return -1;
  errno = EINVAL;
  if (!S_ISREG(st.st_mode)) return -1;
  r = st.st_size < 0 || (uint64_t)st.st_size > limit ? 0 : qq_slurp_up_to(sa, fd, limit);
  if (!r) errno = EFBIG;
  return r > 0 ? 1 : -1;
}
