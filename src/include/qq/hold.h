/* Holding messages, and releasing them (INTERNALS: holding). The caller holds qq_queue_lock. */

#ifndef QQ_HOLD_H
#define QQ_HOLD_H

#include <qq/change.h>

typedef struct qq_hold {
  uint64_t queuelifetime;       /* seconds */
  int is_online;
  pid_t daemon;                 /* the process of qmail-send, or 0: unknown */
} qq_hold;

/* How long to wait before a message for which qq_hold_message said `waiting' is held: what
   qmail-send had read of it is started by then. */
#define QQ_HOLD_GRACE UINT64_C(1000000000)

/* No delivery of the message starts any more until it is released, and its birth is now: the hold
   is good for one queuelifetime from now on. Held already, it is renewed. Returns held; gone;
   waiting: to be held again after QQ_HOLD_GRACE; or failed and why. */
qq_outcome qq_hold_message(qq_pin *, qq_hold const *, stralloc *why);

/* Deliveries start again, and the birth is what it was (the mtime of mess), unless the message
   would be too old then. Returns released; unchanged and why: it is not held; gone; or failed and
   why. */
qq_outcome qq_hold_release(qq_pin *, qq_hold const *, stralloc *why);

/* What they would return, and nothing is changed; waiting for a message past its lifetime, which is
   held only if no last attempt of it is under way. */
qq_outcome qq_hold_foresee(qq_pin *, qq_hold const *, stralloc *why);
qq_outcome qq_hold_foresee_release(qq_pin *, stralloc *why);

#endif
