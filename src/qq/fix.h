/* What the files of qq-fix share. */

#ifndef QQ_FIX_H
#define QQ_FIX_H

#include <qq/log.h>
#include <qq/options.h>
#include <qq/repair.h>
#include <qq/site.h>

typedef struct qq_fixing {
  /* what was asked for */
  int dry_run, rows, owners;
  /* the queue */
  qq_site site;
  qq_queue queue, shape;        /* as it is, as it is to be */
  qq_queue_lock lock;           /* its patience: for a qmail-queue, too */
  qq_expected expected;
  qq_mender mender;
  /* what a look at it has found */
  int acts;                     /* it is mended; else it is only looked at */
  int says;                     /* it is reported */
  int is_closed;                /* nobody else changes the queue meanwhile */
  int needs_rebuild;            /* something beside the plan does: a directory is missing */
  int has_lost_senders;
  qq_plan *plan;
  uint64_t qmailq;              /* files in mess/ that are his */
  uint64_t held, aside, owned, kept;    /* messages */
  stralloc report;              /* lines, for lost/DATE */
} qq_fixing;

/* Looks at everything, and changes the plan as it has to be; and if it acts, what can be mended
   where it lies. Returns 1, or -1 with errno and why. */
int qq_fixing_look(qq_fixing *, qq_plan *, stralloc *why);

/* What was done, or would be, of a message; to standard output, and to the report. number: the one
   that it has then, or 0. */
void qq_fixing_say(qq_fixing *, uint64_t id, uint64_t number, char const *word,
  stralloc const *what);

/* A file or a directory with the log, and its option. */
qq_option_take qq_fixing_take_log;

/* Reads the log for the senders that were asked for; says which it does not know. */
void qq_fixing_read_log(qq_fixing *);

/* qq_mender.sender: of what the log was asked. */
int qq_fixing_sender(void *, qq_lost_sender const *, stralloc *);

#endif
