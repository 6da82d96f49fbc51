#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/stralloc.h>
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
  if ((st.st_uid != owner->uid || st.st_gid != owner->gid) && fchown(fd, owner->uid, owner->gid) < 0) return -1;
  if (fchmod(fd, owner->mode & 07777) < 0) return -1;
  return allwrite(fd, s, n) == n && fsync(fd) >= 0 ? 1 : -1;
}

int qq_replace_prepare(int directory, char const *name, char const *s, size_t n, qq_owner const *owner)
{
  int fd, r, e;
  if (unlinkat(directory, name, 0) < 0 && errno != ENOENT) return -1;
  fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  r = write_all(fd, s, n, owner);
  e = errno;
  if (close(fd) < 0 && r > 0) {
    e = errno;
    r = -1;
  }
  if (r < 0) unlinkat(directory, name, 0);
  errno = e;
  return r;
}

int qq_replace(int directory, char const *name, char const *s, size_t n, qq_owner const *owner)
{
  stralloc temporary = STRALLOC_ZERO;
  int r = -1, e;
  if (stralloc_cats(&temporary, ".") && stralloc_cats(&temporary, name) && stralloc_cats(&temporary, ".new") && stralloc_0(&temporary)
    && (r = qq_replace_prepare(directory, temporary.s, s, n, owner)) > 0
    && (r = renameat(directory, temporary.s, directory, name)) < 0) {
    e = errno;
    unlinkat(directory, temporary.s, 0);
    errno = e;
  }
  if (r >= 0) r = fsync(directory) < 0 ? -1 : 1;
  e = errno;
  stralloc_free(&temporary);
  errno = e;
  return r;
}
