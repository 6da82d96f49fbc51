#include <errno.h>
#include <fcntl.h>
#include <skalibs/djbunix.h>
#include <qq/names.h>
#include <qq/schedule.h>
#include <qq/when.h>

int qq_birth_get(qq_shard *shard, uint64_t id, uint64_t *birth)
{
  struct stat st;
  if (qq_shard_stat(shard, QQ_INFO, id, &st) < 0) return -1;
  *birth = qq_stamp(&st);
  return 1;
}

static int set_mtime(qq_shard *shard, unsigned int tree, uint64_t id, uint64_t moment)
{
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  int const fd = qq_shard_open_to_change(shard, tree, id, O_RDONLY);
  int r;
  if (fd < 0) return -1;
  times[1].tv_sec = (time_t)(moment / QQ_SECOND);
  times[1].tv_nsec = (long)(moment % QQ_SECOND);
  r = futimens(fd, times);
  fd_close(fd);
  return r < 0 ? -1 : 1;
}

int qq_birth_set(qq_shard *shard, uint64_t id, uint64_t birth)
{
  return set_mtime(shard, QQ_INFO, id, birth);
}

int qq_schedule_set_due(qq_shard *shard, uint64_t id, unsigned int channel, uint64_t due)
{
  return set_mtime(shard, QQ_CHANNEL + channel, id, due);
}

/* The next ideal attempt behind now: (k * skip) squared seconds after the birth. */
static uint64_t next_attempt(uint64_t birth, uint64_t now, unsigned int channel)
{
  uint64_t const skip = channel == QQ_CHANNEL_LOCAL ? QQ_SKIP_LOCAL : QQ_SKIP_REMOTE;
  uint64_t const age = now > birth ? (now - birth) / QQ_SECOND : 0;
  uint64_t k = 0;
  while (k * skip * k * skip <= age) k++;       /* a week has 78 of these */
  return birth + k * skip * k * skip * QQ_SECOND;
}

int qq_schedule_due(qq_shard *shard, uint64_t id, unsigned int channel, uint64_t birth,
  int is_running, uint64_t *due)
{
  struct stat st;
  if (qq_shard_stat(shard, QQ_CHANNEL + channel, id, &st) < 0) return errno == ENOENT ? 0 : -1;
  *due = is_running ? next_attempt(birth, qq_now(), channel) : qq_stamp(&st);
  return 1;
}

uint64_t qq_schedule_end(uint64_t birth, uint64_t queuelifetime)
{
  if (queuelifetime > (UINT64_MAX - birth) / QQ_SECOND) return UINT64_MAX;
  return birth + queuelifetime * QQ_SECOND;
}

int qq_schedule_is_ending(uint64_t birth, uint64_t queuelifetime)
{
  return qq_schedule_end(birth, queuelifetime) < qq_now() + QQ_SCHEDULE_MARGIN;
}
