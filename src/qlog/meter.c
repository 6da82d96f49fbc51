/* Lines into counters. The rules are those of lives (INTERNALS); but here a message that is open is
   a few numbers, so that it can be written down between two runs. */

#include <stdlib.h>
#include <string.h>
#include <qq/when.h>
#include "metrics.h"

uint64_t const qlog_bounds[QLOG_BOUNDS] = {
  100, 1000, 5000, 15000, 60000, 300000, 900000, 3600000, 14400000, 43200000, 86400000, 345600000
};

/* ---- what is open ---- */

static void *keep(qq_table *t, uint64_t hash, void const *what, size_t n)
{
  void *copy = malloc(n);
  qq_demand_memory(copy && qq_table_add(t, hash, copy));
  memcpy(copy, what, n);
  return copy;
}

static void forget(qq_table *t, qq_slot *slot)
{
  free(slot->value);
  qq_table_remove(t, slot);
}

qlog_stream *qlog_stream_find(qlog_state *state, uint64_t id)
{
  qlog_stream const fresh = { id, 0, 0, { 0, 0, 0 }, { 0, 0, 0 } };
  qq_slot *slot = qq_table_next(&state->streams, id, 0);
  return slot ? slot->value : keep(&state->streams, id, &fresh, sizeof fresh);
}

static uint64_t hash_of_message(uint64_t number)
{
  return qq_hash_numbers(number, 0);
}

static qq_slot *find_message(qlog_stream const *s, uint64_t number)
{
  qq_slot *slot = 0;
  while ((slot = qq_table_next(&s->messages, hash_of_message(number), slot)))
    if (((qlog_message const *)slot->value)->number == number) break;
  return slot;
}

void qlog_message_add(qlog_stream *s, qlog_message const *m)
{
  keep(&s->messages, hash_of_message(m->number), m, sizeof *m);
}

/* The message of the line; is_new says whether it is made for it. */
static qlog_message *message_of(qlog_stream *s, uint64_t number, int *is_new)
{
  qlog_message const fresh = { number, QQ_LOG_UNKNOWN, QQ_LOG_UNKNOWN, QQ_LOG_UNKNOWN,
    QQ_LOG_UNKNOWN, 0, 0, 0 };
  qq_slot *slot = find_message(s, number);
  qlog_message *m = slot ? slot->value
    : keep(&s->messages, hash_of_message(number), &fresh, sizeof fresh);
  *is_new = !slot;
  m->last = s->last;
  return m;
}

static qq_slot *find_delivery(qlog_stream const *s, uint64_t number, uint64_t queue)
{
  qq_slot *slot = 0;
  while ((slot = qq_table_next(&s->deliveries, qq_hash_numbers(number, queue), slot))) {
    qlog_delivery const *d = slot->value;
    if (d->number == number && d->queue == queue) break;
  }
  return slot;
}

void qlog_delivery_add(qlog_stream *s, qlog_delivery const *d)
{
  keep(&s->deliveries, qq_hash_numbers(d->number, d->queue), d, sizeof *d);
}

static void cut_deliveries(qlog_stream *s)
{
  size_t i;
  for (i = 0; i < s->deliveries.size; i++) free(s->deliveries.slots[i].value);
  qq_table_free(&s->deliveries);
}

/* ---- messages ---- */

/* Another message has the number from now on. */
static void begin(qlog_message *m, uint64_t begun)
{
  m->begun = begun;
  m->again = m->size = m->qp = QQ_LOG_UNKNOWN;
  m->is_tried = m->is_again = 0;
}

static void take_new(qlog_stream *s, qq_log_line const *line)
{
  int is_new;
  qlog_message *m = message_of(s, line->message, &is_new);
  if (is_new || m->is_tried) begin(m, line->stamp);
  else if (m->size != QQ_LOG_UNKNOWN) {
    m->is_again = 1;            /* or it is another one: `info msg' will tell */
    m->again = line->stamp;
  }
}

static void take_info(qlog_counters *c, qlog_stream *s, qq_log_line const *line)
{
  int is_new;
  qlog_message *m = message_of(s, line->message, &is_new);
  int const is_known = m->size != QQ_LOG_UNKNOWN;
  if (is_known && !m->is_tried && m->qp == line->qp && m->size == line->size) {
    m->is_again = 0;
    m->again = QQ_LOG_UNKNOWN;
    return;
  }
  if (is_known || m->is_tried) begin(m, m->again);
  m->qp = line->qp;
  m->size = line->size;
  c->messages++;
  c->bytes += line->size;
}

