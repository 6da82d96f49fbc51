/* What qq-load and qq-requeue share: batches of messages that come into the queue, with the ledger,
   the lock and two syncs; and their age, and what of them has failed, once qmail-send has
   preprocessed them (INTERNALS: placing). What cannot be done at all ends the program. */

#ifndef QQ_PLACING_H
#define QQ_PLACING_H

#include <qq/move.h>
#include "reading.h"

typedef struct qq_placing {
  /* the caller sets */
  qq_reading *reading;
  qq_queue_lock *lock;
  void *data;                   /* for these three: */
  /* one is in todo; null: nothing is to be done with it. Returns 1, or -1 and why: it failed */
  int (*linked)(void *data, qq_arrival *, stralloc *why);
  /* one failed; why says how, and is emptied afterwards */
  void (*failed)(void *data, qq_arrival const *, stralloc const *why);
  /* of these, those with or without a bounce are in the queue with all that belongs to them, and on
     the disk */
  void (*safe)(void *data, qq_arrival const *, size_t n, int have_bounces);
  uint64_t patience;            /* nanoseconds: for a qmail-send that preprocesses
                                   nothing; 0: 30 s */
  /* private from here, but for the callers' arrivals */
  uint64_t queuelifetime;
  qq_shard shard;
  qq_ledger ledger;
  stralloc why;
  genalloc batch, waiting;      /* of qq_arrival: to be committed; to be settled */
} qq_placing;

/* Opens the ledger, and reads what it has of that origin, which stays the caller's; own: as
   qq_ledger_open has it. */
void qq_placing_open(qq_placing *, char const *origin, int is_own);

/* Ends the program unless qmail-send runs, as the lock says. */
void qq_placing_need_qmail_send(qq_placing const *);

/* Adds one whose body is placed to the batch, and to the ledger; what it has becomes the
   batch's. */
void qq_placing_add(qq_placing *, qq_arrival const *, char const *digest);

/* All of the batch into the queue; and whatever waits is looked at once. The caller has the
   lock. */
void qq_placing_commit(qq_placing *);

/* One that is in the queue already goes on to be settled; what it has becomes ours. */
void qq_placing_wait_for(qq_placing *, qq_arrival const *);

/* The ledger has it: it was placed. */
void qq_placing_note(qq_placing *, qq_ledger_entry *);

/* What the queue is told, and everything on the disk. */
void qq_placing_sync(qq_placing const *);

/* Waits, while others may change the queue, until all are settled, or nothing was for patience.
   Returns how many are not. The caller has let the lock go. */
size_t qq_placing_settle_all(qq_placing *);

/* Says whether a message that an interrupted run was about to place then, and that is gone, was in
   the queue: qmail-send has not reaped it. */
int qq_placing_must_have_been(qq_ledger_entry const *);

/* The lock again, or the end of the program. */
void qq_placing_go_on(qq_placing *);

#endif
