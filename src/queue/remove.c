#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/gettext.h>
#include <qq/numbers.h>
#include <qq/pin.h>
#include <qq/remove.h>
#include <qq/say.h>

static qq_outcome fail(qq_shard const *shard, char const *what, unsigned int tree, uint64_t id, stralloc *why)
{
  int const e = errno;
  if (qq_say(why, _("unable to %s "), what) && qq_queue_file(why, shard->queue, tree, id))
    qq_say(why, e == EACCES || e == EPERM ? _(": %s (run it as root)") : ": %s", strerror(e));
  errno = e;
  return QQ_OUTCOME_FAILED;
}

static int unlink_if_there(qq_shard *shard, unsigned int tree, uint64_t id, unsigned int *unlinked)
{
  if (qq_shard_unlink(shard, tree, id) > 0) {
    ++*unlinked;
    return 1;
  }
  return errno == ENOENT ? 1 : -1;
}

/* From here on the message is over, whatever happens: both spawns refuse what qmailq does not own. */
static int give_to_qmails(qq_pin const *pin, qq_queue const *q)
{
  if (pin->owner == q->qmails) return 1;
  return fchown(pin->fd, q->qmails, (gid_t)-1) < 0 ? -1 : 1;
}

/* A removal that could not even begin leaves the message as it was; one that has begun stays so, for a second run to finish. */
static qq_outcome give_back(qq_pin const *pin, qq_queue const *q, unsigned int unlinked)
{
  return !unlinked && (pin->owner == q->qmails || !fchown(pin->fd, pin->owner, (gid_t)-1)) ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED;
}

/* bounce first: after the recipients, a start of qmail-send would send it. Then the recipients, and info: from then on the message is what
   qmail-queue leaves when it dies. todo, intd and the message itself in the order of qmail-clean. */
static qq_outcome unlink_all(qq_shard *shard, uint64_t id, qq_place place, genalloc const *bounces, unsigned int *unlinked, stralloc *why)
{
  unsigned int tree;
  if (qq_numbers_have(bounces, id) && unlink_if_there(shard, QQ_BOUNCE, id, unlinked) < 0) return fail(shard, _("remove"), QQ_BOUNCE, id, why);
  for (tree = QQ_CHANNEL; place != QQ_PLACE_REMAINS && tree < QQ_CHANNEL + shard->queue->channels; tree++)
    if (unlink_if_there(shard, tree, id, unlinked) < 0) return fail(shard, _("remove"), tree, id, why);
  if (place != QQ_PLACE_REMAINS && unlink_if_there(shard, QQ_INFO, id, unlinked) < 0) return fail(shard, _("remove"), QQ_INFO, id, why);
  if (place == QQ_PLACE_NEW && unlink_if_there(shard, QQ_TODO, id, unlinked) < 0) return fail(shard, _("remove"), QQ_TODO, id, why);
  if (place != QQ_PLACE_PREPROCESSED && unlink_if_there(shard, QQ_INTD, id, unlinked) < 0) return fail(shard, _("remove"), QQ_INTD, id, why);
  if (unlink_if_there(shard, QQ_MESS, id, unlinked) < 0) return fail(shard, _("remove"), QQ_MESS, id, why);
  return QQ_OUTCOME_REMOVED;
}

qq_outcome qq_remove_message(qq_shard *shard, qq_id const *id, genalloc const *bounces, stralloc *why)
{
  unsigned int unlinked = 0;
  qq_outcome outcome;
  qq_pin pin;
  int const r = qq_pin_message(&pin, shard, id, why);
  if (r != 1) return r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  if (pin.place == QQ_PLACE_WRITING) outcome = QQ_OUTCOME_GONE;
  else if (give_to_qmails(&pin, shard->queue) < 0) outcome = fail(shard, _("change the owner of"), QQ_MESS, id->id, why);
  else {
    outcome = unlink_all(shard, id->id, pin.place, bounces, &unlinked, why);
    if (outcome == QQ_OUTCOME_FAILED) outcome = give_back(&pin, shard->queue, unlinked);
  }
  qq_unpin(&pin);
  return outcome;
}
