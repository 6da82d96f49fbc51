/* The criteria that qq-grep and qq-bounces share, as options. */

#ifndef QQ_CRITERIA_H
#define QQ_CRITERIA_H

#include <qq/options.h>
#include <qq/queue.h>
#include <qq/select.h>

enum {
  QQ_CRITERION_FROM, QQ_CRITERION_TO, QQ_CRITERION_DONE_TO, QQ_CRITERION_SUBJECT, QQ_CRITERION_HEADER,
  QQ_CRITERION_BODY, QQ_CRITERION_FROM_LIST, QQ_CRITERION_TO_LIST, QQ_CRITERION_SUBJECT_LIST,
  QQ_CRITERION_CHANNEL, QQ_CRITERION_UID, QQ_CRITERION_IP, QQ_CRITERION_AFTER, QQ_CRITERION_BEFORE,
  QQ_CRITERION_OLDER, QQ_CRITERION_NEWER, QQ_CRITERION_MIN_SIZE, QQ_CRITERION_MAX_SIZE,
  QQ_CRITERION_MIN_RECIPIENTS
};

#define QQ_OPTIONS_CRITERIA_TEXT \
  QQ_HEADING(N_("Addresses and text (PAT: a part of it, without case)")), \
  { 0, "from", "PAT", N_("envelope sender"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_FROM) }, \
  { 0, "null-sender", 0, N_("empty envelope sender"), QQ_SETS(qq_criteria_given.select.null_sender) }, \
  { 0, "to", "PAT", N_("a recipient that is not delivered yet"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_TO) }, \
  { 0, "done-to", "PAT", N_("a recipient that is done"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_DONE_TO) }, \
  { 0, "subject", "PAT", N_("subject, decoded"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_SUBJECT) }, \
  { 0, "header", "NAME:PAT", N_("another header field, decoded"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_HEADER) }, \
  { 0, "body", "PAT", N_("a line of the text, decoded"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_BODY) }, \
  { 0, "from-list", "FILE", N_("envelope sender: one of the patterns in FILE, one a line"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_FROM_LIST) }, \
  { 0, "to-list", "FILE", N_("a recipient that is not delivered yet: one of those in FILE"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_TO_LIST) }, \
  { 0, "subject-list", "FILE", N_("subject: one of those in FILE"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_SUBJECT_LIST) }, \
  { 'x', "whole", 0, N_("patterns are the whole text"), QQ_SETS(qq_criteria_given.whole) }, \
  { 'g', "glob", 0, N_("patterns are globs (* ? [...]) of the whole text"), QQ_SETS(qq_criteria_given.glob) }, \
  { 'E', "regex", 0, N_("patterns are extended regular expressions"), QQ_SETS(qq_criteria_given.regex) }, \
  { 0, "case", 0, N_("case counts"), QQ_SETS(qq_criteria_given.exact) }
#define QQ_OPTIONS_CRITERIA_CHANNEL \
  { 0, "local", 0, N_("has an undelivered local recipient"), QQ_SETS(qq_criteria_given.select.local) }, \
  { 0, "remote", 0, N_("has an undelivered remote recipient"), QQ_SETS(qq_criteria_given.select.remote) }, \
  { 0, "channel", "NAME", N_("has an undelivered recipient in channel NAME"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_CHANNEL) }
#define QQ_OPTIONS_CRITERIA_STATE \
  QQ_HEADING(N_("State and origin")), \
  QQ_OPTIONS_CRITERIA_CHANNEL, \
  { 0, "new", 0, N_("not preprocessed yet"), QQ_SETS(qq_criteria_given.select.new_only) }, \
  { 0, "held", 0, N_("held"), QQ_SETS(qq_criteria_given.select.held) }, \
  { 0, "over", 0, N_("over, waiting to be taken away (not listed otherwise)"), QQ_SETS(qq_criteria_given.select.over) }, \
  { 0, "interrupted", 0, N_("a removal that did not end; qq-rm finishes it"), QQ_SETS(qq_criteria_given.select.interrupted) }, \
  { 0, "bounces", 0, N_("bounces and double bounces"), QQ_SETS(qq_criteria_given.select.bounces) }, \
  { 0, "no-bounces", 0, N_("neither"), QQ_SETS(qq_criteria_given.select.no_bounces) }, \
  { 0, "double-bounces", 0, N_("double bounces"), QQ_SETS(qq_criteria_given.select.double_bounces) }, \
  { 0, "failing", 0, N_("some recipient has failed for good"), QQ_SETS(qq_criteria_given.select.failing) }, \
  { 0, "uid", "N", N_("injected by a process of this user"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_UID) }, \
  { 0, "ip", "ADDR", N_("injected from the network by this address"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_IP) }
#define QQ_OPTIONS_CRITERIA_MEASURE \
  QQ_HEADING(N_("Age and size (TIME: 2026-11-20, '2026-11-20 12:00', @SECONDS; AGE: 90s 15m 36h 7d; SIZE: 512 10K 5M 1G)")), \
  { 0, "after", "TIME", N_("queued at that time or later"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_AFTER) }, \
  { 0, "before", "TIME", N_("queued earlier"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_BEFORE) }, \
  { 0, "older", "AGE", N_("queued at least that long ago"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_OLDER) }, \
  { 0, "newer", "AGE", N_("queued less long ago"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_NEWER) }, \
  { 0, "min-size", "SIZE", N_("that size or larger"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_MIN_SIZE) }, \
  { 0, "max-size", "SIZE", N_("that size or smaller"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_MAX_SIZE) }, \
  { 0, "min-recipients", "N", N_("that many recipients or more, done or not"), QQ_CALLS(qq_criteria_take, QQ_CRITERION_MIN_RECIPIENTS) }

typedef struct qq_criteria {
  qq_select select;
  int whole, glob, regex, exact;
  int has[6];                   /* which measures were given: after, before, older, newer, min_size, min_recipients */
  genalloc patterns;            /* of qq_pattern_option: read when all options are known */
  genalloc channels;            /* of char const * */
} qq_criteria;

/* Those of this call. */
extern qq_criteria qq_criteria_given;
qq_option_take qq_criteria_take;

/* After the last option: reads the patterns and makes the selection ready. Pattern files were opened
   when their option was read. */
void qq_criteria_ready(qq_queue const *);

#endif
