/* Placing messages of a queue anew in that queue, and removing the old ones (INTERNALS:
   requeuing). */

#ifndef QQ_REQUEUE_H
#define QQ_REQUEUE_H

#include <qq/schedule.h>
#include "batch.h"
#include "placing.h"

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
