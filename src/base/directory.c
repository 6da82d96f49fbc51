#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>

int qq_is_there(int directory, char const *name, struct stat *st)
{
  if (!fstatat(directory, name, st, AT_SYMLINK_NOFOLLOW)) return 1;
  return errno == ENOENT ? 0 : -1;
}

int qq_directory_begin(qq_directory *d, int fd)
{
  if (fd < 0) return -1;
  d->fd = fd;
  d->stream = fdopendir(fd);
  if (d->stream) return 1;
  fd_close(fd);
  return -1;
}

int qq_directory_next(qq_directory *d)
{
  do {
    errno = 0;
    d->entry = readdir(d->stream);
    if (!d->entry) return errno ? -1 : 0;
  } while (!strcmp(d->entry->d_name, ".") || !strcmp(d->entry->d_name, ".."));
  return 1;
}

void qq_directory_end(qq_directory *d)
{
  dir_close(d->stream);
}

/* Nobody nests directories like this. */
#define DEEP 64

static int purge_in(int at, char const *name, unsigned int depth);

static int purge_directory(int at, char const *name, unsigned int depth)
{
  int const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, openat(at, name, flags)) < 0) return -1;
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
