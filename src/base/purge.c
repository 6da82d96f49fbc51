#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/purge.h>

/* Nobody nests directories like this. */
#define DEEP 64

static int purge_in(int at, char const *name, unsigned int depth);

static int purge_entries(DIR *d, unsigned int depth)
{
  struct dirent *e;
  for (;;) {
    errno = 0;
    e = readdir(d);
    if (!e) return errno ? -1 : 1;
    if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
    if (purge_in(dirfd(d), e->d_name, depth) < 0) return -1;
  }
}

/* A file, a link or a directory; what vanishes meanwhile is as good as removed. */
static int purge_in(int at, char const *name, unsigned int depth)
{
  int fd, r, e;
  DIR *d;
  if (!unlinkat(at, name, 0) || errno == ENOENT) return 1;
  if ((errno != EISDIR && errno != EPERM) || !depth) return -1;
  fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  d = fdopendir(fd);
  if (!d) {
    close(fd);
    return -1;
  }
  r = purge_entries(d, depth - 1);
  e = errno;
  closedir(d);
  errno = e;
  if (r > 0 && unlinkat(at, name, AT_REMOVEDIR) < 0) return -1;
  return r;
}

int qq_purge(int directory, char const *name)
{
  return purge_in(directory, name, DEEP);
}
