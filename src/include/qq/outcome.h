/* What became of a message that a program was told to change. */

#ifndef QQ_OUTCOME_H
#define QQ_OUTCOME_H

#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/queue.h>

typedef enum {
  QQ_OUTCOME_REMOVED,           /* off the disk */
  QQ_OUTCOME_SILENCED,          /* no delivery to the recipients meant starts any more */
  QQ_OUTCOME_HELD,              /* no delivery starts until it is released */
  QQ_OUTCOME_RELEASED,
  QQ_OUTCOME_EXPIRED,           /* its next attempt is its last */
  QQ_OUTCOME_RESTORED,          /* it is not expired any more */
  QQ_OUTCOME_UNCHANGED,         /* it was already as it was to be */
  QQ_OUTCOME_GONE,              /* was not there (any more), or none of the recipients meant was */
  QQ_OUTCOME_UNFINISHED,        /* why; the same id again finishes it */
  QQ_OUTCOME_FAILED,            /* why; the message is as it was */
  QQ_OUTCOME_WAITING,           /* for qmail-send: to be asked about again */
  QQ_OUTCOMES
} qq_outcome;

/* The word for it, for JSON as it is, for people through _(). */
char const *qq_outcome_word(qq_outcome);

/* Appends `unable to WHAT FILE: ` and what errno stands for to why. Returns QQ_OUTCOME_FAILED; errno stays. */
qq_outcome qq_outcome_failed(qq_shard const *, char const *what, unsigned int tree, uint64_t id, stralloc *why);

/* Appends `FILE: TEXT` to why. errno stays. */
void qq_outcome_why(qq_shard const *, unsigned int tree, uint64_t id, char const *text, stralloc *why);

#endif
