#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/instance.h>
#include <qq/message.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/schedule.h>
#include <qq/when.h>

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

/* ---- a removal that was interrupted ---- */

/* Reads the envelope of a preprocessed message into m. Returns what the questions return,
   QQ_DAMAGED with why. */
static int read_envelope(qq_message *m, qq_pin const *pin, stralloc *why)
{
  qq_id const id = { pin->id, pin->stamp };
  int r;
  qq_message_init(m, pin->shard, 0);
  qq_message_begin(m, &id, QQ_LISTED_INFO, 0);
  r = qq_message_pin(m);
  if (r == 1) r = qq_message_envelope(m);
  if (r == QQ_DAMAGED && !stralloc_catb(why, m->why.s, m->why.len)) errno = ENOMEM;
  return r;
}

/* One that an older qq-rm left half-way has no mark. Returns 1, 0, or -1 and why. */
static int looks_removed(qq_pin const *pin, stralloc *why)
{
  int looks = 0, r;
  qq_message m;
  if (pin->state == QQ_STATE_NEW || !qq_queue_holds(pin->shard->queue, pin->owner)) return 0;
  r = read_envelope(&m, pin, why);
  if (r == 1) r = qq_message_looks_removed(&m, &looks);
  qq_message_free(&m);
  return r == QQ_DAMAGED ? -1 : looks;
}

/* Returns 0; or -1 and why: neither holding nor releasing may undo a removal by half. */
static int check_removal(qq_pin const *pin, stralloc *why)
{
  int const looks = qq_pin_removal(pin) == QQ_REMOVAL_UNDER_WAY ? 1 : looks_removed(pin, why);
  if (looks > 0) refuse(pin, _("its removal was interrupted: give its id to qq-rm again"), why);
  return looks ? -1 : 0;
}

/* Gives info the mode, if it has not got it. Returns 1; or -1 with errno. */
static int mark_info(qq_pin const *pin, mode_t mode)
{
  int const fd = qq_shard_open_to_change(pin->shard, QQ_INFO, pin->id, O_RDONLY);
  int const r = fd >= 0 && !fchmod(fd, mode) ? 1 : -1;
  if (fd >= 0) fd_close(fd);
  return r;
}

/* Another server's double bounce that is held must not be taken for what an older qq-rm left.
   Returns 1; or -1 and why. */
static int tell_apart(qq_pin const *pin, stralloc *why)
{
  int looks = 0, r;
  qq_message m;
  if (qq_queue_holds(pin->shard->queue, pin->owner)) return 1;
  r = read_envelope(&m, pin, why);
  if (r == 1) r = qq_message_looks_removed(&m, &looks);
  qq_message_free(&m);
  if (r == QQ_DAMAGED) return -1;
  if (!looks || mark_info(pin, QQ_MODE_HELD_INFO) > 0) return 1;
  qq_outcome_failed(pin, _("unable to mark %s"), QQ_INFO, why);
  return -1;
}

/* ---- holding ---- */

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

/* Gives the message to root, as any that waits; or its birth back. */
static qq_outcome close_it(qq_pin *pin, uint64_t birth, stralloc *why)
{
  if (qq_pin_mark(pin, QQ_MODE_PLAIN) > 0 && qq_pin_give(pin, 0) > 0) return QQ_OUTCOME_HELD;
  qq_outcome_failed(pin, _("unable to change the owner of %s"), QQ_MESS, why);
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
    : _("is past its lifetime, and it cannot be seen whether its last attempt is under way"), why);
}

/* Born now, a message would be too old before the hold is known to be good. */
static int is_too_short(qq_hold const *h)
{
  return h->is_online
    && h->queuelifetime * QQ_SECOND < QQ_SCHEDULE_MARGIN + QQ_HOLD_GRACE + QQ_SECOND;
}

/* Says whether it may be held, as far as that can be said beforehand: held; gone; or failed and
   why. */
static qq_outcome check_hold(qq_pin const *pin, qq_hold const *h, stralloc *why)
{
  if (!is_there(pin)) return QQ_OUTCOME_GONE;
  if (qq_pin_removal(pin) == QQ_REMOVAL_BEGUN) return refuse(pin,
    _("its removal was interrupted: give its id to qq-rm again, or to qq-release"), why);
  if (check_removal(pin, why) < 0) return QQ_OUTCOME_FAILED;
  if (is_too_short(h))
    return refuse(pin,
      _("the time that control/queuelifetime gives it is too short for a hold"), why);
  return QQ_OUTCOME_HELD;
}

