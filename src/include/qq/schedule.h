/* When a message was born, is tried again, and is too old; making its next attempt the last; and
   holding it. */

#ifndef QQ_SCHEDULE_H
#define QQ_SCHEDULE_H

#include <qq/change.h>

/* When qmail-send takes a message to have been born: the mtime of info (qmail-send.c:getinfo). In
   nanoseconds since 1970. */

/* Returns 1, or -1 with errno: ENOENT when there is no info. */
int qq_birth_get(qq_shard *, uint64_t id, uint64_t *birth);
int qq_birth_set(qq_shard *, uint64_t id, uint64_t birth);

/* When qmail-send tries a message again (qmail-send.c:nextretry), in nanoseconds since 1970. */

/* When the message is tried next on the channel. While qmail-send runs it alone knows, and *due is
   by the ideal schedule for the birth; while it is stopped, what it wrote down
   (qmail-send.c:pqfinish), a moment that has passed meaning when it starts. Returns 1; 0: the
   message has no recipient file there; or -1 with errno. */
int qq_schedule_due(qq_shard *, uint64_t id, unsigned int channel, uint64_t birth,
  int is_running, uint64_t *due);

/* Has a message that is there on the channel be due then, once qmail-send starts. Returns 1, or -1
   with errno. */
int qq_schedule_set_due(qq_shard *, uint64_t id, unsigned int channel, uint64_t due);

/* When the message is too old, by queuelifetime in seconds: the first attempt behind this moment is
   its last. */
uint64_t qq_schedule_end(uint64_t birth, uint64_t queuelifetime);

/* Says whether that moment has come, or may have by the time that qmail-send looks: it compares
   whole seconds, and its clock may differ a little. The margin is in nanoseconds. */
#define QQ_SCHEDULE_MARGIN UINT64_C(2000000000)
int qq_schedule_is_ending(uint64_t birth, uint64_t queuelifetime);

/* Mail from the future, queued or preprocessed while the clock was ahead: qmail-send does not try
   it before that time comes, and it counts as having no age. */

/* Says whether a stamp or a birth is to come: more than a minute ahead. */
int qq_is_to_come(uint64_t moment);

/* Says whether one of the message's two is. Returns 1, 0, or -1 with errno. */
int qq_future_is(qq_pin const *);

/* Makes now what of them is to come, and so gives the message another token; if qmail-send is
   stopped, also the moments at which it wanted to try it again. Returns 1, or -1 with errno. */
int qq_future_end(qq_pin *, int is_online);

/* Making a message's next attempt its last, by an earlier birth; and taking that back. The caller
   holds qq_queue_lock. */

/* Says whether a message with that birth and stamp is expired: born before it was queued; or if
   that is to come, past its lifetime. queuelifetime is in seconds. */
int qq_expire_is(uint64_t birth, uint64_t stamp, uint64_t queuelifetime);

/* The birth that an expired message had before, if queuelifetime (in seconds) is still what it was
   then; else the stamp, or now if that is to come. */
uint64_t qq_expire_original(uint64_t birth, uint64_t stamp, uint64_t queuelifetime);

/* Moves the birth back by a little more than queuelifetime, so that messages keep their order; one
   that is to come, from now.
   Returns expired; unchanged: its next attempt is its last as it is; waiting: for qmail-send to
   preprocess it; gone; or failed and why. */
qq_outcome qq_expire_message(qq_pin const *, uint64_t queuelifetime, stralloc *why);

/* Returns restored; unchanged and why: it is not expired; gone; or failed and why. */
qq_outcome qq_expire_undo(qq_pin const *, uint64_t queuelifetime, stralloc *why);

/* What they would return, and the birth that the message would get; nothing is changed. */
qq_outcome qq_expire_foresee(qq_pin const *, uint64_t queuelifetime, uint64_t *birth,
  stralloc *why);
qq_outcome qq_expire_foresee_undo(qq_pin const *, uint64_t queuelifetime, uint64_t *birth,
  stralloc *why);

/* Holding messages, and releasing them (INTERNALS: holding). The caller holds qq_queue_lock. */

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
