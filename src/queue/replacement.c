#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/names.h>
#include <qq/os.h>
#include "silencing.h"

static char const record[] = { QQ_RECORD_SENDER, '#', '@', '[', ']', 0 };

#define NAME_SIZE (sizeof QQ_NAME_REPLACEMENT + QQ_NUMBER_FMT)

static void name_it(char *name, uint64_t id)
{
  size_t const n = sizeof QQ_NAME_REPLACEMENT - 1;
  memcpy(name, QQ_NAME_REPLACEMENT, n);
  name[n + qq_number_format(name + n, id)] = 0;
}

int qq_replacement_is_there(int fd)
{
  char s[sizeof record];
  ssize_t const n = pread(fd, s, sizeof s, 0);
  return n < 0 ? -1 : n == (ssize_t)sizeof s && !memcmp(s, record, sizeof s);
}

static int fill(int fd, struct stat const *info)
{
  if (fchown(fd, info->st_uid, info->st_gid) < 0 || fchmod(fd, info->st_mode & 0777) < 0) return -1;
  return allwrite(fd, record, sizeof record) == sizeof record ? 1 : -1;
}

int qq_replacement_make(qq_shard *shard, uint64_t id, struct stat const *info)
{
  int const directory = qq_shard_directory_of(shard, QQ_INFO, id);
  char name[NAME_SIZE];
  int fd, r, e;
  if (directory < 0) return -1;
  name_it(name, id);
  fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  r = fill(fd, info);
  e = errno;
  if (close(fd) < 0 && r > 0) {
    e = errno;
    r = -1;
  }
  if (r < 0) unlinkat(directory, name, 0);
  errno = e;
  return r;
}

int qq_replacement_exchange(qq_shard *shard, uint64_t id)
{
  int const directory = qq_shard_directory_of(shard, QQ_INFO, id);
  char name[NAME_SIZE], old[QQ_NUMBER_FMT + 1];
  int r, e;
  if (directory < 0) return -1;
  name_it(name, id);
  old[qq_number_format(old, id)] = 0;
  r = qq_os_exchange(directory, name, old);
  e = errno;
  unlinkat(directory, name, 0);
  errno = e;
  return r;
}

int qq_replacement_write(qq_shard *shard, uint64_t id)
{
  int const fd = qq_shard_open(shard, QQ_INFO, id, O_RDWR);
  stralloc text = STRALLOC_ZERO;
  struct stat st;
  int r = -1, e;
  if (fd < 0) return -1;
  if (!fstat(fd, &st) && stralloc_catb(&text, record, sizeof record)) {
    size_t const size = st.st_size > (off_t)sizeof record ? (size_t)st.st_size : sizeof record;
    if (stralloc_readyplus(&text, size)) {
      memset(text.s + text.len, 0, size - text.len);
      text.len = size;
      r = pwrite(fd, text.s, text.len, 0) == (ssize_t)text.len ? 1 : -1;
    }
  }
  e = errno;
  stralloc_free(&text);
  close(fd);
  errno = e;
  return r;
}

void qq_replacement_sweep(qq_shard *shard, uint64_t id)
{
  int const directory = qq_shard_directory_of(shard, QQ_INFO, id), e = errno;
  char name[NAME_SIZE];
  if (directory < 0) return;
  name_it(name, id);
  unlinkat(directory, name, 0);
  errno = e;
}
