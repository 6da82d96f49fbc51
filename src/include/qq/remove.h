/* Removing messages from a queue whose qmail-send does not run (INTERNALS: removal offline). The caller holds qq_changing. */

#ifndef QQ_REMOVE_H
#define QQ_REMOVE_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/id.h>
#include <qq/outcome.h>
#include <qq/pin.h>
#include <qq/queue.h>

/* Removes the message: every state that a kill may leave is one that qmail-send accepts, and the same id again finishes it. bounces: the ids in
   bounce/ (of uint64_t, sorted), read under the same locks. Nothing is synced. why is set for unfinished and failed. */
qq_outcome qq_remove_message(qq_shard *, qq_id const *, qq_pin *, genalloc const *bounces, stralloc *why);

/* Takes away what an interrupted removal left of a message that is gone. */
void qq_remove_leavings(qq_shard *, qq_id const *);

#endif
