/* The programs that move mail: qq-save, qq-load, qq-requeue. */

#ifndef QQ_MOVING_H
#define QQ_MOVING_H

#include <qq/move.h>
#include <qq/schedule.h>
#include "batch.h"

/* ---- placing: what qq-load and qq-requeue share ----

   Batches of messages that come into the queue, with the ledger, the lock and two syncs; and their
   age, and what of them has failed, once qmail-send has preprocessed them (INTERNALS: placing).
   What cannot be done at all ends the program. */

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
  uint64_t patience;            /* nanoseconds: for a qmail-send that preprocesses nothing */
  /* private from here, but for the callers' arrivals */
  uint64_t queuelifetime;
  qq_shard shard;
  qq_ledger ledger;
  stralloc why;
  genalloc batch, waiting;      /* of qq_arrival: to be committed; to be settled */
} qq_placing;

/* Of who was not told how long to wait. */
#define QQ_PLACING_PATIENCE (30 * QQ_SECOND)

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

/* ---- the stream of qq-save, as it is written, and as qq-load reads it ---- */

/* What qq-load does with it: each message is written down where qmail-send does not look, and a
   batch of them then comes into the queue at once (INTERNALS: placing). */

typedef struct qq_load {
  /* the caller sets */
  int stays_held;
  qq_queue_lock lock;           /* their patience: for another run, and for a qmail-send that */
  qq_placing placing;           /* does not go on */
  /* set by loading */
  uint64_t placed, known, failed, unsettled;
  /* private from here */
  qq_reading reading;
  stralloc origin;
  qq_archive archive;
  qq_arrival arrival;           /* what is being read */
  unsigned int part;            /* how many of its parts have been, in their order */
  char digest[QQ_DIGEST + 1];
  size_t bytes;                 /* of memory that the batch takes */
  uint64_t since;               /* when its first message came */
} qq_load;

/* Reads the stream on standard input to its end; prints the tokens that messages had at their
   source as they are safely here. Ends the program if the queue or the ledger cannot be opened, or
   this is no such stream. */
void qq_load_run(qq_load *);

/* A batch, in load-batch.c: one message more, which is on the disk, and which arrival and digest
   have; all of them into the queue. */
void qq_load_add(qq_load *);
void qq_load_commit(qq_load *);

/* A message that the ledger has: says that it is here, brings what was interrupted to its end, or
   says why it cannot be known. */
void qq_load_known(qq_load *, qq_ledger_entry *);

/* One message failed: the arrival; placing's why says how, and is emptied. */
void qq_load_fail(qq_load *);

/* What placing is told to do with one that failed, and with those that are safe. */
void qq_load_failed(void *load, qq_arrival const *, stralloc const *why);
void qq_load_print(void *load, qq_arrival const *, size_t n, int have_bounces);

/* Writing messages as qq-load reads them. */

typedef struct qq_save {
  qq_settings const *settings;  /* control files, by which recipients are what they were before */
  /* private */
  qq_arrival message;           /* what moves of it */
  stralloc head, info;
} qq_save;

/* Writes the beginning of the stream, and its end. */
void qq_save_begin(qq_save *, int queue_fd);
void qq_save_end(void);

/* Writes one message, which is pinned. Returns what the questions return; nothing of it is written
   unless it is 1. A body that is shorter than its file said ends the program. */
int qq_save_message(qq_save *, qq_message *);

/* ---- requeuing: messages of a queue placed anew in that queue, and the old ones removed
   (INTERNALS: requeuing) ---- */

/* Where a message is. */
typedef enum {
  QQ_REQUEUE_NOWHERE,           /* its outcome says it, or has to be found out */
  QQ_REQUEUE_FOUND,             /* to be held */
  QQ_REQUEUE_HELD,              /* to be placed anew */
  QQ_REQUEUE_WRITTEN,           /* the new one is: it is in the batch */
  QQ_REQUEUE_LINKED,            /* the new one is in the queue, and held */
  QQ_REQUEUE_SAFE               /* the new one is: the old one is to be removed */
} qq_requeue_stage;

typedef struct qq_requeued {
  qq_id old, new;
  qq_requeue_stage stage;
  int was_held;                 /* before this run */
} qq_requeued;

typedef struct qq_requeue {
  /* the caller sets */
  qq_batch batch;
  uint64_t timeout;             /* nanoseconds: for deliveries that are under way */
  genalloc readdress;           /* of qq_readdress */
  qq_matcher failed;            /* of what failed recipients are due again; no patterns: of none */
  /* set: new ones that qmail-send has not preprocessed */
  uint64_t unsettled;
  /* private from here */
  qq_requeued *each;            /* one for each id of the batch */
  qq_placing placing;
  qq_settings settings;
  qq_hold how;
  stralloc origin;
} qq_requeue;

/* Requeues the messages whose ids the program was given, and prints the tokens of the new ones. The
   outcomes are the batch's. What cannot be done at all ends the program; the same ids again go on
   from there. There is one in a program. */
void qq_requeue_run(qq_requeue *);

/* Collects what moves of a message that is there, its recipients readdressed. Returns held; gone;
   unmatched; or failed and why. As long as the message is pinned, it counts as being delivered. */
qq_outcome qq_requeue_collect(qq_requeue *, qq_message *, qq_id const *, qq_arrival *,
  stralloc *why);

/* Places anew, as nothing of them is under way, what is held; removes the old ones, and prints the
   tokens of the new ones; what is still under way after the timeout is unfinished. The caller has
   the lock, and has not afterwards. */
void qq_requeue_place(qq_requeue *);

/* Prints it. */
void qq_requeue_print(qq_id const *);

/* The new one is in the queue, and held: puts what has failed beside it, marks the old one, which
   nobody can release any more then, and gives the new one to qmailq. What is done of that already
   stays. Returns 1, or -1 and why: the same ids again finish it. */
int qq_requeue_hand_over(qq_requeue *, qq_id const *old, qq_arrival *, stralloc *why);

/* What placing is told to do with one that is linked, with one that failed, and with those that are
   safe. */
int qq_requeue_linked(void *requeue, qq_arrival *, stralloc *why);
void qq_requeue_failed(void *requeue, qq_arrival const *, stralloc const *why);
void qq_requeue_safe(void *requeue, qq_arrival const *, size_t n, int have_bounces);

#endif
