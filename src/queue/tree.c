#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/queue.h>

int qq_tree_numbers(genalloc *numbers, qq_queue const *q, unsigned int tree)
{
  int const at = qq_queue_tree(q, tree), fd = at < 0 ? -1 : qq_queue_directory(at, ".");
  int r;
  if (fd < 0) return -1;
  r = qq_numbers_read(numbers, fd, 0);
  fd_close(fd);
  return r;
}

/* ---- down into directories, as many levels as `deep' says ---- */

static int count_in(int at, char const *name, unsigned int deep, uint64_t *count);

static int count_entry(int fd, struct dirent const *e, unsigned int deep, uint64_t *count)
{
  int const regular = qq_os_is_regular(e);
  struct stat st;
  int r;
  if (regular == 1 || (!regular && !deep)) {
    *count += (uint64_t)regular;
    return 1;
  }
  r = qq_is_there(fd, e->d_name, &st);
  if (r != 1) return r < 0 ? -1 : 1;
  if (S_ISREG(st.st_mode)) ++*count;
  return deep && S_ISDIR(st.st_mode) ? count_in(fd, e->d_name, deep - 1, count) : 1;
}

static int count_in(int at, char const *name, unsigned int deep, uint64_t *count)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_queue_directory(at, name)) < 0) return errno == ENOENT ? 1 : -1;
  while ((r = qq_directory_next(&d)) > 0 && count_entry(d.fd, d.entry, deep, count) > 0) ;
  qq_directory_end(&d);
  return r ? -1 : 1;
}

int qq_tree_count(qq_queue const *q, unsigned int tree, uint64_t *count)
{
  *count = 0;
  return count_in(q->fds[tree], ".", qq_queue_is_split(q, tree) ? 1 : 0, count);
}

static int waits_in(int at, char const *name, unsigned int deep, uint64_t *since);

static int waits(int fd, char const *name, unsigned int deep, uint64_t *since)
{
  struct stat st;
  uint64_t number;
  int const r = qq_number_scan(name, strlen(name), &number) ? qq_is_there(fd, name, &st) : 0;
  if (r != 1) return r;
  if (S_ISDIR(st.st_mode)) return deep ? waits_in(fd, name, deep - 1, since) : 0;
  if (!S_ISREG(st.st_mode)) return 0;
  *since = qq_stamp(&st);
  return 1;
}

static int waits_in(int at, char const *name, unsigned int deep, uint64_t *since)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, qq_queue_directory(at, name)) < 0) return errno == ENOENT ? 0 : -1;
  while ((r = qq_directory_next(&d)) > 0 && !(r = waits(d.fd, d.entry->d_name, deep, since))) ;
  qq_directory_end(&d);
  return r;
}

int qq_tree_waiting(int queue_fd, uint64_t *since)
{
  return waits_in(queue_fd, QQ_NAME_TODO, 1, since);
}
