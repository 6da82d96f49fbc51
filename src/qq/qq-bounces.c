/* Bounces in the queue, and why they are there. */

#include <pthread.h>
#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "criteria.h"
#include "show.h"
#include "reading.h"
#include "reasons.h"

enum { REASONS = 1, SUMMARY };
static int mode, single, doubled;

static void set_mode(qq_option const *option, char const *none)
{
  (void)none;
  if (mode && mode != option->value)
    qq_die_usage("%s", _("options --reasons and --summary exclude each other"));
  mode = option->value;
}

static qq_option const options[] = {
  { 0, "single", 0, N_("only bounces to a sender, no double bounces"), QQ_SETS(single) },
  { 0, "double", 0, N_("only double bounces"), QQ_SETS(doubled) },
  QQ_CRITERIA_CHANNEL(QQ_CRITERION_OPTION)
  QQ_OPTIONS_MEASURE
  QQ_HEADING(N_("What to print")),
  { 0, "reasons", 0, N_("for each failed recipient a line: id, address, reason, with tabs between"),
    QQ_CALLS(set_mode, REASONS) },
  { 0, "summary", 0, N_("how many failed recipients by reason and by host"),
    QQ_CALLS(set_mode, SUMMARY) },
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-bounces", "[ID ... | -]", N_("Print the ids of bounces in the queue, or why they are there."), options,
  N_("0 found; 1 no bounce; 100 wrong use; 111 trouble of the system, or a message that could not be judged.")
};

typedef struct worker {
  qq_judge judge;
  qq_reasons reasons;
  qq_tally by_reason, by_host;
  stralloc out, key;
  uint64_t found;
} worker;

static void print_reason(void *p, qq_message const *m, qq_qsbmf const *q)
{
  worker *w = p;
  qq_id const id = qq_message_id(m);
  char token[QQ_ID_FMT];
  if (!stralloc_catb(&w->out, token, qq_id_format(token, &id)) || !stralloc_append(&w->out, '\t')
    || !qq_safe(&w->out, q->address.s, q->address.len) || !stralloc_append(&w->out, '\t')) qq_die_memory();
  qq_reason_line(&w->out, q);
  if (!stralloc_append(&w->out, '\n')) qq_die_memory();
}

static void count_reason(void *p, qq_message const *m, qq_qsbmf const *q)
{
  worker *w = p;
  (void)m;
  w->key.len = 0;
  qq_reason_key(&w->key, q);
  qq_tally_add(&w->by_reason, w->key.s, w->key.len, 0);
  w->key.len = 0;
  qq_reason_host(&w->key, q);
  qq_tally_add(&w->by_host, w->key.s, w->key.len, 0);
}

static int visit(void *p, qq_message *m)
{
  worker *w = p;
  int selected, r = qq_judge_message(&w->judge, m, &selected);
  if (r == 1 && selected) r = qq_notes_interrupted(m);
  if (r != 1 || !selected) return r;
  if (!mode) {
    qq_id const id = qq_message_id(m);
    qq_output_token(&w->out, &id);
  }
  else {
    r = qq_message_pin(m);
    if (r == 1) r = qq_reasons_read(&w->reasons, m, mode == REASONS ? print_reason : count_reason, w);
    if (r != 1) return r;
  }
  w->found++;
  qq_output_batch(&w->out, QQ_OUTPUT_BATCH);
  return 1;
}

static void print_tally(stralloc *out, char const *title, qq_tally const *t)
{
  size_t n, i;
  qq_count const **counts = qq_tally_sorted(t, &n);
  if (!stralloc_cats(out, title) || !stralloc_append(out, '\n')) qq_die_memory();
  for (i = 0; i < n; i++)
    if (!qq_say(out, "%8llu  ", (unsigned long long)counts[i]->total) || !qq_safe(out, counts[i]->key, counts[i]->length)
      || !stralloc_append(out, '\n')) qq_die_memory();
  free(counts);
}

static void summarize(qq_reading *r)
{
  qq_tally by_reason = 0, by_host = 0;
  stralloc out = STRALLOC_ZERO;
  unsigned int i;
  for (i = 0; i < r->walk.jobs; i++) {
    worker *w = r->walk.workers[i];
    qq_tally_merge(&by_reason, &w->by_reason);
    qq_tally_merge(&by_host, &w->by_host);
  }
  print_tally(&out, _("failed recipients by reason:"), &by_reason);
  print_tally(&out, _("failed recipients by host:"), &by_host);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

int main(int argc, char *const *argv)
{
  static qq_reading reading;
  qq_select *select;
  uint64_t found = 0;
  unsigned int i;
  qq_start(&program, argc, argv);
  qq_reading_start(&reading);
  select = qq_criteria_ready(&reading.queue);
  qq_demand_memory(qq_select_value(select, single == doubled ? QQ_CRITERION_BOUNCES
    : single ? QQ_CRITERION_NULL_SENDER : QQ_CRITERION_DOUBLE_BOUNCES, 1));
  qq_reading_prepare(&reading, visit, sizeof(worker));
  for (i = 0; i < reading.walk.jobs; i++)
    if (qq_judge_init(&((worker *)reading.walk.workers[i])->judge, select) < 0) qq_die_memory();
  qq_reading_walk(&reading);
  for (i = 0; i < reading.walk.jobs; i++) {
    worker *w = reading.walk.workers[i];
    found += w->found;
    qq_output_batch(&w->out, 1);
  }
  if (mode == SUMMARY && found) summarize(&reading);
  qq_notes_warn();
  qq_exit(found ? 0 : QQ_EXIT_NONE);
}
