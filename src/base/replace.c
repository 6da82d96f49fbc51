#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>

qq_owner qq_owner_self(mode_t mode)
{
  qq_owner const owner = { geteuid(), getegid(), mode };
  return owner;
}

static int write_all(int fd, char const *s, size_t n, qq_owner const *owner)
{
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  if ((st.st_uid != owner->uid || st.st_gid != owner->gid)
    && fchown(fd, owner->uid, owner->gid) < 0) return -1;
  if (fchmod(fd, owner->mode & 07777) < 0) return -1;
  return allwrite(fd, s, n) == n && fsync(fd) >= 0 ? 1 : -1;
}

/* errno stays. */
static void take_away(int directory, char const *name)
{
  int const e = errno;
  unlinkat(directory, name, 0);
  errno = e;
}

int qq_replace_prepare(int directory, char const *name, char const *s, size_t n,
  qq_owner const *owner)
{
  int const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd, r;
  if (unlinkat(directory, name, 0) < 0 && errno != ENOENT) return -1;
  fd = openat(directory, name, flags, 0600);
  if (fd < 0) return -1;
  r = write_all(fd, s, n, owner);
  if (r < 0) fd_close(fd);
  else if (close(fd) < 0) r = -1;
  if (r < 0) take_away(directory, name);
  return r;
}

int qq_replace(int directory, char const *name, char const *s, size_t n, qq_owner const *owner)
{
  char temporary[NAME_MAX + 1];
  if (snprintf(temporary, sizeof temporary, ".%s.new", name) > NAME_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (qq_replace_prepare(directory, temporary, s, n, owner) < 0) return -1;
  if (renameat(directory, temporary, directory, name) < 0) {
    take_away(directory, temporary);
    return -1;
  }
  return fsync(directory) < 0 ? -1 : 1;
}
