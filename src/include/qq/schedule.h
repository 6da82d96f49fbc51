/* When a message was born, is tried again, and is too old; and making its next attempt the last. */

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

/* When the message is too old, by queuelifetime in seconds: the first attempt behind this moment is
   its last. */
uint64_t qq_schedule_end(uint64_t birth, uint64_t queuelifetime);

/* Making a message's next attempt its last, by an earlier birth; and taking that back. The caller
   holds qq_queue_lock. */

/* Says whether a message with that birth and stamp is expired: born before it was queued. */
int qq_expire_is(uint64_t birth, uint64_t stamp);

/* The birth that an expired message had before, if queuelifetime (in seconds) is still what it was
   then; else the stamp. */
uint64_t qq_expire_original(uint64_t birth, uint64_t stamp, uint64_t queuelifetime);

/* Moves the birth back by a little more than queuelifetime, so that messages keep their order.
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

#endif
