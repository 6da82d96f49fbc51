/* Bounces in the queue, and why they are there. */

#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "show.h"
#include "stat.h"

enum { REASONS = 1, SUMMARY };
static int mode, rows, single, doubled;

static void set_mode(qq_option const *option, char const *none)
{
  (void)none;
  if (mode && mode != option->value)
    qq_die_usage("%s", _("options --reasons and --summary cannot be used together"));
  mode = option->value;
}

static qq_option const options[] = {
  { 0, "single-bounces", 0, N_("only bounces to a sender, no double bounces"), QQ_SETS(single) },
  { 0, "double-bounces", 0, N_("only double bounces"), QQ_SETS(doubled) },
  QQ_CRITERIA_CHANNEL(QQ_CRITERION_OPTION)
  QQ_OPTIONS_MEASURE
  QQ_HEADING(N_("What to print")),
  { 0, "reasons", 0, N_("for each failed recipient a line: id, address, reason, with tabs between"),
    QQ_CALLS(set_mode, REASONS) },
  { 0, "summary", 0, N_("how many failed recipients by reason and by host"),
    QQ_CALLS(set_mode, SUMMARY) },
  QQ_OPTIONS_ROWS(rows, N_("with either of them: a JSON object a line")),
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-bounces", "[ID ... | -]",
  N_("Print the ids of bounces in the queue, or why they are there."),
  options,
  N_("0 found; 1 no bounce; 100 wrong use; 111 trouble of the system, or a message that could not "
    "be judged.")
};

typedef struct worker {
  qq_judge judge;
  qq_report report;
  qq_qsbmf failures;
  qq_message const *message;    /* that is read */
  int is_pending;               /* of which: what has failed of it, not what it tells of another */
  stralloc out, key;
} worker;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;      /* for what is counted */
static unsigned long found, unknown;

static void count(unsigned long *n)
{
  pthread_mutex_lock(&mutex);
  ++*n;
  pthread_mutex_unlock(&mutex);
}

static void print_reason(void *p, qq_qsbmf const *q)
{
  worker *w = p;
  qq_id const id = qq_message_id(w->message);
  char token[QQ_ID_FMT];
  qq_must_fmt(&w->out, "%.*s\t", (int)qq_id_format(token, &id), token);
  qq_demand_memory(qq_safe(&w->out, q->address.s, q->address.len)
    && stralloc_append(&w->out, '\t'));
  qq_reason_line(&w->out, q);
  qq_demand_memory(stralloc_append(&w->out, '\n'));
}

static void print_reason_json(void *p, qq_qsbmf const *q)
{
  worker *w = p;
  qq_reason_json(&w->out, w->message, w->is_pending, q);
}

static void count_reason(void *p, qq_qsbmf const *q)
{
  qq_reasons_count(&((worker *)p)->key, q);
}

static int print_token(worker *w, qq_message *m)
{
  qq_id const id = qq_message_id(m);
  qq_output_token(&w->out, &id);
  count(&found);
  return 1;
}

static int is_asked_for(qq_bounce_kind kind)
{
  return single == doubled ? kind != QQ_NO_BOUNCE
    : kind == (single ? QQ_SINGLE_BOUNCE : QQ_DOUBLE_BOUNCE);
}

static qq_failure_action *action_of_mode(void)
{
  return mode == SUMMARY ? count_reason : rows ? print_reason_json : print_reason;
}

/* What the bounces say, and what has failed of messages that have not ended. */
static int read_reasons(worker *w, qq_message *m)
{
  qq_failure_action *const action = action_of_mode();
  int is_bounce, is_pending, r = qq_message_pin(m);
  if (r == 1) r = qq_message_envelope(m);
  if (r == 1) r = qq_message_failing(m);
  if (r != 1) return r;
  is_bounce = is_asked_for(qq_message_bounce(m));
  is_pending = m->failing && single == doubled;
  w->message = m;
  w->is_pending = 0;
  if (is_bounce) r = qq_message_report(m, &w->report, action, w);
  if (is_bounce && r == 1 && !w->report.is_understood) count(&unknown);
  w->is_pending = 1;
  if (is_pending && r == 1) r = qq_message_failures(m, &w->failures, action, w);
  if (r == 1 && (is_bounce || is_pending)) count(&found);
  return r;
}

static int visit(void *p, qq_message *m)
{
  worker *w = p;
  int selected, r = qq_judge_message(&w->judge, m, &selected);
  if (r == 1 && selected) r = qq_notice_interruption(m);
  if (r == 1 && selected) r = mode ? read_reasons(w, m) : print_token(w, m);
  qq_output_batch(&w->out, QQ_OUTPUT_BATCH);
  return r;
}

/* With --reasons and --summary any message may have failures. */
static qq_select *prepare(qq_reading *reading)
{
  qq_select *select = qq_criteria_ready(&reading->queue);
  reading->walk.wants_bounces = mode != 0;
  if (!mode)
    qq_demand_memory(qq_select_value(select, single == doubled ? QQ_CRITERION_BOUNCES
      : single ? QQ_CRITERION_NULL_SENDER : QQ_CRITERION_DOUBLE_BOUNCES, 1));
  return select;
}

static void warn_of_unknown(void)
{
  if (unknown)
    qq_warn(ngettext("%lu bounce is in no known form, so its reasons are not shown: see "
      "qq-bounces(8)", "%lu bounces are in no known form, so their reasons are not shown: see "
      "qq-bounces(8)", unknown), unknown);
}

int main(int argc, char *const *argv)
{
  static qq_reading reading;
  qq_select *select;
  unsigned int i;
  qq_start(&program, argc, argv);
  if (rows && !mode) qq_die_usage(_("option %s needs --reasons or --summary"),
    qq_rows_option(rows));
  if (!mode) qq_output_has_tokens();
  qq_reading_start(&reading);
  select = prepare(&reading);
  qq_reading_prepare(&reading, visit, sizeof(worker));
  for (i = 0; i < reading.walk.jobs; i++)
    qq_demand_memory(qq_judge_init(&((worker *)reading.walk.workers[i])->judge, select) > 0);
  qq_rows_begin(rows, mode == SUMMARY ? QQ_REASONS_TITLES : QQ_REASON_TITLES);
  qq_reading_walk(&reading);
  for (i = 0; i < reading.walk.jobs; i++)
    qq_output_batch(&((worker *)reading.walk.workers[i])->out, 1);
  if (mode == SUMMARY && found) (rows ? qq_reasons_print_json : qq_reasons_print)();
  warn_of_unknown();
  qq_notices_warn();
  qq_exit(found ? 0 : QQ_EXIT_NONE);
}
