/* Removing messages from a queue whose qmail-send does not run (INTERNALS: removal offline). The caller holds qq_changing. */

#ifndef QQ_REMOVE_H
#define QQ_REMOVE_H

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/id.h>
#include <qq/pattern.h>
#include <qq/queue.h>

typedef enum {
  QQ_OUTCOME_REMOVED,           /* off the disk */
  QQ_OUTCOME_SILENCED,          /* no delivery to the recipients meant starts any more */
  QQ_OUTCOME_GONE,              /* was not there (any more), or none of the recipients meant was */
  QQ_OUTCOME_UNFINISHED,        /* why; the same id again finishes it */
  QQ_OUTCOME_FAILED,            /* why */
  QQ_OUTCOMES
} qq_outcome;

/* Removes the message: every state that a kill may leave is one that qmail-send accepts, and the same id again finishes it. bounces: the ids in
   bounce/ (of uint64_t, sorted), read under the same locks. Nothing is synced. why is set for unfinished and failed. */
qq_outcome qq_remove_message(qq_shard *, qq_id const *, genalloc const *bounces, stralloc *why);

/* Recipients that are meant: those of channels, and of these those that match. */
typedef struct qq_recipient_choice {
  unsigned char const *channels;        /* one for each channel of the queue: meant or not; null: all channels, new messages too */
  qq_matcher *matcher;                  /* null: all of them */
} qq_recipient_choice;

/* Marks the recipients meant as done, each with the one-byte write that qmail-send itself makes (qmail-send.c:markdone); of a new message they become
   records that it passes over. */
qq_outcome qq_remove_recipients(qq_shard *, qq_id const *, qq_recipient_choice const *, stralloc *why);

#endif
