/* Bounces in the queue, and why they are there. */

#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "criteria.h"
#include "show.h"
#include "stat.h"

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
  { 0, "single-bounces", 0, N_("only bounces to a sender, no double bounces"), QQ_SETS(single) },
  { 0, "double-bounces", 0, N_("only double bounces"), QQ_SETS(doubled) },
  QQ_CRITERIA_CHANNEL(QQ_CRITERION_OPTION)
  QQ_OPTIONS_MEASURE
  QQ_HEADING(N_("What to print")),
  { 0, "reasons", 0, N_("for each failed recipient a line: id, address, reason, with tabs between"),
    QQ_CALLS(set_mode, REASONS) },
  { 0, "summary", 0, N_("how many failed recipients by reason and by host"),
    QQ_CALLS(set_mode, SUMMARY) },
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
  qq_reasons reasons;
  stralloc out, key;
} worker;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;      /* for what is counted */
static uint64_t found;
static qq_tally by_reason, by_host;

static void print_reason(void *p, qq_message const *m, qq_qsbmf const *q)
{
  worker *w = p;
  qq_id const id = qq_message_id(m);
  char token[QQ_ID_FMT];
  qq_must_fmt(&w->out, "%.*s\t", (int)qq_id_format(token, &id), token);
  qq_demand_memory(qq_safe(&w->out, q->address.s, q->address.len)
    && stralloc_append(&w->out, '\t'));
  qq_reason_line(&w->out, q);
  qq_demand_memory(stralloc_append(&w->out, '\n'));
}

static void count_key(qq_tally *t, worker *w, qq_qsbmf const *q,
  void (*append)(stralloc *, qq_qsbmf const *))
{
  qq_piece key;
  w->key.len = 0;
  append(&w->key, q);
  key.s = w->key.s;
  key.n = w->key.len;
  pthread_mutex_lock(&mutex);
  qq_tally_add(t, &key, 0, 0);
  pthread_mutex_unlock(&mutex);
}

static void count_reason(void *p, qq_message const *m, qq_qsbmf const *q)
{
  (void)m;
  count_key(&by_reason, p, q, qq_reason_of);
  count_key(&by_host, p, q, qq_reason_host);
}

static int print_found(worker *w, qq_message *m)
{
  qq_id const id = qq_message_id(m);
  int const r = mode ? qq_message_pin(m) : 1;
  if (r == 1 && mode)
    return qq_reasons_read(&w->reasons, m, mode == REASONS ? print_reason : count_reason, w);
  if (r == 1) qq_output_token(&w->out, &id);
  return r;
}

static int visit(void *p, qq_message *m)
{
  worker *w = p;
  int selected, r = qq_judge_message(&w->judge, m, &selected);
  if (r == 1 && selected) r = qq_notice_interruption(m);
  if (r == 1 && selected) r = print_found(w, m);
  if (r != 1 || !selected) return r;
  qq_output_batch(&w->out, QQ_OUTPUT_BATCH);
  pthread_mutex_lock(&mutex);
  found++;
  pthread_mutex_unlock(&mutex);
  return 1;
}

static void print_tally(char const *title, qq_tally const *t)
{
  stralloc out = STRALLOC_ZERO;
  genalloc list = GENALLOC_ZERO;        /* of qq_count const * */
  qq_count const *const *counts;
  size_t i;
  qq_tally_list(t, &list, qq_most_messages);
  counts = genalloc_s(qq_count const *, &list);
  qq_must_fmt(&out, "%s\n", title);
  for (i = 0; i < genalloc_len(qq_count const *, &list); i++) {
    qq_must_fmt(&out, "%8llu  ", (unsigned long long)counts[i]->total);
    qq_demand_memory(qq_safe(&out, counts[i]->key.s, counts[i]->key.n)
      && stralloc_append(&out, '\n'));
  }
  qq_output_batch(&out, 1);
  genalloc_free(qq_count const *, &list);
  stralloc_free(&out);
}

int main(int argc, char *const *argv)
{
  static qq_reading reading;
  qq_select *select;
  unsigned int i;
  qq_start(&program, argc, argv);
  if (!mode) qq_output_has_tokens();
  qq_reading_start(&reading);
  select = qq_criteria_ready(&reading.queue);
  qq_demand_memory(qq_select_value(select, single == doubled ? QQ_CRITERION_BOUNCES
    : single ? QQ_CRITERION_NULL_SENDER : QQ_CRITERION_DOUBLE_BOUNCES, 1));
  qq_reading_prepare(&reading, visit, sizeof(worker));
  for (i = 0; i < reading.walk.jobs; i++)
    qq_demand_memory(qq_judge_init(&((worker *)reading.walk.workers[i])->judge, select) > 0);
  qq_reading_walk(&reading);
  for (i = 0; i < reading.walk.jobs; i++)
    qq_output_batch(&((worker *)reading.walk.workers[i])->out, 1);
  if (mode == SUMMARY && found) {
    print_tally(_("failed recipients by reason:"), &by_reason);
    print_tally(_("failed recipients by host:"), &by_host);
  }
  qq_notices_warn();
  qq_exit(found ? 0 : QQ_EXIT_NONE);
}
