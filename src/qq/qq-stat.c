/* The queue in figures. */

#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/when.h>
#include "show.h"
#include "stat.h"

static uint64_t now, queuelifetime, top = UINT64_MAX;
static qq_by by = { -1, 0, 0 };
static int recipients, rows, metrics, is_up;
static char const *file;

static void take_by(qq_option const *o, char const *value)
{
  by.field = qq_by_field(value);
  qq_option_choice(o, by.field ? QQ_KEY_HEADER : value);
}

static qq_option const options[] = {
  { 0, "by", QQ_KEYS, N_("count messages by that, and by age"), take_by, { .flag = &by.kind }, 0 },
  { 0, "recipients", 0, N_("with --by: count who it waits for, too, and sort by that"),
    QQ_SETS(recipients) },
  { 0, "top", "N", N_("with --by: only the N busiest"), QQ_NUMBER(top) },
  QQ_OPTIONS_ROWS(rows, N_("one JSON object; with --by, one a line")),
  { 0, "metrics", 0, N_("for Prometheus"), QQ_FOR_SCRIPTS(metrics) },
  { 0, "output", "FILE", N_("with --metrics: into this file, which is replaced whole"),
    QQ_TEXT(file) },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-stat", "[ID ... | -]",
  N_("Show the queue in figures; with ids, only these messages."),
  options,
  N_("0 done; 100 wrong use; 111 trouble of the system, or a damaged message.")
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;      /* for what is counted */
static qq_figures figures;
static qq_count total;          /* all messages by age */
static qq_tally tally;

static int visit_figures(void *unused, qq_message *m)
{
  int r = qq_message_pin(m);
  (void)unused;
  if (r == 1 && !m->over) r = qq_message_recipients(m);
  if (r == 1 && !m->over) r = qq_message_failing(m);
  if (r == 1 && !m->over) r = qq_notice_interruption(m);
  if (r == 1 && !m->over) r = qq_notice_future(m);
  if (r == 1 && !m->over) r = qq_notice_hold(m, queuelifetime);
  if (r != 1) return r;
  pthread_mutex_lock(&mutex);
  qq_figures_add(&figures, m);
  pthread_mutex_unlock(&mutex);
  return 1;
}

static int visit_metrics(void *unused, qq_message *m)
{
  int r = qq_message_pin(m);
  (void)unused;
  if (r == 1 && !m->over) r = qq_message_recipients(m);
  if (r == 1 && !m->over) r = qq_message_failing(m);
  if (r != 1) return r;
  pthread_mutex_lock(&mutex);
  qq_figures_add(&figures, m);
  qq_metrics_add(m, now);
  pthread_mutex_unlock(&mutex);
  return 1;
}

static int visit_keys(void *p, qq_message *m)
{
  qq_keyer *keyer = p;
  qq_key const *keys;
  unsigned int bucket;
  size_t i;
  int r = qq_message_pin(m);
  if (r != 1 || m->over) return r;
  keyer->by = &by;
  keyer->now = now;
  r = qq_keyer_read(keyer, m);
  if (r == 1) r = qq_notice_future(m);
  if (r != 1) return r;
  keys = genalloc_s(qq_key, &keyer->keys);
  bucket = qq_tally_bucket(now > m->stamp ? now - m->stamp : 0);
  pthread_mutex_lock(&mutex);
  qq_count_add(&total, bucket, keyer->recipients);
  for (i = 0; i < genalloc_len(qq_key, &keyer->keys); i++)
    qq_tally_add(&tally, &keys[i].text, bucket, keys[i].recipients);
  pthread_mutex_unlock(&mutex);
  return 1;
}

/* The lines of qmail-qstat, letter for letter. */
static void count_files(qq_reading const *r)
{
  qq_reading_check(r, qq_tree_count(&r->queue, QQ_MESS, &figures.mess_files) < 0
    || qq_tree_count(&r->queue, QQ_TODO, &figures.todo_files) < 0 ? -1 : 1);
}

static void print_figures(qq_reading *r)
{
  stralloc out = STRALLOC_ZERO;
  qq_figures_init(&figures, r->queue.channels);
  if (!r->restricted) count_files(r);
  qq_reading_prepare(r, visit_figures, 1);
  r->walk.wants_bounces = r->walk.wants_remains = 1;
  qq_reading_walk(r);
  figures.left = r->walk.left;
  if (rows) qq_figures_json(&out, &figures, &r->queue, !r->restricted, now);
  else qq_figures_text(&out, &figures, &r->queue, !r->restricted, now);
  qq_output_batch(&out, 1);
}

static void print_metrics(qq_reading *r)
{
  stralloc out = STRALLOC_ZERO;
  qq_figures_init(&figures, r->queue.channels);
  qq_metrics_begin(r->queue.channels);
  qq_reading_prepare(r, visit_metrics, 1);
  r->walk.wants_bounces = 1;
  qq_reading_walk(r);
  qq_metrics_print(&out, &figures, &r->queue, is_up, now);
  qq_metrics_put_success(&out, !qq_has_trouble());
  qq_output_batch(&out, 1);
}

static void print_ages(qq_reading *r)
{
  stralloc out = STRALLOC_ZERO;
  genalloc list = GENALLOC_ZERO;        /* of qq_count const * */
  qq_count const *const *counts;
  unsigned int i;
  size_t n;
  if (qq_by_origin(&by)) qq_reading_smtp_users(r);
  qq_reading_prepare(r, visit_keys, sizeof(qq_keyer));
  qq_reading_walk(r);
  for (i = 0; i < r->walk.jobs; i++) qq_notice_claims(((qq_keyer *)r->walk.workers[i])->claims);
  qq_tally_list(&tally, &list, recipients ? qq_most_recipients : qq_most_messages);
  counts = genalloc_s(qq_count const *, &list);
  n = genalloc_len(qq_count const *, &list);
  if (top < n) n = (size_t)top;
  if (rows) qq_ages_begin(rows, &by);
  if (rows) qq_ages_json(&out, &by, counts, n);
  else qq_ages_text(&out, &by, total.total ? &total : 0, counts, n);
  qq_output_batch(&out, 1);
}

static void look_whether_up(qq_queue const *q)
{
  is_up = qq_reading_is_up(q, 0);
}

static void check_options(void)
{
  if (top != UINT64_MAX && by.kind < 0) qq_die_usage(_("option %s needs --by"), "--top");
  if (recipients && by.kind < 0) qq_die_usage(_("option %s needs --by"), "--recipients");
  if (rows == QQ_ROWS_TSV && by.kind < 0 && !metrics)
    qq_die_usage(_("option %s needs --by"), "--tsv");
  if (file && !metrics) qq_die_usage("%s", _("option --output needs --metrics"));
  if (!metrics) return;
  if (rows || by.kind >= 0)
    qq_die_usage("%s", _("option --metrics cannot be used with --json, --tsv or --by"));
  if (*qq_operands()) qq_die_usage("%s", _("option --metrics takes no ids, but the whole queue"));
}

static void output_into_file(void)
{
  stralloc failed = STRALLOC_ZERO;
  qq_metrics_put_success(&failed, 0);
  qq_demand_memory(stralloc_0(&failed));
  qq_output_into(file, failed.s);
  stralloc_free(&failed);
}

int main(int argc, char *const *argv)
{
  qq_reading reading;
  qq_start(&program, argc, argv);
  check_options();
  if (file) output_into_file();
  qq_reading_start_after(&reading, metrics ? look_whether_up : 0);
  now = qq_now();
  if (!metrics) queuelifetime = qq_reading_queuelifetime(&reading);
  if (metrics) print_metrics(&reading);
  else if (by.kind < 0) print_figures(&reading);
  else {
    by.counts_recipients = recipients || qq_by_recipients(&by);
    if (qq_by_recipients(&by)) qq_reading_prefixes(&reading);
    print_ages(&reading);
  }
  qq_notices_warn();
  qq_exit(0);
}
