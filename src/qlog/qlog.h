/* What the programs that read the log share: which log, which lives of it, and what is shown. */

#ifndef QQ_QLOG_H
#define QQ_QLOG_H

#include <qq/log.h>
#include <qq/options.h>
#include <qq/qsbmf.h>

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

/* Says whether there are any. */
int qlog_has_criteria(void);

/* Says whether the life meets the criteria; and whether the recipient is one by which it does. */
int qlog_is_meant(qq_life const *);
int qlog_served_is_meant(qq_served const *);

/* Says whether it is known now, with its sender, that the life will not be meant, whatever else
   comes. */
int qlog_is_excluded(qq_life const *);

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

/* The log itself: for who sets something in it before it is opened, or looks at its files. */
qq_log *qlog_log(void);

/* Goes through all of it, line by line. */
typedef void qlog_take(qq_log_line const *);
void qlog_read(qlog_take *);

/* What is done with each life that is over; returns 1: go on; 0: that was the last. */
typedef int qlog_act(qq_lives *, qq_life *);
/* With each line, whose life may be null. */
typedef void qlog_see(qq_lives *, qq_life *, qq_log_line const *);

/* Goes through all of the log; see may be null. */
void qlog_run(qlog_act *, qlog_see *);

/* No act will ask for the text of a result. */
extern int qlog_has_no_reasons;

/* Some act will ask from which client a message is. */
extern int qlog_shows_logins;

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

/* ---- lines of lives, in the order of the log ---- */

/* Adds those of its trail: some five bytes for each. */
void qlog_wanted_add(qq_life const *);

/* Reads what was added, from the log that is done with, and passes on line by line. */
typedef void qlog_print_line(stralloc const *);
void qlog_wanted_print(qlog_print_line *);

/* ---- what is shown ---- */

/* The text of its last result as it was logged; empty: there is none. */
qq_piece qlog_text(qq_served const *);

/* The host that the text names; else, if it is not local, the recipient's domain; else empty. */
qq_piece qlog_host(qq_served const *);

/* Appends the name of its channel. */
void qlog_channel(stralloc *, qq_served const *);

/* ---- of the criteria, for qlog_open and what goes through the log ---- */

/* Warns of tokens that no life was, because the log begins too late. */
void qlog_criteria_tell(void);

/* Says whether messages are asked for by number. */
int qlog_names_messages(void);

/* Pattern files are read: tells the log which files need not be opened. */
void qlog_criteria_ready(qq_log *);

/* Tells the lives what is in range. */
void qlog_criteria_range(qq_lives *);

/* ---- qlog-show: the forms of a life; each appends what it shows ---- */

typedef void qlog_form(stralloc *, qq_lives *, qq_life *);
qlog_form qlog_json, qlog_rows, qlog_tsv, qlog_story;

/* The line above rows, and above tab-separated ones. */
void qlog_rows_heading(stralloc *);
void qlog_tsv_heading(stralloc *);

/* With --follow: notes in the first run what a line tells of other messages; then adds to the set
   what came of those in it. */
qlog_see qlog_follow_line;
void qlog_follow(qlog_set *);

/* All recipients are shown, also of what the criteria did not ask for. */
extern int qlog_shows_all;

/* Writes down for the story what the line tells of its life. */
qlog_see qlog_story_line;

/* ---- qlog-stat: figures by key ---- */

/* What --by counts by. */
#define QLOG_KEYS \
  "from|from-domain|to|to-domain|host|reason|uid|ip|login|channel|result|hour|day"
enum {
  QLOG_BY_FROM, QLOG_BY_FROM_DOMAIN, QLOG_BY_TO, QLOG_BY_TO_DOMAIN, QLOG_BY_HOST, QLOG_BY_REASON,
  QLOG_BY_UID, QLOG_BY_IP, QLOG_BY_LOGIN, QLOG_BY_CHANNEL, QLOG_BY_RESULT, QLOG_BY_HOUR, QLOG_BY_DAY
};

/* In this order in all forms. */
enum {
  QLOG_MESSAGES, QLOG_RECIPIENTS, QLOG_DELIVERED, QLOG_FAILED, QLOG_DEFERRALS, QLOG_OPEN,
  QLOG_BYTES, QLOG_NUMBERS
};
#define QLOG_SORTS "messages|recipients|delivered|failed|deferrals|open|bytes|first|last|key"

typedef struct qlog_figures {
  qq_piece key;
  uint64_t n[QLOG_NUMBERS];
  uint64_t first, last;         /* moments, or QQ_LOG_UNKNOWN */
  uint64_t serial;              /* of the last message, and 1 */
} qlog_figures;

/* The figures of a key, which is not empty, in a table of them, made if it is new. */
qlog_figures *qlog_tally_find(qq_table *, char const *s, size_t n);

/* Appends the key of the life, or, if it is one of recipients, of the recipient; `-` for what the
   log does not say. */
void qlog_key(stralloc *, int by, qq_life const *, qq_served const *);

/* Says whether it is a key of recipients. */
int qlog_is_of_recipient(int by);

/* Counts the message, once; and a recipient. */
void qlog_figures_message(qlog_figures *, qq_life const *);
void qlog_figures_recipient(qlog_figures *, qq_served const *);

/* How long deliveries took, to within a hundredth; in nanoseconds. */
#define QLOG_DELAY_BITS 7
typedef struct qlog_delays { uint64_t counts[64 << QLOG_DELAY_BITS], all, most; } qlog_delays;
void qlog_delays_add(qlog_delays *, uint64_t);
/* What so many in a hundred took at most. */
uint64_t qlog_delays_of(qlog_delays const *, unsigned int percent);

/* The figures in the order of QLOG_SORTS (below 0: the busiest first), top of them at most, in each
   form. */
typedef struct qlog_report {
  int by, sort, is_reversed;
  uint64_t top;
} qlog_report;
typedef void qlog_print(stralloc *, qlog_report const *, qq_table const *);
qlog_print qlog_print_text, qlog_print_json, qlog_print_tsv;

/* Totals. */
void qlog_totals_text(stralloc *, qlog_figures const *, qlog_delays const *);
void qlog_totals_json(stralloc *, qlog_figures const *, qlog_delays const *);
void qlog_totals_tsv(stralloc *, qlog_figures const *, qlog_delays const *);

/* The word for a key. */
char const *qlog_key_word(int by);

#endif
