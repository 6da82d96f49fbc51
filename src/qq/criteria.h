/* The criteria that qq-grep and qq-bounces share, as options. */

#ifndef QQ_CRITERIA_H
#define QQ_CRITERIA_H

#include <qq/options.h>
#include <qq/queue.h>
#include <qq/select.h>

enum {
  QQ_CRITERION_FROM = QQ_OPTION_OWN + 100, QQ_CRITERION_NULL_SENDER, QQ_CRITERION_TO, QQ_CRITERION_DONE_TO, QQ_CRITERION_SUBJECT,
  QQ_CRITERION_HEADER, QQ_CRITERION_BODY, QQ_CRITERION_FROM_LIST, QQ_CRITERION_TO_LIST, QQ_CRITERION_SUBJECT_LIST, QQ_CRITERION_CASE,
  QQ_CRITERION_LOCAL, QQ_CRITERION_REMOTE, QQ_CRITERION_CHANNEL, QQ_CRITERION_NEW, QQ_CRITERION_HELD, QQ_CRITERION_OVER,
  QQ_CRITERION_INTERRUPTED, QQ_CRITERION_BOUNCES, QQ_CRITERION_NO_BOUNCES, QQ_CRITERION_SINGLE, QQ_CRITERION_DOUBLE, QQ_CRITERION_FAILING,
  QQ_CRITERION_UID, QQ_CRITERION_IP, QQ_CRITERION_AFTER, QQ_CRITERION_BEFORE, QQ_CRITERION_OLDER, QQ_CRITERION_NEWER,
  QQ_CRITERION_MIN_SIZE, QQ_CRITERION_MAX_SIZE, QQ_CRITERION_MIN_RECIPIENTS
};

#define QQ_OPTIONS_CRITERIA_TEXT \
  { QQ_OPTION_HEADING, 0, 0, N_("Addresses and text (PAT: a part of it, without case)") }, \
  { QQ_CRITERION_FROM, "from", "PAT", N_("envelope sender") }, \
  { QQ_CRITERION_NULL_SENDER, "null-sender", 0, N_("empty envelope sender") }, \
  { QQ_CRITERION_TO, "to", "PAT", N_("a recipient that is not delivered yet") }, \
  { QQ_CRITERION_DONE_TO, "done-to", "PAT", N_("a recipient that is done") }, \
  { QQ_CRITERION_SUBJECT, "subject", "PAT", N_("subject, decoded") }, \
  { QQ_CRITERION_HEADER, "header", "NAME:PAT", N_("another header field, decoded") }, \
  { QQ_CRITERION_BODY, "body", "PAT", N_("a line of the text, decoded") }, \
  { QQ_CRITERION_FROM_LIST, "from-list", "FILE", N_("envelope sender: one of the patterns in FILE, one a line") }, \
  { QQ_CRITERION_TO_LIST, "to-list", "FILE", N_("a recipient that is not delivered yet: one of those in FILE") }, \
  { QQ_CRITERION_SUBJECT_LIST, "subject-list", "FILE", N_("subject: one of those in FILE") }, \
  { 'x', "whole", 0, N_("patterns are the whole text") }, \
  { 'g', "glob", 0, N_("patterns are globs (* ? [...]) of the whole text") }, \
  { 'E', "regex", 0, N_("patterns are extended regular expressions") }, \
  { QQ_CRITERION_CASE, "case", 0, N_("case counts") }
#define QQ_OPTIONS_CRITERIA_CHANNEL \
  { QQ_CRITERION_LOCAL, "local", 0, N_("has an undelivered local recipient") }, \
  { QQ_CRITERION_REMOTE, "remote", 0, N_("has an undelivered remote recipient") }, \
  { QQ_CRITERION_CHANNEL, "channel", "NAME", N_("has an undelivered recipient in channel NAME") }
#define QQ_OPTIONS_CRITERIA_STATE \
  { QQ_OPTION_HEADING, 0, 0, N_("State and origin") }, \
  QQ_OPTIONS_CRITERIA_CHANNEL, \
  { QQ_CRITERION_NEW, "new", 0, N_("not preprocessed yet") }, \
  { QQ_CRITERION_HELD, "held", 0, N_("held") }, \
  { QQ_CRITERION_OVER, "over", 0, N_("over, waiting to be taken away (not listed otherwise)") }, \
  { QQ_CRITERION_INTERRUPTED, "interrupted", 0, N_("a removal that did not end; qq-rm finishes it") }, \
  { QQ_CRITERION_BOUNCES, "bounces", 0, N_("bounces and double bounces") }, \
  { QQ_CRITERION_NO_BOUNCES, "no-bounces", 0, N_("neither") }, \
  { QQ_CRITERION_DOUBLE, "double-bounces", 0, N_("double bounces") }, \
  { QQ_CRITERION_FAILING, "failing", 0, N_("some recipient has failed for good") }, \
  { QQ_CRITERION_UID, "uid", "N", N_("injected by a process of this user") }, \
  { QQ_CRITERION_IP, "ip", "ADDR", N_("injected from the network by this address") }
#define QQ_OPTIONS_CRITERIA_MEASURE \
  { QQ_OPTION_HEADING, 0, 0, N_("Age and size (TIME: 2026-11-20, '2026-11-20 12:00', @SECONDS; AGE: 90s 15m 36h 7d; SIZE: 512 10K 5M 1G)") }, \
  { QQ_CRITERION_AFTER, "after", "TIME", N_("queued at that time or later") }, \
  { QQ_CRITERION_BEFORE, "before", "TIME", N_("queued earlier") }, \
  { QQ_CRITERION_OLDER, "older", "AGE", N_("queued at least that long ago") }, \
  { QQ_CRITERION_NEWER, "newer", "AGE", N_("queued less long ago") }, \
  { QQ_CRITERION_MIN_SIZE, "min-size", "SIZE", N_("that size or larger") }, \
  { QQ_CRITERION_MAX_SIZE, "max-size", "SIZE", N_("that size or smaller") }, \
  { QQ_CRITERION_MIN_RECIPIENTS, "min-recipients", "N", N_("that many recipients or more, done or not") }

typedef struct qq_criteria {
  qq_select select;
  int whole, glob, regex, exact;
  int has[6];                   /* which measures were given: after, before, older, newer, min_size, min_recipients */
  genalloc patterns;            /* of qq_pattern_option: read when all options are known */
  genalloc channels;            /* of char const * */
} qq_criteria;

/* Takes a criterion's option. What is wrong with it ends the program with 100. */
void qq_criteria_take(qq_criteria *, int option, char const *value);

/* After the last option: reads the patterns and makes the selection ready. Pattern files were opened when their option was read. */
void qq_criteria_ready(qq_criteria *, qq_queue const *);

#endif
