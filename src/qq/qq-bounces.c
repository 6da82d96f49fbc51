/* Bounces in the queue, and why they are there. */

#include <pthread.h>
#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "criteria.h"
#include "notes.h"
#include "reading.h"
#include "reasons.h"

enum { REASONS = QQ_OPTION_OWN, SUMMARY, SINGLE, DOUBLE };

static qq_option const options[] = {
  { SINGLE, "single", 0, N_("only bounces to a sender, no double bounces") },
  { DOUBLE, "double", 0, N_("only double bounces") },
  QQ_OPTIONS_CRITERIA_CHANNEL,
  QQ_OPTIONS_CRITERIA_MEASURE,
  { QQ_OPTION_HEADING, 0, 0, N_("What to print") },
  { REASONS, "reasons", 0, N_("for each failed recipient a line: id, address, reason, with tabs between") },
  { SUMMARY, "summary", 0, N_("how many failed recipients by reason and by host") },
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

static qq_criteria criteria;
static int mode;

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

static void set_mode(int option)
{
  if (mode && mode != option) qq_die_usage("%s", _("options --reasons and --summary exclude each other"));
  mode = option;
}

int main(int argc, char *const *argv)
{
  static qq_reading reading;
  char const *value;
  uint64_t found = 0;
  unsigned int i;
  int option;
  qq_start(&program, argc, argv);
  criteria.select.bounces = 1;
  while ((option = qq_next_option(&value))) {
    switch (option) {
      case REASONS: case SUMMARY: set_mode(option); break;
      case SINGLE: qq_criteria_take(&criteria, QQ_CRITERION_SINGLE, 0); break;
      case DOUBLE: qq_criteria_take(&criteria, QQ_CRITERION_DOUBLE, 0); break;
      default: qq_criteria_take(&criteria, option, value);
    }
  }
  if (criteria.select.single_bounces && criteria.select.double_bounces) criteria.select.single_bounces = criteria.select.double_bounces = 0;
  qq_reading_start(&reading);
  qq_criteria_ready(&criteria, &reading.queue);
  qq_reading_prepare(&reading, visit, sizeof(worker));
  for (i = 0; i < reading.walk.jobs; i++)
    if (qq_judge_init(&((worker *)reading.walk.workers[i])->judge, &criteria.select) < 0) qq_die_memory();
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
