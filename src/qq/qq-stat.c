/* The queue in figures. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/json.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/queue.h>
#include <qq/when.h>
#include "stat.h"
#include "show.h"
#include "reading.h"

static uint64_t now, queuelifetime, top = UINT64_MAX;
static int by = -1, json;

static qq_option const options[] = {
  { 0, "by", QQ_KEYS, N_("count messages by that, and by age"), QQ_CHOICE(by) },
  { 0, "top", "N", N_("with --by: only the N busiest"), QQ_NUMBER(top) },
  { 0, "json", 0, N_("one JSON object; with --by, one a line"), QQ_SETS(json) },
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-stat", "[ID ... | -]", N_("Show the queue in figures; with ids, only these messages."), options,
  N_("0 done; 100 wrong use; 111 trouble of the system, or a damaged message.")
};

typedef struct worker { qq_figures figures; qq_keyer keyer; qq_tally tally; } worker;

static int visit_figures(void *p, qq_message *m)
{
  worker *w = p;
  int r = qq_message_pin(m);
  if (r == 1 && m->over) {
    w->figures.over++;
    return 1;
  }
  if (r == 1) r = qq_message_recipients(m);
  if (r == 1) r = qq_message_failing(m);
  if (r == 1) r = qq_notes_interrupted(m);
  if (r == 1) r = qq_notes_hold(m, queuelifetime);
  if (r == 1) qq_figures_add(&w->figures, m);
  return r;
}

static int visit_keys(void *p, qq_message *m)
{
  worker *w = p;
  unsigned int bucket;
  size_t i;
  int r = qq_message_pin(m);
  if (r != 1 || m->over) return r;
  r = qq_keyer_read(&w->keyer, (qq_key)by, m);
  if (r != 1) return r;
  bucket = qq_tally_bucket(now > m->stamp ? now - m->stamp : 0);
  qq_tally_add(&w->figures.total, "", 0, bucket);
  for (i = 0; i < genalloc_len(qq_key_text, &w->keyer.keys); i++) {
    qq_key_text const *key = &genalloc_s(qq_key_text, &w->keyer.keys)[i];
    qq_tally_add(&w->tally, key->s, key->length, bucket);
  }
  return 1;
}

/* The lines of qmail-qstat, letter for letter. */
static void count_files(qq_reading *r, qq_figures *f)
{
  if (qq_tree_count(&r->queue, QQ_MESS, &f->mess_files) < 0 || qq_tree_count(&r->queue, QQ_TODO, &f->todo_files) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to read the queue %s: %s"), r->queue.path, strerror(errno));
}

static void print(stralloc *out)
{
  qq_output(out->s, out->len);
  stralloc_free(out);
}

static void figures(qq_reading *r)
{
  stralloc out = STRALLOC_ZERO;
  qq_figures sum;
  unsigned int i;
  memset(&sum, 0, sizeof sum);
  qq_figures_init(&sum, r->queue.channels);
  if (!r->restricted) count_files(r, &sum);
  qq_reading_prepare(r, visit_figures, sizeof(worker));
  r->walk.wants_bounces = 1;
  for (i = 0; i < r->walk.jobs; i++) qq_figures_init(&((worker *)r->walk.workers[i])->figures, r->queue.channels);
  qq_reading_walk(r);
  for (i = 0; i < r->walk.jobs; i++) qq_figures_sum(&sum, &((worker *)r->walk.workers[i])->figures, r->queue.channels);
  if (json) qq_figures_json(&out, &sum, &r->queue, !r->restricted);
  else qq_figures_text(&out, &sum, &r->queue, !r->restricted, now);
  print(&out);
}

static void keys(qq_reading *r)
{
  stralloc out = STRALLOC_ZERO;
  qq_tally all = 0, total = 0;
  qq_count const **counts;
  size_t n;
  unsigned int i;
  qq_reading_prepare(r, visit_keys, sizeof(worker));
  for (i = 0; i < r->walk.jobs; i++) ((worker *)r->walk.workers[i])->keyer.now = now;
  qq_reading_walk(r);
  for (i = 0; i < r->walk.jobs; i++) {
    worker *w = r->walk.workers[i];
    qq_tally_merge(&all, &w->tally);
    qq_tally_merge(&total, &w->figures.total);
  }
  counts = qq_tally_sorted(&all, &n);
  if (top < n) n = (size_t)top;
  if (json) qq_ages_json(&out, counts, n);
  else {
    size_t one;
    qq_count const **sum = qq_tally_sorted(&total, &one);
    qq_ages_text(&out, one ? sum[0] : 0, counts, n);
    free(sum);
  }
  free(counts);
  print(&out);
}

int main(int argc, char *const *argv)
{
  qq_reading reading;
  qq_start(&program, argc, argv);
  if (top != UINT64_MAX && by < 0) qq_die_usage("%s", _("option --top needs --by"));
  qq_reading_start(&reading);
  now = qq_now();
  if (qq_home_queuelifetime(reading.site.home.s, &queuelifetime) < 0) qq_warn(_("unable to read control/queuelifetime: %s"), strerror(errno));
  if (by < 0) figures(&reading);
  else keys(&reading);
  qq_notes_warn();
  qq_exit(0);
}
