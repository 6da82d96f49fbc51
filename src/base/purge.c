#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <qq/file.h>

/* Nobody nests directories like this. */
#define DEEP 64

static int purge_in(int at, char const *name, unsigned int depth);

static int purge_directory(int at, char const *name, unsigned int depth)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0 && purge_in(d.fd, d.entry->d_name, depth) > 0) ;
  qq_directory_end(&d);
  return r || unlinkat(at, name, AT_REMOVEDIR) < 0 ? -1 : 1;
}

/* A file, a link or a directory; what vanishes meanwhile is as good as removed. */
static int purge_in(int at, char const *name, unsigned int depth)
{
  if (!unlinkat(at, name, 0) || errno == ENOENT) return 1;
  return (errno == EISDIR || errno == EPERM) && depth ? purge_directory(at, name, depth - 1) : -1;
}

int qq_purge(int directory, char const *name)
{
  return purge_in(directory, name, DEEP);
}
