#include <errno.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include <qq/when.h>

/* A message may wait for its preprocessing, which is its birth. As long as that took less than
   this, an expired one is born before it was queued. */
#define MARGIN (UINT64_C(86400) * QQ_SECOND)

/* How far a birth moves; 0: farther than 1970. */
static uint64_t distance(uint64_t birth, uint64_t queuelifetime)
{
  return queuelifetime < birth / QQ_SECOND && birth - queuelifetime * QQ_SECOND > MARGIN ? queuelifetime * QQ_SECOND + MARGIN : 0;
}

int qq_expire_is(uint64_t birth, uint64_t stamp)
{
  return birth < stamp;
}

uint64_t qq_expire_original(uint64_t birth, uint64_t stamp, uint64_t queuelifetime)
{
  uint64_t const original = qq_schedule_end(birth, queuelifetime) < UINT64_MAX - MARGIN ? qq_schedule_end(birth, queuelifetime) + MARGIN : 0;
  return original >= stamp && original <= qq_now() ? original : stamp;
}

static qq_outcome move(qq_shard *shard, uint64_t id, uint64_t birth, qq_outcome outcome, stralloc *why)
{
  if (qq_birth_set(shard, id, birth) > 0) return outcome;
  return errno == ENOENT ? QQ_OUTCOME_GONE : qq_outcome_failed(shard, _("set the birth of"), QQ_INFO, id, why);
}

static qq_outcome refuse(qq_shard const *shard, unsigned int tree, uint64_t id, char const *text, qq_outcome outcome, stralloc *why)
{
  qq_outcome_why(shard, tree, id, text, why);
  return outcome;
}

qq_outcome qq_expire_message(qq_shard *shard, qq_id const *id, qq_pin const *pin, uint64_t queuelifetime, stralloc *why)
{
  uint64_t birth, by;
  if (pin->state == QQ_STATE_NEW) return QQ_OUTCOME_WAITING;
  if (pin->state != QQ_STATE_PREPROCESSED || qq_queue_is_over(shard->queue, pin->owner)) return QQ_OUTCOME_GONE;
  if (qq_queue_holds(shard->queue, pin->owner)) return refuse(shard, QQ_MESS, id->id, _("is held: release it first"), QQ_OUTCOME_FAILED, why);
  if (qq_birth_get(shard, id->id, &birth) < 0)
    return errno == ENOENT ? QQ_OUTCOME_GONE : qq_outcome_failed(shard, _("look at"), QQ_INFO, id->id, why);
  if (qq_schedule_end(birth, queuelifetime) < qq_now()) return QQ_OUTCOME_UNCHANGED;
  by = distance(birth, queuelifetime);
  if (!by) return refuse(shard, QQ_INFO, id->id, _("cannot expire: control/queuelifetime is longer ago than 1970"), QQ_OUTCOME_FAILED, why);
  return move(shard, id->id, birth - by, QQ_OUTCOME_EXPIRED, why);
}

qq_outcome qq_expire_undo(qq_shard *shard, qq_id const *id, qq_pin const *pin, uint64_t queuelifetime, stralloc *why)
{
  uint64_t birth = 0;
  if (qq_queue_is_over(shard->queue, pin->owner)) return QQ_OUTCOME_GONE;
  if (pin->state == QQ_STATE_PREPROCESSED) {
    if (qq_birth_get(shard, id->id, &birth) < 0)
      return errno == ENOENT ? QQ_OUTCOME_GONE : qq_outcome_failed(shard, _("look at"), QQ_INFO, id->id, why);
    if (qq_expire_is(birth, pin->stamp))
      return move(shard, id->id, qq_expire_original(birth, pin->stamp, queuelifetime), QQ_OUTCOME_RESTORED, why);
  }
  else if (pin->state != QQ_STATE_NEW) return QQ_OUTCOME_GONE;
  return refuse(shard, QQ_MESS, id->id, _("is not expired"), QQ_OUTCOME_UNCHANGED, why);
}
