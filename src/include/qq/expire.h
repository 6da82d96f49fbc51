/* Making a message's next attempt its last, by an earlier birth; and taking that back. The caller holds qq_changing. */

#ifndef QQ_EXPIRE_H
#define QQ_EXPIRE_H

#include <stdint.h>
#include <qq/id.h>
#include <qq/outcome.h>
#include <qq/pin.h>
#include <qq/queue.h>

/* Says whether a message with that birth and stamp is expired: born before it was queued. */
int qq_expire_is(uint64_t birth, uint64_t stamp);

/* The birth that an expired message had before, if queuelifetime (in seconds) is still what it was then; else the stamp. */
uint64_t qq_expire_original(uint64_t birth, uint64_t stamp, uint64_t queuelifetime);

/* Moves the birth back by a little more than queuelifetime, so that messages keep their order. Returns expired; unchanged: its next attempt is its last
   as it is; waiting: for qmail-send to preprocess it; gone; or failed and why. */
qq_outcome qq_expire_message(qq_shard *, qq_id const *, qq_pin const *, uint64_t queuelifetime, stralloc *why);

/* Returns restored; unchanged and why: it is not expired; gone; or failed and why. */
qq_outcome qq_expire_undo(qq_shard *, qq_id const *, qq_pin const *, uint64_t queuelifetime, stralloc *why);

#endif
