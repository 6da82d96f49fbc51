/* What the programs that change a queue share: the ids, whole before anything is done; the locks;
   each message pinned in turn, those that wait for qmail-send again; the report. */

#ifndef QQ_BATCH_H
#define QQ_BATCH_H

#include <qq/change.h>
#include <qq/options.h>
#include "reading.h"

#define QQ_OPTIONS_BATCH(batch) \
  { 0, "dry-run", 0, N_("say what would be done, change nothing"), QQ_SETS((batch).dry_run) }, \
  { 0, "verbose", 0, N_("a line for each message on standard error"), \
    QQ_SETS((batch).verbose) }, \
  { 'v', "verbose", 0, "", QQ_SETS((batch).verbose) }, \
  QQ_OPTIONS_ROWS((batch).rows, N_("a JSON object for each message on standard output")), \
  { 'q', "quiet", 0, N_("no summary"), QQ_SETS((batch).quiet) }, \
  { 0, "timeout", "DURATION", N_("how long to wait for another run that changes the queue (15s)"), \
    QQ_DURATION((batch).lock.patience) }

typedef struct qq_batch {
  int verbose, rows, quiet;
  int dry_run;                  /* nothing is done; outcomes are what would be */
  int expects_all;              /* a message that is gone is warned about, and the exit code 1 */
  int may_be_under_way;         /* what is silenced may have been read by qmail-send before */
  /* what becomes of a message that is not there; null: it is gone */
  qq_outcome (*gone)(qq_shard *, qq_id const *, stralloc *why);
  unsigned int jobs;            /* threads that qq_batch_apply takes; 0: this one */
  qq_reading reading;           /* its queue, and ids, sorted */
  qq_id const *ids;             /* those of reading; count of them */
  size_t count;
  /* one for each of the ids: */
  unsigned char *outcomes;      /* a qq_outcome */
  uint64_t *stamps;             /* of a message that waits, or is silenced; else 0 */
  uint64_t *attempts;           /* when the last one is expected, or 0; null in most programs */
  qq_queue_lock lock;           /* begins as QQ_QUEUE_LOCK */
} qq_batch;

/* Opens the queue, and reads all ids. Ends the program if they are wrong. SIGPIPE is ignored from
   now on. */
void qq_batch_start(qq_batch *);

/* The home's control/queuelifetime, in seconds. Ends the program if the home is not known. */
uint64_t qq_batch_queuelifetime(qq_batch const *);

/* Takes the locks, or ends the program with 111 and what is in the way. For a dry run, finds out
   which way it would be, and takes nothing. */
void qq_batch_lock(qq_batch *);

/* What a qq_queue_lock tells of another run that is waited for. */
void qq_batch_tell_wait(pid_t);

/* Gives the locks back, and says if a qmail-send could not start meanwhile. */
void qq_batch_release(qq_queue_lock *);

/* What is done with a message that is in the queue; its number is that of its id in ids. */
typedef qq_outcome qq_batch_act(qq_pin *, stralloc *why);

/* Does it with each message, on jobs threads. Those for which it says `waiting' are asked again
   while qmail-send runs, every pause nanoseconds, tries times; what waits longer is unfinished, and
   text says why. */
void qq_batch_apply(qq_batch *, qq_batch_act *, uint64_t pause, unsigned int tries,
  char const *text);

/* For messages that have to be preprocessed first. */
#define QQ_BATCH_PAUSE UINT64_C(20000000)
#define QQ_BATCH_TRIES 500

/* Everything on the disk; the locks given back. */
void qq_batch_unlock(qq_batch *);

/* The three of them; for a dry run, what the act says would be done, with no lock. */
void qq_batch_run(qq_batch *, qq_batch_act *, uint64_t pause, unsigned int tries, char const *text);

/* One SIGALRM to qmail-send, if some message has that outcome. Trouble if it cannot be had. */
void qq_batch_flush(qq_batch *, qq_outcome);

/* Says why a message is unfinished, failed or unchanged. */
void qq_batch_trouble(qq_outcome, char const *s, size_t n);

/* Messages with that outcome. */
uint64_t qq_batch_count(qq_batch const *, qq_outcome);

/* Tells what became of each message, as the options say, and in one line how many of each outcome
   that there is. Returns the exit code: 111 if some message is unfinished or failed; 1 if one is
   gone and all were expected; else 0. */
int qq_batch_report(qq_batch const *);

#endif
