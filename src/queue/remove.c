#include <errno.h>
#include <qq/change.h>
#include <qq/id.h>
#include <qq/remove.h>
#include <qq/text.h>
#include "silencing.h"

/* Unlinks the message's file in the tree, if it is there. Returns 1, or 0 and why. */
static int take(qq_shard *shard, unsigned int tree, uint64_t id, unsigned int *taken, stralloc *why)
{
  if (qq_shard_unlink(shard, tree, id) > 0) ++*taken;
  else if (errno != ENOENT) {
    qq_outcome_failed(shard, _("remove"), tree, id, why);
    return 0;
  }
  return 1;
}

/* A removal that could not even begin leaves the message as it was; one that has begun stays so,
   for a second run to finish. */
static qq_outcome give_back(qq_pin *pin, uid_t owner, unsigned int taken)
{
  return !taken && qq_pin_give(pin, owner) > 0 ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED;
}

/* bounce first: after the recipients, a start of qmail-send would send it. Then the recipients, and
   info: from then on the message is what qmail-queue leaves when it dies. todo, intd and the
   message itself in the order of qmail-clean. */
static int take_all(qq_shard *shard, uint64_t id, qq_state state, genalloc const *bounces, unsigned int *taken, stralloc *why)
{
  unsigned int tree;
  if (qq_numbers_have(bounces, id) && !take(shard, QQ_BOUNCE, id, taken, why)) return 0;
  for (tree = QQ_CHANNEL; state != QQ_STATE_REMAINS && tree < QQ_CHANNEL + shard->queue->channels; tree++)
    if (!take(shard, tree, id, taken, why)) return 0;
  return (state == QQ_STATE_REMAINS || take(shard, QQ_INFO, id, taken, why))
    && (state != QQ_STATE_NEW || take(shard, QQ_TODO, id, taken, why))
    && (state == QQ_STATE_PREPROCESSED || take(shard, QQ_INTD, id, taken, why))
    && take(shard, QQ_MESS, id, taken, why);
}

void qq_remove_leavings(qq_shard *shard, qq_id const *id)
{
  qq_replacement_sweep(shard, id->id);
}

qq_outcome qq_remove_message(qq_shard *shard, qq_id const *id, qq_pin *pin, genalloc const *bounces, stralloc *why)
{
  uid_t const owner = pin->owner;
  unsigned int taken = 0;
  if (pin->state == QQ_STATE_WRITING) return QQ_OUTCOME_GONE;
  qq_replacement_sweep(shard, id->id);
  /* once it is given to qmails the message is over, whatever happens: both spawns refuse what
     qmailq does not own */
  if (qq_pin_give(pin, shard->queue->qmails) < 0) return qq_outcome_failed(shard, _("change the owner of"), QQ_MESS, id->id, why);
  return take_all(shard, id->id, pin->state, bounces, &taken, why) ? QQ_OUTCOME_REMOVED : give_back(pin, owner, taken);
}
