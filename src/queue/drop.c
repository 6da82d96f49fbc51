#include <qq/names.h>
#include <qq/remove.h>

static qq_outcome result(int r, uint64_t marked)
{
  if (r < 0) return marked ? QQ_OUTCOME_UNFINISHED : QQ_OUTCOME_FAILED;
  return marked ? QQ_OUTCOME_SILENCED : QQ_OUTCOME_GONE;
}

static qq_outcome drop_preprocessed(qq_shard *shard, uint64_t id, qq_meant const *meant, uint64_t *marked, stralloc *why)
{
  unsigned int c;
  int r = 1;
  for (c = 0; r > 0 && c < shard->queue->channels; c++)
    if (!meant->channels || meant->channels[c])
      r = qq_mark_recipients(shard, QQ_CHANNEL + c, id, QQ_RECORD_DONE, meant->matcher, marked, why);
  return result(r, *marked);
}

/* qmail-send makes info before it reads the recipients: if it is there, they may have been read
   before they were marked, and will be in the channels' files. */
static qq_outcome drop_new(qq_shard *shard, uint64_t id, qq_meant const *meant, uint64_t *marked, stralloc *why)
{
  struct stat st;
  int const r = qq_mark_recipients(shard, QQ_TODO, id, QQ_RECORD_UID, meant->matcher, marked, why);
  if (r > 0 && meant->is_online && (qq_shard_stat(shard, QQ_INFO, id, &st) > 0 || qq_shard_stat(shard, QQ_TODO, id, &st) < 0)) return QQ_OUTCOME_WAITING;
  return result(r, *marked);
}

qq_outcome qq_drop_recipients(qq_shard *shard, qq_id const *id, qq_pin const *pin, qq_meant const *meant, uint64_t *marked, stralloc *why)
{
  if (pin->state == QQ_STATE_PREPROCESSED) return drop_preprocessed(shard, id->id, meant, marked, why);
  if (pin->state != QQ_STATE_NEW) return QQ_OUTCOME_GONE;
  return meant->channels ? QQ_OUTCOME_WAITING : drop_new(shard, id->id, meant, marked, why);
}
