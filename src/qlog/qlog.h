/* What the programs that read the log share: which log, which lives of it. */

#ifndef QQ_QLOG_H
#define QQ_QLOG_H

#include <qq/log.h>
#include <qq/options.h>
#include <qq/reason.h>

/* ---- which lives ---- */

/* Every criterion, once, in the order of --help: C(id, option, argument, help). The argument says
   how it is read (criteria.c). */
#define QLOG_CRITERIA(C) \
  C(FROM, "from", "PAT", N_("envelope sender")) \
  C(NULL_SENDER, "null-sender", 0, N_("empty envelope sender")) \
  C(TO, "to", "PAT", N_("a recipient")) \
  C(HOST, "host", "PAT", N_("host that its last result names; else the recipient's domain")) \
  C(REASON, "reason", "PAT", N_("text of its last result, with blanks or as logged")) \
  C(RESULT, "result", "WORD", N_("delivered, failed, expired, deferred, removed, unknown or " \
    "under_way")) \
  C(LOCAL, "local", 0, N_("a local recipient")) \
  C(REMOTE, "remote", 0, N_("a remote recipient")) \
  C(CHANNEL, "channel", "NAME", N_("a recipient in channel NAME")) \
  C(MIN_ATTEMPTS, "min-attempts", "N", N_("a recipient that was tried N times or more")) \
  C(MIN_DELAY, "min-delay", "AGE", N_("a recipient whose last line is that long after the " \
    "beginning")) \
  C(BOUNCES, "bounces", 0, N_("bounces and double bounces")) \
  C(NO_BOUNCES, "no-bounces", 0, N_("neither")) \
  C(ID, "id", "ID", N_("the number, or a token: the message of that moment")) \
  C(QP, "qp", "N", N_("queued by process N")) \
  C(UID, "uid", "N", N_("queued by user N")) \
  C(SINCE, "since", "TIME", N_("with a line at that time or later (or AGE ago; today)")) \
  C(UNTIL, "until", "TIME", N_("with a line before that time; together: between the two")) \
  C(FROM_LIST, "from-list", "FILE", N_("envelope sender: one of the patterns in FILE")) \
  C(TO_LIST, "to-list", "FILE", N_("a recipient: one of the patterns in FILE"))

#define QLOG_CRITERION_ID(id, ...) QLOG_##id,
typedef enum { QLOG_CRITERIA(QLOG_CRITERION_ID) QLOG_CRITERIA_COUNT } qlog_criterion;

#define QLOG_CRITERION_OPTION(id, name, argument, help) \
  { 0, name, argument, help, QQ_CALLS(qlog_criterion_take, QLOG_##id) },
qq_option_take qlog_criterion_take;
extern int qlog_inverted;       /* for the row below */

#define QLOG_OPTIONS_CRITERIA \
  QQ_HEADING(N_("Which messages (PAT: a part of it, without case)")), \
  QLOG_CRITERIA(QLOG_CRITERION_OPTION) \
  QQ_OPTIONS_PATTERNS, \
  { 'v', "invert-match", 0, N_("messages that do not meet the criteria"), \
    QQ_SETS(qlog_inverted) }

/* Says whether the life meets the criteria; and whether the recipient is one by which it does. */
int qlog_is_meant(qq_life const *);
int qlog_served_is_meant(qq_served const *);

/* ---- which log ---- */

#define QLOG_OPTIONS_LOG \
  QQ_HEADING(N_("Which log, where no LOG and no $QQ_LOG names one")), \
  QQ_OPTIONS_WHICH, \
  { 0, "service", "SERVICE", N_("what supervises qmail-send, as for qsvc"), \
    QQ_TEXT(qlog_service) }, \
  { 0, "verbose", 0, N_("say which files are read"), QQ_SETS(qlog_verbose) }, \
  QQ_OPTIONS_PROGRESS
extern char const *qlog_service;
extern int qlog_verbose;

/* Opens the log, gives up root, and makes the criteria ready. What is wrong ends the program. */
void qlog_open(void);

/* What is done with each life that is over; returns 1: go on; 0: that was the last. */
typedef int qlog_act(qq_lives *, qq_life *);
/* With each line, whose life may be null. */
typedef void qlog_see(qq_lives *, qq_life *, qq_log_line const *);

/* Goes through all of the log; see may be null. */
void qlog_run(qlog_act *, qlog_see *);

/* What the last run has met. */
typedef struct qlog_counted {
  uint64_t stray;               /* results without a start */
  uint64_t restarts;            /* of qmail-send */
} qlog_counted;
extern qlog_counted qlog_counts;

/* The same, a second time, from the beginning; before the first, qlog_keep. */
void qlog_keep(void);
void qlog_run_again(qlog_act *, qlog_see *);

/* ---- sets of lives, by serial, over two runs ---- */

typedef struct qlog_set { unsigned char *bits; uint64_t size; } qlog_set;
void qlog_set_add(qlog_set *, uint64_t serial);
int qlog_set_has(qlog_set const *, uint64_t serial);
/* What turned out to be another is in the set as that one is. */
void qlog_set_settle(qlog_set *);

/* ---- what is shown ---- */

/* The text of its last result as it was logged; empty: there is none. */
qq_piece qlog_text(qq_served const *);

/* The host that the text names; else, if it is not local, the recipient's domain; else empty. */
qq_piece qlog_host(qq_served const *);

/* Appends the name of its channel. */
void qlog_channel(stralloc *, qq_served const *);

/* Appends the text for people: blanks for underscores. */
void qlog_readable(stralloc *, qq_piece);

#endif
