#include <fcntl.h>
#include <skalibs/djbunix.h>
#include <qq/id.h>
#include <qq/queue.h>

int qq_tree_numbers(genalloc *numbers, qq_queue const *q, unsigned int tree)
{
  int const fd = openat(q->fd, q->trees[tree], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int r;
  if (fd < 0) return -1;
  r = qq_numbers_read(numbers, fd, 0);
  fd_close(fd);
  return r;
}
