#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/when.h>
#include "stat.h"

/* What a message is, once; what stands first counts. */
enum { OVER, HELD, NEW, PREPROCESSED, STATES };
static char const *const states[STATES] = { "over", "held", "new", "preprocessed" };

/* Steps of the ages, doubling from that of qq-stat --by on. */
#define STEPS (QQ_TALLY_AGES - 1)

static struct {
  uint64_t states[STATES], older[STEPS];
  uint64_t *recipients;         /* that wait in each channel; behind them those of new messages */
} counted;

void qq_metrics_begin(unsigned int channels)
{
  counted.recipients = calloc(channels + 1, sizeof *counted.recipients);
  qq_demand_memory(counted.recipients != 0);
}

static uint64_t step(unsigned int i)
{
  return (uint64_t)QQ_TALLY_FIRST_MINUTES * 60 << i;
}

static void count_age(uint64_t stamp, uint64_t now)
{
  uint64_t const age = now > stamp ? now - stamp : 0;
  unsigned int i;
  for (i = 0; i < STEPS; i++) counted.older[i] += age > step(i) * QQ_SECOND;
}

static void count_recipients(qq_message const *m)
{
  unsigned int const channels = m->shard->queue->channels;
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  qq_recipient const *const end = r + genalloc_len(qq_recipient, &m->recipients);
  for (; r < end; r++)
    counted.recipients[r->channel < 0 ? channels : (unsigned int)r->channel] += !r->done;
}

void qq_metrics_add(qq_message const *m, uint64_t now)
{
  counted.states[m->over ? OVER : m->held ? HELD : m->is_new ? NEW : PREPROCESSED]++;
  if (m->over) return;
  count_age(m->stamp, now);
  count_recipients(m);
}

static void put_labelled(stralloc *out, char const *name, char const *label, char const *value,
  uint64_t n)
{
  stralloc labels = STRALLOC_ZERO;
  qq_must_fmt(&labels, "{%s=\"%s\"}%c", label, value, 0);
  qq_metric_number(out, name, labels.s, n);
  stralloc_free(&labels);
}

static void put_messages(stralloc *out)
{
  char const *const name = "qmail_queue_messages";
  unsigned int i;
  qq_metric(out, name, "gauge", "Messages, each in one state.");
  for (i = 0; i < STATES; i++) put_labelled(out, name, "state", states[i], counted.states[i]);
}

static void put_recipients(stralloc *out, qq_queue const *q)
{
  char const *const name = "qmail_queue_recipients";
  unsigned int i;
  qq_metric(out, name, "gauge", "Recipients that wait; new: in messages not preprocessed yet.");
  for (i = 0; i < q->channels; i++)
    put_labelled(out, name, "channel", q->trees[QQ_CHANNEL + i], counted.recipients[i]);
  put_labelled(out, name, "channel", "new", counted.recipients[q->channels]);
}

static void put_ages(stralloc *out, uint64_t oldest, uint64_t now)
{
  char const *const name = "qmail_queue_messages_older";
  unsigned int i;
  qq_metric(out, "qmail_queue_oldest_age_seconds", "gauge",
    "Age of the oldest message; 0 in an empty queue.");
  qq_metric_seconds(out, "qmail_queue_oldest_age_seconds", "",
    oldest && now > oldest ? now - oldest : 0);
  qq_metric(out, name, "gauge", "Messages that are older than that.");
  for (i = 0; i < STEPS; i++) {
    char seconds[QQ_NUMBER_FMT + 1];
    seconds[qq_number_format(seconds, step(i))] = 0;
    put_labelled(out, name, "age_seconds", seconds, counted.older[i]);
  }
}

static void put_gauge(stralloc *out, char const *name, char const *help, uint64_t n)
{
  qq_metric(out, name, "gauge", help);
  qq_metric_number(out, name, "", n);
}

static void put_queue(stralloc *out, qq_figures const *f, qq_queue const *q, uint64_t now)
{
  char const *const bounces = "qmail_queue_bounces";
  put_messages(out);
  put_recipients(out, q);
  put_gauge(out, "qmail_queue_bytes", "Size of all messages.", f->n[QQ_FIGURE_BYTES]);
  put_ages(out, f->oldest, now);
  qq_metric(out, bounces, "gauge", "Messages that are bounces.");
  put_labelled(out, bounces, "kind", "single", f->n[QQ_FIGURE_BOUNCES]);
  put_labelled(out, bounces, "kind", "double", f->n[QQ_FIGURE_DOUBLE_BOUNCES]);
  put_gauge(out, "qmail_queue_failing", "Messages with a recipient that has failed for good.",
    f->n[QQ_FIGURE_FAILING]);
}

void qq_metrics_put_success(stralloc *out, int is_whole)
{
  put_gauge(out, "qmail_queue_read_success", "Whether all could be read.", (uint64_t)is_whole);
}

void qq_metrics_print(stralloc *out, qq_figures const *f, qq_queue const *q, int is_up,
  uint64_t now)
{
  if (is_up >= 0)
    put_gauge(out, "qmail_up", "Whether qmail-send runs on the queue.", (uint64_t)is_up);
  if (!q->missing.len) put_queue(out, f, q, now);
}
