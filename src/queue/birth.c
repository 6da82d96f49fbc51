#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/id.h>
#include <qq/schedule.h>
#include <qq/when.h>

int qq_birth_get(qq_shard *shard, uint64_t id, uint64_t *birth)
{
  struct stat st;
  if (qq_shard_stat(shard, QQ_INFO, id, &st) < 0) return -1;
  *birth = qq_stamp(&st);
  return 1;
}

int qq_birth_set(qq_shard *shard, uint64_t id, uint64_t birth)
{
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  int const fd = qq_shard_open(shard, QQ_INFO, id, O_RDONLY);
  int r;
  if (fd < 0) return -1;
  times[1].tv_sec = (time_t)(birth / QQ_SECOND);
  times[1].tv_nsec = (long)(birth % QQ_SECOND);
  r = futimens(fd, times);
  fd_close(fd);
  return r < 0 ? -1 : 1;
}