qq_outcome qq_hold_foresee(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  qq_outcome const outcome = check_hold(pin, h, why);
  uint64_t birth;
  if (outcome != QQ_OUTCOME_HELD || pin->state == QQ_STATE_NEW || !h->is_online) return outcome;
  if (qq_birth_get(pin->shard, pin->id, &birth) < 0)
    return qq_outcome_missed(pin, _("unable to look at %s"), QQ_INFO, why);
  return qq_schedule_is_ending(birth, h->queuelifetime) ? QQ_OUTCOME_WAITING : outcome;
}

qq_outcome qq_hold_message(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  qq_outcome const outcome = check_hold(pin, h, why);
  uint64_t birth = 0;
  if (outcome != QQ_OUTCOME_HELD) return outcome;
  if (pin->state == QQ_STATE_NEW) return close_it(pin, birth, why);
  if (tell_apart(pin, why) < 0) return QQ_OUTCOME_FAILED;
  if (qq_birth_get(pin->shard, pin->id, &birth) < 0
    || qq_birth_set(pin->shard, pin->id, qq_now()) < 0)
    return qq_outcome_missed(pin, _("unable to set the birth of %s"), QQ_INFO, why);
  if (h->is_online && qq_schedule_is_ending(birth, h->queuelifetime))
    return hold_old(pin, birth, h, why);
  return close_it(pin, birth, why);
}

/* ---- releasing ---- */

/* Once the message is given back, info is what it was: its mode, and its birth, unless it would be
   too old then. Whoever is killed in between has released a younger one. */
static qq_outcome restore_info(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  struct stat st;
  int r = pin->state == QQ_STATE_NEW ? 1 : qq_shard_stat(pin->shard, QQ_INFO, pin->id, &st);
  if (r > 0 && pin->state != QQ_STATE_NEW) {
    if ((st.st_mode & 07777) == QQ_MODE_HELD_INFO) r = mark_info(pin, QQ_MODE_INFO);
    if (r > 0 && !qq_schedule_is_ending(pin->stamp, h->queuelifetime) && !qq_is_to_come(pin->stamp))
      r = qq_birth_set(pin->shard, pin->id, pin->stamp);
  }
  if (r > 0 && qq_is_to_come(pin->stamp)) r = qq_future_end(pin, h->is_online);
  if (r > 0 || errno == ENOENT) return QQ_OUTCOME_RELEASED;
  qq_outcome_failed(pin, _("unable to set the birth of %s"), QQ_INFO, why);
  return qq_pin_give(pin, 0) > 0 ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED;
}

/* The clock holds what is from the future. */
static qq_outcome foresee_unheld(qq_pin const *pin, stralloc *why)
{
  int const r = qq_future_is(pin);
  if (r < 0) return qq_outcome_missed(pin, _("unable to look at %s"), QQ_INFO, why);
  return r ? QQ_OUTCOME_RELEASED
    : qq_outcome_because(QQ_OUTCOME_UNCHANGED, pin, QQ_MESS, _("is not held"), why);
}

static qq_outcome release_from_future(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  if (qq_future_end(pin, h->is_online) > 0) return QQ_OUTCOME_RELEASED;
  return qq_outcome_missed(pin, _("unable to set the birth of %s"), QQ_INFO, why);
}

qq_outcome qq_hold_foresee_release(qq_pin *pin, stralloc *why)
{
  qq_queue const *q = pin->shard->queue;
  if (!is_there(pin)) return QQ_OUTCOME_GONE;
  if (!qq_queue_holds(q, pin->owner)) return foresee_unheld(pin, why);
  if (check_removal(pin, why) < 0) return QQ_OUTCOME_FAILED;
  if (!q->qmailq) return refuse(pin,
    _("all of mess belongs to root, as in a queue that was restored so: give it to qmailq"), why);
  return QQ_OUTCOME_RELEASED;
}

qq_outcome qq_hold_release(qq_pin *pin, qq_hold const *h, stralloc *why)
{
  qq_outcome const outcome = qq_hold_foresee_release(pin, why);
  if (outcome != QQ_OUTCOME_RELEASED) return outcome;
  if (!qq_queue_holds(pin->shard->queue, pin->owner)) return release_from_future(pin, h, why);
  if (qq_pin_mark(pin, QQ_MODE_PLAIN) > 0 && qq_pin_give(pin, pin->shard->queue->qmailq) > 0)
    return restore_info(pin, h, why);
  return qq_outcome_failed(pin, _("unable to change the owner of %s"), QQ_MESS, why);
}
