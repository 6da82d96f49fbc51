#include <stdint.h>
#include <skalibs/allreadwrite.h>
#include <qq/file.h>
#include <qq/text.h>

int qq_slurp_up_to(stralloc *sa, int fd, size_t limit)
{
  size_t room = 2048;
  for (;;) {
    ssize_t n;
    if (!qq_room(sa, room)) return -1;
    n = fd_read(fd, sa->s + sa->len, room);
    if (n < 0) return -1;
    sa->len += (size_t)n;
    if (sa->len > limit) return 0;
    if ((size_t)n < room) return 1;
    if (room < 1048576) room *= 4;
  }
}

int qq_slurp(stralloc *sa, int fd)
{
  return qq_slurp_up_to(sa, fd, SIZE_MAX);
}
