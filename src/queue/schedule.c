#include <errno.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/queue.h>
#include <qq/schedule.h>
#include <qq/when.h>

uint64_t qq_schedule_next(uint64_t birth, uint64_t now, unsigned int channel)
{
  uint64_t const skip = channel == QQ_CHANNEL_LOCAL ? QQ_SKIP_LOCAL : QQ_SKIP_REMOTE;
  uint64_t const age = now > birth ? (now - birth) / QQ_SECOND : 0;
  uint64_t k = 0;
  while (k * skip * k * skip <= age) k++;       /* a week has 78 of these */
  return birth + k * skip * k * skip * QQ_SECOND;
}

int qq_schedule_due(qq_shard *shard, uint64_t id, unsigned int channel, uint64_t birth, int is_running, uint64_t *due)
{
  struct stat st;
  if (qq_shard_stat(shard, QQ_CHANNEL + channel, id, &st) < 0) return errno == ENOENT ? 0 : -1;
  *due = is_running ? qq_schedule_next(birth, qq_now(), channel) : qq_stamp(&st);
  return 1;
}

uint64_t qq_schedule_end(uint64_t birth, uint64_t queuelifetime_seconds)
{
  if (queuelifetime_seconds > (UINT64_MAX - birth) / QQ_SECOND) return UINT64_MAX;
  return birth + queuelifetime_seconds * QQ_SECOND;
}
