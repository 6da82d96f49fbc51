#include <errno.h>
#include <qq/hold.h>
#include <qq/instance.h>
#include <qq/message.h>
#include <qq/os.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include <qq/when.h>

/* qmail-send compares whole seconds, and its clock may be a little behind. */
#define MARGIN (2 * QQ_SECOND)

static qq_outcome refuse(qq_shard const *shard, uint64_t id, char const *text, stralloc *why)
{
  qq_outcome_why(shard, QQ_MESS, id, text, why);
  return QQ_OUTCOME_FAILED;
}

/* In the queue at all, and not on its way out of it. */
static int is_there(qq_shard const *shard, qq_pin const *pin)
{
  return (pin->state == QQ_STATE_NEW || pin->state == QQ_STATE_PREPROCESSED) && !qq_queue_is_over(shard->queue, pin->owner);
}

/* Says whether the message has the sender of a double bounce, but was not injected as one. Held,
   that is an interrupted removal, which holding or releasing would undo by half; another server's
   double bounce, if it were held, could not be told from it. Returns 1, 0, or -1 and why. */
static int looks_removed(qq_shard *shard, qq_id const *id, qq_pin const *pin, stralloc *why)
{
  int looks = 0, r;
  qq_message m;
  if (pin->state == QQ_STATE_NEW) return 0;
  qq_message_init(&m, shard);
  qq_message_begin(&m, id, QQ_LISTED_INFO, 0);
  r = qq_message_pin(&m);
  if (r == 1) r = qq_message_envelope(&m);
  if (r == 1 && qq_message_bounce(&m) == QQ_DOUBLE_BOUNCE) {
    r = qq_message_received(&m);
    looks = r == 1 && m.received.invoked != QQ_INVOKED_FOR_BOUNCE;
  }
  if (r == QQ_DAMAGED && !stralloc_catb(why, m.why.s, m.why.len)) errno = ENOMEM;
  qq_message_free(&m);
  if (looks) refuse(shard, id->id, qq_queue_holds(shard->queue, pin->owner) ? _("its removal was interrupted: give its id to qq-rm again")
    : _("is a double bounce of another server: held, it could not be told from an interrupted removal"), why);
  return r == QQ_DAMAGED ? -1 : looks;
}

static int is_too_old(uint64_t birth, uint64_t queuelifetime)
{
  return qq_schedule_end(birth, queuelifetime) < qq_now() + MARGIN;
}

/* Whether qmail-send has one of the recipient files open, which it does as long as it has not read
   all of an attempt's recipients. */
static int is_attempted(qq_shard *shard, uint64_t id, pid_t daemon)
{
  unsigned int c;
  int r = qq_process_is_qmail_send(daemon, shard->queue->fd);
  if (r != 1) return -1;
  for (r = 0, c = 0; !r && c < shard->queue->channels; c++) {
    struct stat st;
    if (qq_shard_stat(shard, QQ_CHANNEL + c, id, &st) > 0) r = qq_os_process_has_open(daemon, st.st_dev, st.st_ino);
  }
  return r;
}

static qq_outcome close_it(qq_shard *shard, uint64_t id, qq_pin *pin, uint64_t birth, stralloc *why)
{
  if (qq_pin_give(pin, 0) > 0) return QQ_OUTCOME_HELD;
  qq_outcome_failed(shard, _("change the owner of"), QQ_MESS, id, why);
  if (pin->state == QQ_STATE_PREPROCESSED) qq_birth_set(shard, id, birth);
  return QQ_OUTCOME_FAILED;
}

/* An attempt that began when the message was too old makes a failure of every delivery that does
   not succeed, also of those that a hold refuses. The birth is now; so none begins any more. */
static qq_outcome hold_old(qq_shard *shard, uint64_t id, uint64_t birth, qq_hold const *h, stralloc *why)
{
  int const attempted = is_attempted(shard, id, h->daemon);
  if (!attempted) return QQ_OUTCOME_WAITING;
  qq_birth_set(shard, id, birth);
  return refuse(shard, id, attempted > 0 ? _("is past its lifetime, and its last attempt is under way")
    : _("is past its lifetime, and whether its last attempt is under way cannot be seen"), why);
}

/* Born now, a message would be too old before the hold is known to be good. */
static int is_too_short(qq_hold const *h)
{
  return h->is_online && h->queuelifetime * QQ_SECOND < MARGIN + QQ_HOLD_GRACE + QQ_SECOND;
}

qq_outcome qq_hold_message(qq_shard *shard, qq_id const *id, qq_pin *pin, qq_hold const *h, stralloc *why)
{
  uint64_t birth = 0;
  int r;
  if (!is_there(shard, pin)) return QQ_OUTCOME_GONE;
  r = looks_removed(shard, id, pin, why);
  if (r) return QQ_OUTCOME_FAILED;
  if (is_too_short(h)) return refuse(shard, id->id, _("the time that control/queuelifetime gives it is too short for a hold"), why);
  if (pin->state == QQ_STATE_NEW) return close_it(shard, id->id, pin, birth, why);
  r = qq_birth_get(shard, id->id, &birth);
  if (r > 0) r = qq_birth_set(shard, id->id, qq_now());
  if (r < 0) return errno == ENOENT ? QQ_OUTCOME_GONE : qq_outcome_failed(shard, _("set the birth of"), QQ_INFO, id->id, why);
  if (h->is_online && is_too_old(birth, h->queuelifetime)) return hold_old(shard, id->id, birth, h, why);
  return close_it(shard, id->id, pin, birth, why);
}

/* Before it is given back, so that who is killed in between finds it held and does the rest. */
static int restore_birth(qq_shard *shard, uint64_t id, qq_pin const *pin, qq_hold const *h)
{
  if (pin->state == QQ_STATE_NEW || is_too_old(pin->stamp, h->queuelifetime)) return 1;
  return qq_birth_set(shard, id, pin->stamp);
}

qq_outcome qq_hold_release(qq_shard *shard, qq_id const *id, qq_pin *pin, qq_hold const *h, stralloc *why)
{
  uint64_t birth = 0;
  int r;
  if (!is_there(shard, pin)) return QQ_OUTCOME_GONE;
  if (!qq_queue_holds(shard->queue, pin->owner)) {
    qq_outcome_why(shard, QQ_MESS, id->id, _("is not held"), why);
    return QQ_OUTCOME_UNCHANGED;
  }
  r = looks_removed(shard, id, pin, why);
  if (r) return QQ_OUTCOME_FAILED;
  if (!shard->queue->qmailq) return refuse(shard, id->id, _("all of mess belongs to root, as in a queue that was restored so: give it to qmailq"), why);
  if ((pin->state == QQ_STATE_PREPROCESSED && qq_birth_get(shard, id->id, &birth) < 0) || restore_birth(shard, id->id, pin, h) < 0)
    return errno == ENOENT ? QQ_OUTCOME_GONE : qq_outcome_failed(shard, _("set the birth of"), QQ_INFO, id->id, why);
  if (qq_pin_give(pin, shard->queue->qmailq) > 0) return QQ_OUTCOME_RELEASED;
  qq_outcome_failed(shard, _("change the owner of"), QQ_MESS, id->id, why);
  if (pin->state == QQ_STATE_PREPROCESSED) qq_birth_set(shard, id->id, birth);
  return QQ_OUTCOME_FAILED;
}
