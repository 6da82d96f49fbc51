#include <errno.h>
#include <qq/hold.h>
#include <qq/instance.h>
#include <qq/message.h>
#include <qq/os.h>
#include <qq/schedule.h>
#include <qq/when.h>

/* qmail-send compares whole seconds, and its clock may be a little behind. */
#define MARGIN (2 * QQ_SECOND)

static qq_outcome refuse(qq_pin const *pin, char const *text, stralloc *why)
{
  return qq_outcome_because(QQ_OUTCOME_FAILED, pin, QQ_MESS, text, why);
}

/* In the queue at all, and not on its way out of it. */
static int is_there(qq_pin const *pin)
{
  return (pin->state == QQ_STATE_NEW || pin->state == QQ_STATE_PREPROCESSED)
    && !qq_queue_is_over(pin->shard->queue, pin->owner);
}

/* Says whether the message looks like one whose removal has begun. Held, that is an interrupted
   removal, which holding or releasing would undo by half; another server's double bounce, if it
   were held, could not be told from it. Returns 1 and why, 0, or -1 and why. */
static int looks_removed(qq_pin const *pin, stralloc *why)
{
  qq_id const id = { pin->id, pin->stamp };
  int looks = 0, r;
  qq_message m;
  if (pin->state == QQ_STATE_NEW) return 0;
  qq_message_init(&m, pin->shard, 0);
  qq_message_begin(&m, &id, QQ_LISTED_INFO, 0);
  r = qq_message_pin(&m);
  if (r == 1) r = qq_message_envelope(&m);
  if (r == 1) r = qq_message_looks_removed(&m, &looks);
  if (r == QQ_DAMAGED && !stralloc_catb(why, m.why.s, m.why.len)) errno = ENOMEM;
  qq_message_free(&m);
  if (looks) refuse(pin, qq_queue_holds(pin->shard->queue, pin->owner)
    ? _("its removal was interrupted: give its id to qq-rm again")
    : _("is a double bounce of another server: held, it could not be told from "
      "an interrupted removal"), why);
  return r == QQ_DAMAGED ? -1 : looks;
}

static int is_too_old(uint64_t birth, uint64_t queuelifetime)
{
  return qq_schedule_end(birth, queuelifetime) < qq_now() + MARGIN;
}

/* Whether qmail-send has one of the recipient files open, which it does as long as it has not read
   all of an attempt's recipients. */
static int is_attempted(qq_pin const *pin, pid_t daemon)
{
  unsigned int c;
  int r = qq_process_is_qmail_send(daemon, pin->shard->queue->fd);
  if (r != 1) return -1;
  for (r = 0, c = 0; !r && c < pin->shard->queue->channels; c++) {
    struct stat st;
    if (qq_shard_stat(pin->shard, QQ_CHANNEL + c, pin->id, &st) > 0)
      r = qq_os_process_has_open(daemon, st.st_dev, st.st_ino);
  }
  return r;
}

/* Gives the message to the owner, or its birth back. */
static qq_outcome give(qq_pin *pin, uid_t owner, qq_outcome outcome, uint64_t birth, stralloc *why)
{
  if (qq_pin_give(pin, owner) > 0) return outcome;
  qq_outcome_failed(pin, _("change the owner of"), QQ_MESS, why);
  if (pin->state == QQ_STATE_PREPROCESSED) qq_birth_set(pin->shard, pin->id, birth);
  return QQ_OUTCOME_FAILED;
}

/* An attempt that began when the message was too old makes a failure of every delivery that does
   not succeed, also of those that a hold refuses. The birth is now; so none begins any more. */
static qq_outcome hold_old(qq_pin const *pin, uint64_t birth, qq_hold const *h, stralloc *why)
{
  int const attempted = is_attempted(pin, h->daemon);
  if (!attempted) return QQ_OUTCOME_WAITING;
  qq_birth_set(pin->shard, pin->id, birth);
  return refuse(pin, attempted > 0 ? _("is past its lifetime, and its last attempt is under way")
    : _("is past its lifetime, and whether its last attempt is under way cannot be seen"), why);
}

/* Born now, a message would be too old before the hold is known to be good. */
static int is_too_short(qq_hold const *h)
{
  return h->is_online && h->queuelifetime * QQ_SECOND < MARGIN + QQ_HOLD_GRACE + QQ_SECOND;
}

qq_outcome qq_hold_message(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  uint64_t birth = 0;
  if (!is_there(pin)) return QQ_OUTCOME_GONE;
  if (looks_removed(pin, why)) return QQ_OUTCOME_FAILED;
  if (is_too_short(h))
    return refuse(pin,
      _("the time that control/queuelifetime gives it is too short for a hold"), why);
  if (pin->state == QQ_STATE_NEW) return give(pin, 0, QQ_OUTCOME_HELD, birth, why);
  if (qq_birth_get(pin->shard, pin->id, &birth) < 0
    || qq_birth_set(pin->shard, pin->id, qq_now()) < 0)
    return qq_outcome_missed(pin, _("set the birth of"), QQ_INFO, why);
  if (h->is_online && is_too_old(birth, h->queuelifetime)) return hold_old(pin, birth, h, why);
  return give(pin, 0, QQ_OUTCOME_HELD, birth, why);
}

/* Sets *birth to what it is, and restores it; before the message is given back, so that who is
   killed in between finds it held and does the rest. */
static int restore_birth(qq_pin const *pin, qq_hold const *h, uint64_t *birth)
{
  if (pin->state == QQ_STATE_NEW) return 1;
  if (qq_birth_get(pin->shard, pin->id, birth) < 0) return -1;
  if (is_too_old(pin->stamp, h->queuelifetime)) return 1;
  return qq_birth_set(pin->shard, pin->id, pin->stamp);
}

qq_outcome qq_hold_release(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  qq_queue const *q = pin->shard->queue;
  uint64_t birth = 0;
  if (!is_there(pin)) return QQ_OUTCOME_GONE;
  if (!qq_queue_holds(q, pin->owner))
    return qq_outcome_because(QQ_OUTCOME_UNCHANGED, pin, QQ_MESS, _("is not held"), why);
  if (looks_removed(pin, why)) return QQ_OUTCOME_FAILED;
  if (!q->qmailq) return refuse(pin,
    _("all of mess belongs to root, as in a queue that was restored so: give it to qmailq"), why);
  if (restore_birth(pin, h, &birth) < 0)
    return qq_outcome_missed(pin, _("set the birth of"), QQ_INFO, why);
  return give(pin, q->qmailq, QQ_OUTCOME_RELEASED, birth, why);
}
