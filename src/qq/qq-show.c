/* What an administrator looks at: messages as a table, in full, or as JSON. */

#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "show.h"

static int in_full, json, tsv, sort = -1;
static qq_show show = { .key = QQ_ORDER_DATE, .top = UINT64_MAX,
  .form = qq_show_row, .print = qq_show_rows };

static qq_option const options[] = {
  { 'l', "long", 0, N_("everything about each message"), QQ_SETS(in_full) },
  { 0, "json", 0, N_("one JSON object a line"), QQ_FOR_SCRIPTS(json) },
  { 0, "tsv", 0, N_("a line for each message, with tabs between"), QQ_FOR_SCRIPTS(tsv) },
  { 0, "sort", QQ_ORDER_KEYS, N_("the order; by default date"), QQ_CHOICE(sort) },
  { 0, "reverse", 0, N_("the other way round"), QQ_SETS(show.is_reversed) },
  { 0, "top", "N", N_("only the first N of the order"), QQ_NUMBER(show.top) },
  { 0, "over", 0, N_("only messages that are over and wait for qmail-send to take them away"),
    QQ_SETS(show.over) },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-show", "[ID ... | -]",
  N_("Show the messages in the queue, newest last; with ids, only these."),
  options,
  N_("0 done; 1 a named message is gone; 100 wrong use; 111 trouble of the system, or a damaged "
    "message.")
};

static qq_reading reading;

/* Messages one behind the other; in full, with an empty line between them. */
static void print_texts(stralloc const *texts, size_t count)
{
  static int begun;
  size_t i;
  for (i = 0; i < count; i++) {
    if (!texts[i].len) continue;
    if (begun && in_full) qq_output("\n", 1);
    begun = 1;
    qq_output(texts[i].s, texts[i].len);
  }
}

/* As a table, or in one of the other forms. */
static void choose_form(void)
{
  if (in_full + json + tsv > 1)
    qq_die_usage("%s", _("options -l, --json and --tsv cannot be used together"));
  if (json) show.form = qq_show_json;
  if (tsv) show.form = qq_show_tsv;
  if (in_full) show.form = qq_show_long;
  if (in_full) qq_show_long_begin();
  if (json || tsv || in_full) show.print = print_texts;
}

/* Nobody asked for an order: each message is written as it is met. */
static int visit(void *p, qq_message *m)
{
  qq_view *v = p;
  int r = qq_message_pin(m);
  if (r != 1) return r;
  if (m->over != show.over) return qq_reading_pass_over(&reading, m);
  r = qq_view_render(v, m, &v->out);
  qq_output_batch(&v->out, QQ_OUTPUT_BATCH);
  return r;
}

static void show_unordered(void)
{
  unsigned int i;
  qq_view_prepare(&reading, &show, visit);
  qq_reading_walk_named(&reading);
  for (i = 0; i < reading.walk.jobs; i++)
    qq_output_batch(&((qq_view *)reading.walk.workers[i])->out, 1);
}

static void look_at_processes(qq_queue const *q)
{
  qq_show_look(&show, q);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  choose_form();
  if (sort >= 0) show.key = (qq_order_key)sort;
  qq_reading_start_after(&reading, json || in_full ? look_at_processes : 0);
  qq_reading_smtp_users(&reading);
  show.queuelifetime = qq_reading_queuelifetime(&reading);
  show.now = qq_now();
  reading.walk.wants_bounces = json || in_full;
  if (tsv) qq_show_tsv_heading();
  if (json && sort < 0 && !show.is_reversed && show.top == UINT64_MAX) show_unordered();
  else qq_show_in_order(&reading, &show);
  qq_notices_warn();
  qq_exit(qq_reading_missed() ? QQ_EXIT_NONE : 0);
}
