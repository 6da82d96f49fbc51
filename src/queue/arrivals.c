#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <qq/arrivals.h>
#include <qq/id.h>
#include <qq/names.h>

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
  int const fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *d = fd < 0 ? 0 : fdopendir(fd);
  struct dirent const *e = 0;
  int r = 0;
  if (!d) {
    if (fd >= 0) fd_close(fd);
    return errno == ENOENT ? 0 : -1;
  }
  for (errno = 0; !r && (e = readdir(d)); errno = 0) r = is_one(fd, e->d_name, deep, since);
  if (!e && errno) r = -1;
  dir_close(d);
  return r;
}

int qq_arrivals_any(int queue_fd, uint64_t *since)
{
  return any_in(queue_fd, QQ_NAME_TODO, DEEP, since);
}
