#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>

int qq_is_there(int directory, char const *name, struct stat *st)
{
  if (!fstatat(directory, name, st, AT_SYMLINK_NOFOLLOW)) return 1;
  return errno == ENOENT ? 0 : -1;
}

int qq_leads_nowhere(int e)
{
  return e == ENOENT || e == ENOTDIR || e == ELOOP || e == ENAMETOOLONG;
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
