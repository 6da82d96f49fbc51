/* What the programs that change a queue share: the ids, whole before anything is done; the locks;
   each message pinned in turn, those that wait for qmail-send again; the report. */

#ifndef QQ_BATCH_H
#define QQ_BATCH_H

#include <qq/change.h>
#include <qq/options.h>
#include "reading.h"

#define QQ_OPTIONS_CHANGE(change) \
  { 'v', "verbose", 0, N_("a line for each message on standard error"), \
    QQ_SETS((change).verbose) }, \
  { 0, "json", 0, N_("a JSON object for each message on standard output"), \
    QQ_SETS((change).json) }, \
  { 'q', "quiet", 0, N_("no summary"), QQ_SETS((change).quiet) }

typedef struct qq_change {
  int verbose, json, quiet;
  int dry_run;                  /* nothing is done; outcomes are what would be */
  int missed;                   /* one of the messages was to be there, and is gone */
  int may_be_under_way;         /* what is silenced may have been read by qmail-send before */
  void (*gone)(qq_shard *, qq_id const *);      /* for a message that is not there; or null */
  unsigned int jobs;            /* threads that qq_change_each takes; 0: this one */
  qq_reading reading;           /* its queue, and ids, sorted */
  unsigned char *outcomes;      /* one for each of the ids: a qq_outcome */
  uint64_t *attempts;           /* one for each: when it is expected, or 0; null in most programs */
  qq_queue_lock changing;
  uint64_t *stamps;             /* private: of messages that wait */
} qq_change;

/* Opens the queue, and reads all ids. Ends the program if they are wrong. SIGPIPE is ignored from
   now on. */
void qq_change_start(qq_change *);

/* The home's control/queuelifetime, in seconds. Ends the program if the home is not known. */
uint64_t qq_change_queuelifetime(qq_change const *);

/* Takes the locks, or ends the program with 111 and what is in the way. */
void qq_change_begin(qq_change *);

/* Finds out which way it would be, and takes nothing; for a dry run. */
void qq_change_probe(qq_change *);

/* What is done with a message that is in the queue; its number is that of its id in reading.ids. */
typedef qq_outcome qq_change_one(void *, qq_pin *, stralloc *why);

/* Does it with each message, on jobs threads. Those for which it says `waiting' are asked again
   while qmail-send runs, every pause nanoseconds, tries times; what waits longer is unfinished, and
   text says why. */
void qq_change_each(qq_change *, qq_change_one *, void *, uint64_t pause, unsigned int tries, char const *text);

/* For messages that have to be preprocessed first. */
#define QQ_CHANGE_PAUSE UINT64_C(20000000)
#define QQ_CHANGE_TRIES 500

/* Everything on the disk; the locks given back. */
void qq_change_end(qq_change *);

/* One SIGALRM to qmail-send, if some message has that outcome. Trouble if it cannot be had. */
void qq_change_flush(qq_change *, qq_outcome);

/* Says why a message is unfinished, failed or unchanged. */
void qq_change_trouble(qq_outcome, char const *s, size_t n);

/* Messages with that outcome. */
uint64_t qq_change_count(qq_change const *, qq_outcome);

/* Tells what became of each message, as the options say, and in one line how many there are of each
   of outcomes, up to QQ_OUTCOMES. */
void qq_change_report(qq_change *, unsigned char const *outcomes);

/* Gone is not what was wanted: a warning for each message that is, and the exit code says so. */
void qq_change_warn_gone(qq_change *);

/* 111 if some message is unfinished or failed; 1 if one is gone that qq_change_warn_gone warned
   about; else 0. */
int qq_change_exit_code(qq_change const *);

#endif