/* ---- deliveries ---- */

static void take_start(qlog_counters *c, qlog_stream *s, qq_log_line const *line)
{
  qlog_delivery d = { line->delivery, line->delivery_queue, line->channel, 0, s->last };
  qlog_message *m;
  int is_new;
  if (line->delivery <= s->greatest) {
    c->restarts++;
    cut_deliveries(s);
  }
  s->greatest = line->delivery;
  m = message_of(s, line->message, &is_new);
  if (m->is_again) begin(m, m->again);
  m->is_tried = 1;
  d.begun = m->begun;
  if (d.channel > QLOG_CHANNEL_UNKNOWN) d.channel = QLOG_CHANNEL_UNKNOWN;
  qlog_delivery_add(s, &d);
}

static void count_delay(qlog_counters *c, uint64_t begun, uint64_t ended)
{
  uint64_t const delay = ended > begun ? ended - begun : 0;
  unsigned int i = 0;
  if (begun == QQ_LOG_UNKNOWN || ended == QQ_LOG_UNKNOWN) return;
  while (i < QLOG_BOUNDS && delay > qlog_bounds[i] * (QQ_SECOND / 1000)) i++;
  c->delays[i]++;
  c->delay_nanoseconds += delay % QQ_SECOND;
  c->delay_seconds += delay / QQ_SECOND + c->delay_nanoseconds / QQ_SECOND;
  c->delay_nanoseconds %= QQ_SECOND;
}

static void take_result(qlog_counters *c, qlog_stream *s, qq_log_line const *line)
{
  qq_result const result = qq_log_line_result(line);
  qq_slot *slot = find_delivery(s, line->delivery, line->delivery_queue);
  qlog_delivery const *d = slot ? slot->value : 0;
  c->deliveries[d ? d->channel : QLOG_CHANNEL_UNKNOWN][result]++;
  if (!d) return;
  if (result == QQ_RESULT_DELIVERED) count_delay(c, d->begun, line->stamp);
  forget(&s->deliveries, slot);
}

/* ---- all together ---- */

static qlog_stream *stream_of(qlog_state *state, qq_log_line const *line)
{
  uint64_t const names = qq_digest_numbers(qq_digest_bytes(line->host.s, line->host.n),
    qq_digest_bytes(line->tag.s, line->tag.n));
  uint64_t const queue = qq_digest_numbers(qq_digest_bytes(line->queue.s, line->queue.n),
    qq_digest_bytes(line->set, strlen(line->set)));
  return qlog_stream_find(state, qq_digest_numbers(names, queue));
}

static void take_event(qlog_counters *c, qlog_stream *s, qq_log_line const *line)
{
  qq_slot *slot;
  switch (line->event) {
    case QQ_LOG_NEW: take_new(s, line); break;
    case QQ_LOG_INFO: take_info(c, s, line); break;
    case QQ_LOG_START: take_start(c, s, line); break;
    case QQ_LOG_SUCCESS: case QQ_LOG_DEFERRAL: case QQ_LOG_FAILURE: take_result(c, s, line); break;
    case QQ_LOG_END:
      slot = find_message(s, line->message);
      if (slot) forget(&s->messages, slot);
      break;
    case QQ_LOG_EXIT: cut_deliveries(s); break;
    default: break;
  }
}

/* A line whose clock is far ahead says nothing of the age of the others. */
#define AHEAD (24 * 3600 * QQ_SECOND)
static uint64_t latest;

void qlog_meter_begin(qlog_state *state)
{
  latest = qq_now() + AHEAD;
  if (state->counters.newest > latest) state->counters.newest = latest;
}

void qlog_meter(qlog_state *state, qq_log_line const *line)
{
  qlog_counters *c = &state->counters;
  if (line->event == QQ_LOG_OTHER || line->event == QQ_LOG_SMTP) return;
  if (line->stamp > c->newest && line->stamp <= latest) c->newest = line->stamp;
  if (line->event == QQ_LOG_LOSS) c->gaps++;
  else {
    qlog_stream *s = stream_of(state, line);
    s->last = c->newest;
    take_event(c, s, line);
  }
}
