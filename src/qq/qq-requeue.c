/* Places messages anew, so that they are tried now, by the control files of today. */

#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/when.h>
#include "moving.h"

static qq_patterns patterns = QQ_PATTERNS_ZERO;       /* of --failed */
static qq_requeue requeue = { .batch = { .expects_all = 1, .lock = QQ_QUEUE_LOCK },
  .timeout = 300 * QQ_SECOND };

static void take_readdress(qq_option const *o, char const *value)
{
  qq_readdress r = { { 0, 0 }, { 0, 0 }, 0 };
  if (!qq_readdress_scan(&r, value))
    qq_bad_value(o->name, value, o->argument);
  qq_demand_memory(genalloc_append(qq_readdress, &requeue.readdress, &r));
}

static void take_failed(qq_option const *o, char const *value)
{
  qq_kept const given = { o, value, -1 };
  qq_pattern_read(&patterns, &given);
  requeue.failed.patterns = &patterns;
}

static qq_option const options[] = {
  { 0, "readdress", "OLD=NEW", N_("only messages to OLD, which go to NEW instead; repeatable"),
    QQ_CALLS(take_readdress, 0) },
  { 0, "failed", "TEXT", N_("only messages of which recipients have failed with TEXT in address or "
    "reason: these are due again, too; repeatable"), QQ_CALLS(take_failed, 0) },
  { 0, "timeout", "DURATION", N_("how long to wait for deliveries that are under way (5m)"),
    QQ_DURATION(requeue.timeout) },
  { 0, "verbose", 0, N_("a line for each message on standard error"),
    QQ_SETS(requeue.batch.verbose) },
  { 'v', "verbose", 0, "", QQ_SETS(requeue.batch.verbose) },
  { 'q', "quiet", 0, N_("no summary"), QQ_SETS(requeue.batch.quiet) },
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-requeue", "[ID ...]",
  N_("Try messages now, and only these, by the control files of today; print their new ids. The "
    "ids are operands, or come from standard input."),
  options,
  N_("0 all are tried; 1 one of them is not in the queue; 100 wrong use or input, nothing done; "
    "111 trouble, and what it was: the same ids again finish it.")
};

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  if (requeue.failed.patterns)
    qq_demand_memory(qq_patterns_ready(&patterns) > 0);
  qq_output_has_tokens();
  qq_requeue_run(&requeue);
  if (requeue.unsettled) qq_trouble(ngettext("%llu of them qmail-send has not preprocessed yet: "
    "the same ids again put its age right", "%llu of them qmail-send has not preprocessed yet: the "
    "same ids again put their ages right", (unsigned long)requeue.unsettled),
    (unsigned long long)requeue.unsettled);
  qq_exit(qq_batch_report(&requeue.batch));
}
