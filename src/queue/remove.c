#include <errno.h>
#include <qq/remove.h>
#include "queue-private.h"

/* Unlinks the message's file in the tree, if it is there. Returns 1, or 0 and why. */
static int unlink_file(qq_pin const *pin, unsigned int tree, unsigned int *unlinked, stralloc *why)
{
  if (qq_shard_unlink(pin->shard, tree, pin->id) > 0) ++*unlinked;
  else if (errno != ENOENT) {
    qq_outcome_failed(pin, _("unable to remove %s"), tree, why);
    return 0;
  }
  return 1;
}

/* A removal that could not even begin leaves the message as it was; one that has begun stays so,
   for a second run to finish. */
static qq_outcome give_back(qq_pin *pin, uid_t owner, unsigned int unlinked)
{
  return !unlinked && qq_pin_give(pin, owner) > 0 ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED;
}

/* bounce first: after the recipients, a start of qmail-send would send it. Then the recipients, and
   info: from then on the message is what qmail-queue leaves when it dies. todo, intd and the
   message itself in the order of qmail-clean. */
static int unlink_all(qq_pin const *pin, genalloc const *bounces, unsigned int *unlinked,
  stralloc *why)
{
  int const is_rest = pin->state == QQ_STATE_REMAINS;
  unsigned int const trees = QQ_CHANNEL + pin->shard->queue->channels;
  unsigned int tree;
  if (qq_numbers_have(bounces, pin->id) && !unlink_file(pin, QQ_BOUNCE, unlinked, why)) return 0;
  for (tree = QQ_CHANNEL; !is_rest && tree < trees; tree++)
    if (!unlink_file(pin, tree, unlinked, why)) return 0;
  return (is_rest || unlink_file(pin, QQ_INFO, unlinked, why))
    && (pin->state != QQ_STATE_NEW || unlink_file(pin, QQ_TODO, unlinked, why))
    && (pin->state == QQ_STATE_PREPROCESSED || unlink_file(pin, QQ_INTD, unlinked, why))
    && unlink_file(pin, QQ_MESS, unlinked, why);
}

void qq_remove_leavings(qq_shard *shard, qq_id const *id)
{
  qq_replacement_sweep(shard, id->id);
}

qq_outcome qq_remove_message(qq_pin *pin, genalloc const *bounces, stralloc *why)
{
  uid_t const owner = pin->owner;
  unsigned int unlinked = 0;
  if (pin->state == QQ_STATE_WRITING) return QQ_OUTCOME_GONE;
  qq_replacement_sweep(pin->shard, pin->id);
  /* once it is given to qmails the message is over, whatever happens: both spawns refuse what
     qmailq does not own */
  if (qq_pin_give(pin, pin->shard->queue->qmails) < 0)
    return qq_outcome_failed(pin, _("unable to change the owner of %s"), QQ_MESS, why);
  if (unlink_all(pin, bounces, &unlinked, why)) return QQ_OUTCOME_REMOVED;
  return give_back(pin, owner, unlinked);
}
