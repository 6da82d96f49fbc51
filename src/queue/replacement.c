#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/os.h>
#include "queue-private.h"

static char const record[] = { QQ_RECORD_SENDER, '#', '@', '[', ']', 0 };

#define NAME_SIZE (sizeof QQ_NAME_REPLACEMENT + QQ_NUMBER_FMT)

/* Sets name. Returns the descriptor of the directory that it is in, or -1 with errno. */
static int find_place(qq_shard *shard, uint64_t id, char *name)
{
  size_t const n = sizeof QQ_NAME_REPLACEMENT - 1;
  memcpy(name, QQ_NAME_REPLACEMENT, n);
  name[n + qq_number_format(name + n, id)] = 0;
  return qq_shard_directory_of(shard, QQ_INFO, id);
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
  char name[NAME_SIZE];
  int const directory = find_place(shard, id, name);
  int fd, r;
  if (directory < 0) return -1;
  fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  r = fill(fd, info);
  if (r < 0) fd_close(fd);
  else if (close(fd) < 0) r = -1;
  if (r < 0) qq_discard(directory, name);
  return r;
}

int qq_replacement_exchange(qq_shard *shard, uint64_t id)
{
  char name[NAME_SIZE], old[QQ_NUMBER_FMT + 1];
  int const directory = find_place(shard, id, name);
  int r;
  if (directory < 0) return -1;
  old[qq_number_format(old, id)] = 0;
  r = qq_os_exchange(directory, name, old);
  qq_discard(directory, name);
  return r;
}

/* In one write, as long as the old one. */
static int overwrite(int fd)
{
  struct stat st;
  size_t size = sizeof record;
  char *text;
  int r;
  if (fstat(fd, &st) < 0) return -1;
  if (st.st_size > (off_t)size) size = (size_t)st.st_size;
  text = calloc(size, 1);
  if (!text) return -1;
  memcpy(text, record, sizeof record);
  r = pwrite(fd, text, size, 0) == (ssize_t)size ? 1 : -1;
  free(text);
  return r;
}

int qq_replacement_write(qq_shard *shard, uint64_t id)
{
  int const fd = qq_shard_open_to_change(shard, QQ_INFO, id, O_RDWR);
  int const r = fd < 0 ? -1 : overwrite(fd);
  if (fd >= 0) fd_close(fd);
  return r;
}

void qq_replacement_sweep(qq_shard *shard, uint64_t id)
{
  char name[NAME_SIZE];
  int const e = errno, directory = find_place(shard, id, name);
  if (directory >= 0) qq_discard(directory, name);
  errno = e;
}
