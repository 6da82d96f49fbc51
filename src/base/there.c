#include <errno.h>
#include <fcntl.h>
#include <qq/file.h>

int qq_is_there(int directory, char const *name, struct stat *st)
{
  if (!fstatat(directory, name, st, AT_SYMLINK_NOFOLLOW)) return 1;
  return errno == ENOENT ? 0 : -1;
}
