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

static int give_to(int fd, qq_owner const *owner)
{
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  if ((st.st_uid != owner->uid || st.st_gid != owner->gid)
    && fchown(fd, owner->uid, owner->gid) < 0) return -1;
  return fchmod(fd, owner->mode & 07777) < 0 ? -1 : 1;
}

static int write_all(int fd, char const *s, size_t n, qq_owner const *owner)
{
  return give_to(fd, owner) > 0 && allwrite(fd, s, n) == n && fsync(fd) >= 0 ? 1 : -1;
}

int qq_unlink(int directory, char const *name)
{
  return unlinkat(directory, name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

void qq_discard(int directory, char const *name)
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
  if (qq_unlink(directory, name) < 0) return -1;
  fd = openat(directory, name, flags, 0600);
  if (fd < 0) return -1;
  r = write_all(fd, s, n, owner);
  if (r < 0) fd_close(fd);
  else if (close(fd) < 0) r = -1;
  if (r < 0) qq_discard(directory, name);
  return r;
}

static int name_temporary(char *temporary, char const *name)
{
  if (snprintf(temporary, NAME_MAX + 1, ".%s.new", name) <= NAME_MAX) return 1;
  errno = ENAMETOOLONG;
  return -1;
}

int qq_replace(int directory, char const *name, char const *s, size_t n, qq_owner const *owner)
{
  char temporary[NAME_MAX + 1];
  if (name_temporary(temporary, name) < 0) return -1;
  if (qq_replace_prepare(directory, temporary, s, n, owner) < 0) return -1;
  if (renameat(directory, temporary, directory, name) < 0) {
    qq_discard(directory, temporary);
    return -1;
  }
  return fsync(directory) < 0 ? -1 : 1;
}

static int is_empty(int fd)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return -1;
  r = qq_directory_next(&d);
  qq_directory_end(&d);
  return r < 0 ? -1 : !r;
}

/* Whoever may write to the directory above may have put another one in the place of what we have
   just made: only what is ours, and has nothing in it, is given away. */
static int give_new(int fd, qq_owner const *owner)
{
  struct stat st;
  int r = fstat(fd, &st) < 0 ? -1 : st.st_uid == geteuid();
  if (r > 0) r = is_empty(fd);
  if (!r) errno = EBUSY;
  return r > 0 && give_to(fd, owner) > 0 && fsync(fd) >= 0 ? 1 : -1;
}

int qq_make_directory(int directory, char const *name, qq_owner const *owner)
{
  char temporary[NAME_MAX + 1];
  int fd, r;
  if (name_temporary(temporary, name) < 0) return -1;
  if (unlinkat(directory, temporary, AT_REMOVEDIR) < 0 && errno != ENOENT) return -1;
  if (mkdirat(directory, temporary, 0700) < 0) return -1;
  fd = openat(directory, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  r = give_new(fd, owner);
  fd_close(fd);
  if (r < 0 || renameat(directory, temporary, directory, name) < 0) return -1;
  return fsync(directory) < 0 ? -1 : 1;
}
