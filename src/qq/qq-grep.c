/* The ids of messages that meet all criteria given. */

#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "show.h"

static int count, quiet;
static uint64_t limit = UINT64_MAX, found;

static qq_option const options[] = {
  QQ_HEADING(N_("Addresses and text (PAT: a part of it, without case)")),
  QQ_CRITERIA_TEXT(QQ_CRITERION_OPTION)
  QQ_CRITERION_LIST(FROM, "from-list",
    N_("envelope sender: one of the patterns in FILE, one a line"))
  QQ_CRITERION_LIST(TO, "to-list",
    N_("a recipient that is not delivered yet: one of those in FILE"))
  QQ_CRITERION_LIST(SUBJECT, "subject-list", N_("subject: one of those in FILE"))
  QQ_OPTIONS_PATTERNS,
  QQ_HEADING(N_("State and origin")),
  QQ_CRITERIA_CHANNEL(QQ_CRITERION_OPTION)
  QQ_CRITERIA_STATE(QQ_CRITERION_OPTION)
  QQ_OPTIONS_MEASURE
  { 0, "since", "WHEN", N_("as --after: a TIME, or an AGE ago, or today, or yesterday"),
    QQ_CALLS(qq_criteria_take, QQ_CRITERION_AFTER) },
  { 0, "until", "WHEN", N_("as --before, the same way"),
    QQ_CALLS(qq_criteria_take, QQ_CRITERION_BEFORE) },
  QQ_HEADING(N_("What to print")),
  { 'v', "invert-match", 0, N_("messages that do not meet the criteria"),
    QQ_SETS(qq_criteria_given.select.inverted) },
  { 'c', "count", 0, N_("how many there are instead of their ids"), QQ_SETS(count) },
  { 'm', "max-count", "N", N_("stop after N messages"), QQ_NUMBER(limit) },
  { 'q', "quiet", 0, N_("nothing: the exit code says whether there is one"), QQ_SETS(quiet) },
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-grep", "[ID ... | -]",
  N_("Print the ids of messages that meet all criteria given; the same criterion twice: one of "
    "them."),
  options,
  N_("0 found; 1 nothing found; 100 wrong use; 111 trouble of the system, or a message that could "
    "not be judged.")
};

typedef struct worker { qq_judge judge; stralloc out; } worker;

static qq_walk *walk;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Counts one more. Returns 0 when that is one too many. */
static int count_found(void)
{
  int mine, last;
  pthread_mutex_lock(&mutex);
  mine = found < limit;
  if (mine) found++;
  last = found >= limit || quiet;
  pthread_mutex_unlock(&mutex);
  if (last) qq_walk_stop(walk);
  return mine;
}

static int visit(void *p, qq_message *m)
{
  worker *w = p;
  int selected, r = qq_judge_message(&w->judge, m, &selected);
  qq_id id;
  if (r == 1 && selected) r = qq_notice_interruption(m);
  if (r != 1 || !selected || !count_found() || quiet || count) return r;
  id = qq_message_id(m);
  qq_output_token(&w->out, &id);
  qq_output_batch(&w->out, QQ_OUTPUT_BATCH);
  return 1;
}

int main(int argc, char *const *argv)
{
  qq_select const *select;
  qq_reading reading;
  unsigned int i;
  qq_start(&program, argc, argv);
  if (!count && !quiet) qq_output_has_tokens();
  qq_reading_start(&reading);
  select = qq_criteria_ready(&reading.queue);
  if (qq_select_has(select, QQ_CRITERION_IP) || qq_select_has(select, QQ_CRITERION_LOGIN))
    qq_reading_smtp_users(&reading);
  qq_reading_prepare(&reading, visit, sizeof(worker));
  reading.walk.wants_bounces = qq_select_has(select, QQ_CRITERION_FAILING)
    || qq_select_has(select, QQ_CRITERION_DONE_TO);
  if (qq_select_has(select, QQ_CRITERION_TO) || qq_select_has(select, QQ_CRITERION_DONE_TO))
    qq_reading_prefixes(&reading);
  walk = &reading.walk;
  for (i = 0; i < reading.walk.jobs; i++)
    qq_demand_memory(qq_judge_init(&((worker *)reading.walk.workers[i])->judge, select) > 0);
  if (limit) qq_reading_walk(&reading);
  for (i = 0; i < reading.walk.jobs; i++) {
    worker *w = reading.walk.workers[i];
    qq_output_batch(&w->out, 1);
    qq_notice_claims(w->judge.claims);
  }
  if (count && !quiet) qq_output_count(found);
  if (!qq_select_has(select, QQ_CRITERION_INTERRUPTED)) qq_notices_warn();
  qq_exit(found ? 0 : QQ_EXIT_NONE);
}
