#include <qq/schedule.h>
#include <qq/when.h>

/* A message may wait for its preprocessing, which is its birth. As long as that took less than
   this, an expired one is born before it was queued. */
#define MARGIN (UINT64_C(86400) * QQ_SECOND)

/* How far a birth moves; 0: farther than 1970. */
static uint64_t distance(uint64_t birth, uint64_t queuelifetime)
{
  return queuelifetime < birth / QQ_SECOND && birth - queuelifetime * QQ_SECOND > MARGIN
    ? queuelifetime * QQ_SECOND + MARGIN : 0;
}

static uint64_t at_most_now(uint64_t moment)
{
  uint64_t const now = qq_now();
  return moment < now ? moment : now;
}

int qq_expire_is(uint64_t birth, uint64_t stamp, uint64_t queuelifetime)
{
  if (qq_is_to_come(stamp)) return qq_schedule_end(birth, queuelifetime) < qq_now();
  return birth < stamp;
}

uint64_t qq_expire_original(uint64_t birth, uint64_t stamp, uint64_t queuelifetime)
{
  uint64_t const end = qq_schedule_end(birth, queuelifetime);
  uint64_t const original = end < UINT64_MAX - MARGIN ? end + MARGIN : 0;
  return original >= stamp && original <= qq_now() ? original : at_most_now(stamp);
}

static qq_outcome move(qq_pin const *pin, uint64_t birth, qq_outcome outcome, stralloc *why)
{
  if (qq_birth_set(pin->shard, pin->id, birth) > 0) return outcome;
  return qq_outcome_missed(pin, _("unable to set the birth of %s"), QQ_INFO, why);
}

qq_outcome qq_expire_foresee(qq_pin const *pin, uint64_t queuelifetime, uint64_t *expired,
  stralloc *why)
{
  qq_queue const *q = pin->shard->queue;
  uint64_t birth, by;
  if (pin->state == QQ_STATE_NEW) return QQ_OUTCOME_WAITING;
  if (pin->state != QQ_STATE_PREPROCESSED || qq_queue_is_over(q, pin->owner))
    return QQ_OUTCOME_GONE;
  if (qq_queue_holds(q, pin->owner))
    return qq_outcome_because(QQ_OUTCOME_FAILED, pin, QQ_MESS, _("is held: release it first"), why);
  if (qq_birth_get(pin->shard, pin->id, &birth) < 0)
    return qq_outcome_missed(pin, _("unable to look at %s"), QQ_INFO, why);
  if (qq_schedule_end(birth, queuelifetime) < qq_now()) return QQ_OUTCOME_UNCHANGED;
  birth = at_most_now(birth);
  by = distance(birth, queuelifetime);
  if (!by) return qq_outcome_because(QQ_OUTCOME_FAILED, pin, QQ_INFO,
    _("cannot expire: control/queuelifetime is longer ago than 1970"), why);
  *expired = birth - by;
  return QQ_OUTCOME_EXPIRED;
}

qq_outcome qq_expire_message(qq_pin const *pin, uint64_t queuelifetime, stralloc *why)
{
  uint64_t birth;
  qq_outcome const outcome = qq_expire_foresee(pin, queuelifetime, &birth, why);
  return outcome == QQ_OUTCOME_EXPIRED ? move(pin, birth, outcome, why) : outcome;
}

qq_outcome qq_expire_foresee_undo(qq_pin const *pin, uint64_t queuelifetime, uint64_t *original,
  stralloc *why)
{
  int const is_new = pin->state == QQ_STATE_NEW;
  uint64_t birth = 0;
  if (qq_queue_is_over(pin->shard->queue, pin->owner)
    || (!is_new && pin->state != QQ_STATE_PREPROCESSED)) return QQ_OUTCOME_GONE;
  if (!is_new && qq_birth_get(pin->shard, pin->id, &birth) < 0)
    return qq_outcome_missed(pin, _("unable to look at %s"), QQ_INFO, why);
  if (is_new || !qq_expire_is(birth, pin->stamp, queuelifetime))
    return qq_outcome_because(QQ_OUTCOME_UNCHANGED, pin, QQ_MESS, _("is not expired"), why);
  *original = qq_expire_original(birth, pin->stamp, queuelifetime);
  return QQ_OUTCOME_RESTORED;
}

qq_outcome qq_expire_undo(qq_pin const *pin, uint64_t queuelifetime, stralloc *why)
{
  uint64_t birth;
  qq_outcome const outcome = qq_expire_foresee_undo(pin, queuelifetime, &birth, why);
  return outcome == QQ_OUTCOME_RESTORED ? move(pin, birth, outcome, why) : outcome;
}
