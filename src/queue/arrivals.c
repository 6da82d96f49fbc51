#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/queue.h>

/* Levels below todo/: split or not. */
#define DEEP 1

static int any_in(int at, char const *name, unsigned int deep, uint64_t *since);

static int is_one(int fd, char const *name, unsigned int deep, uint64_t *since)
{
  struct stat st;
  uint64_t number;
  if (!qq_number_scan(name, strlen(name), &number)) return 0;
  if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT ? 0 : -1;
  if (S_ISDIR(st.st_mode)) return deep ? any_in(fd, name, deep - 1, since) : 0;
  if (!S_ISREG(st.st_mode)) return 0;
  *since = qq_stamp(&st);
  return 1;
}

static int any_in(int at, char const *name, unsigned int deep, uint64_t *since)
{
  int const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, openat(at, name, flags)) < 0) return errno == ENOENT ? 0 : -1;
  while ((r = qq_directory_next(&d)) > 0 && !(r = is_one(d.fd, d.entry->d_name, deep, since))) ;
  qq_directory_end(&d);
  return r;
}

int qq_arrivals_any(int queue_fd, uint64_t *since)
{
  return any_in(queue_fd, QQ_NAME_TODO, DEEP, since);
}
