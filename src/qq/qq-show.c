/* What an administrator looks at: messages as a table, in full, or as JSON. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/lock.h>
#include <qq/options.h>
#include <qq/output.h>
#include "show.h"

static int in_full, json, sort = -1, reverse, over;

static qq_option const options[] = {
  { 'l', "long", 0, N_("everything about each message"), QQ_SETS(in_full) },
  { 0, "json", 0, N_("one JSON object a line"), QQ_SETS(json) },
  { 0, "sort", QQ_ORDER_KEYS, N_("the order; date if nothing is said"), QQ_CHOICE(sort) },
  { 0, "reverse", 0, N_("the other way round"), QQ_SETS(reverse) },
  { 0, "over", 0, N_("only messages that are over and wait for qmail-send to take them away"),
    QQ_SETS(over) },
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-show", "[ID ... | -]", N_("Show the messages in the queue, newest last; with ids, only these."), options,
  N_("0 done; 1 a named message is gone; 100 wrong use; 111 trouble of the system, or a damaged message.")
};

typedef struct worker { qq_view view; stralloc out; } worker;

static qq_reading reading;
static uint64_t queuelifetime;
static int is_running;

static void start(void *p)
{
  worker *w = p;
  qq_view_init(&w->view);
  w->view.now = qq_now();
  w->view.queuelifetime = queuelifetime;
  w->view.is_running = is_running;
}

/* Renders with one of the three forms, and takes notes. */
static int render_with(int (*form)(qq_view *, qq_message *, stralloc *), void *p, qq_message *m, stralloc *out)
{
  worker *w = p;
  size_t const before = out->len;
  int r = form(&w->view, m, out);
  if (r == 1) r = qq_notes_interrupted(m);
  if (r == 1) r = qq_notes_hold(m, queuelifetime);
  if (r != 1) out->len = before;
  return r;
}

static int render_json(void *p, qq_message *m, stralloc *out) { return render_with(qq_show_json, p, m, out); }
static int render_row(void *p, qq_message *m, stralloc *out) { return render_with(qq_show_row, p, m, out); }
static int render_long(void *p, qq_message *m, stralloc *out) { return render_with(qq_show_long, p, m, out); }

static void print_texts(stralloc const *texts, size_t count)
{
  size_t i;
  for (i = 0; i < count; i++) qq_output(texts[i].s, texts[i].len);
}

/* Messages one behind the other with an empty line between them. */
static void print_long(stralloc const *texts, size_t count)
{
  static int begun;
  size_t i;
  for (i = 0; i < count; i++) {
    if (!texts[i].len) continue;
    if (begun) qq_output("\n", 1);
    begun = 1;
    qq_output(texts[i].s, texts[i].len);
  }
}

static int visit_json(void *p, qq_message *m)
{
  worker *w = p;
  int r = qq_message_pin(m);
  if (r != 1) return r;
  if (m->over != over) return qq_reading_pass_over(&reading, m);
  r = render_json(p, m, &w->out);
  qq_output_batch(&w->out, QQ_OUTPUT_BATCH);
  return r;
}

/* Nobody asked for an order: each message is written as it is met. */
static void show_unordered(qq_reading *r)
{
  unsigned int i;
  qq_reading_prepare(r, visit_json, sizeof(worker));
  for (i = 0; i < r->walk.jobs; i++) start(r->walk.workers[i]);
  qq_reading_walk_named(r);
  for (i = 0; i < r->walk.jobs; i++) qq_output_batch(&((worker *)r->walk.workers[i])->out, 1);
}

static void learn_service(qq_reading *r)
{
  if (qq_home_queuelifetime(r->site.home.s, &queuelifetime) < 0) qq_warn(_("unable to read control/queuelifetime: %s"), strerror(errno));
  is_running = qq_trigger_has_reader(r->queue.fd) == 1;
}

int main(int argc, char *const *argv)
{
  int sorted;
  qq_order_key key;
  qq_start(&program, argc, argv);
  sorted = sort >= 0 || reverse;
  key = sort >= 0 ? (qq_order_key)sort : QQ_ORDER_DATE;
  if (in_full && json) qq_die_usage("%s", _("options -l and --json exclude each other"));
  qq_reading_start(&reading);
  learn_service(&reading);
  reading.walk.wants_bounces = json || in_full;
  if (json && !sorted) show_unordered(&reading);
  else if (json) qq_order_show(&reading, key, reverse, over, render_json, sizeof(worker), start, print_texts);
  else if (in_full) qq_order_show(&reading, key, reverse, over, render_long, sizeof(worker), start, print_long);
  else qq_order_show(&reading, key, reverse, over, render_row, sizeof(worker), start, qq_rows_print);
  qq_notes_warn();
  qq_exit(reading.missed ? QQ_EXIT_NONE : 0);
}
