/* The state of qlog-stat --metrics: lines of a word and numbers, and a digest of them at the
   end. */

#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/when.h>
#include "metrics.h"

#define HEAD "qlog-stat --metrics 1\n"

/* What was last heard of so long ago lost its end: qmail-send tries each message more often. */
#define FORGOTTEN (90 * 86400 * QQ_SECOND)

#define NUMBERS(type) (sizeof(type) / sizeof(uint64_t))
#define COUNTERS (offsetof(qlog_counters, deliveries) / sizeof(uint64_t))
#define STREAM (offsetof(qlog_stream, messages) / sizeof(uint64_t))
/* More than any line has. */
#define NUMBERS_MOST 32

/* ---- written ---- */

static void put(stralloc *out, char const *word, void const *numbers, size_t n)
{
  uint64_t const *number = numbers;
  size_t i;
  qq_must_fmt(out, "%s", word);
  for (i = 0; i < n; i++) qq_must_fmt(out, " %llu", (unsigned long long)number[i]);
  qq_must_fmt(out, "\n");
}

static void put_counters(stralloc *out, qlog_counters const *c)
{
  uint64_t row[1 + QQ_RESULTS];
  put(out, "counters", c, COUNTERS);
  for (row[0] = 0; row[0] < QLOG_CHANNELS; row[0]++) {
    static uint64_t const none[QQ_RESULTS];
    memcpy(row + 1, c->deliveries[row[0]], sizeof none);
    if (memcmp(row + 1, none, sizeof none)) put(out, "deliveries", row, 1 + QQ_RESULTS);
  }
}

static int is_forgotten(qlog_state const *state, uint64_t last)
{
  return state->counters.newest > FORGOTTEN && last < state->counters.newest - FORGOTTEN;
}

static void put_stream(stralloc *out, qlog_state const *state, qlog_stream const *s)
{
  size_t i;
  if (is_forgotten(state, s->last)) return;
  put(out, "stream", s, STREAM);
  for (i = 0; i < s->messages.size; i++) {
    qlog_message const *m = s->messages.slots[i].value;
    if (m && !is_forgotten(state, m->last)) put(out, "message", m, NUMBERS(qlog_message));
  }
  for (i = 0; i < s->deliveries.size; i++) {
    qlog_delivery const *d = s->deliveries.slots[i].value;
    if (d && !is_forgotten(state, d->last)) put(out, "attempt", d, NUMBERS(qlog_delivery));
  }
}

void qlog_state_write(stralloc *out, qlog_state const *state)
{
  size_t const from = out->len;
  qlog_place const *p = genalloc_s(qlog_place, &state->places);
  size_t i;
  uint64_t digest;
  qq_must_fmt(out, "%s", HEAD);
  put_counters(out, &state->counters);
  if (state->cursor.len) qq_must_fmt(out, "cursor %s\n", state->cursor.s);
  for (i = 0; i < genalloc_len(qlog_place, &state->places); i++)
    put(out, "place", &p[i], NUMBERS(qlog_place));
  for (i = 0; i < state->streams.size; i++)
    if (state->streams.slots[i].value) put_stream(out, state, state->streams.slots[i].value);
  digest = qq_digest_bytes(out->s + from, out->len - from);
  put(out, "digest", &digest, 1);
}

/* ---- read ---- */

typedef struct reading {
  qlog_state *state;
  qlog_stream *stream;          /* of the last line of one; null: there was none yet */
  uint64_t numbers[NUMBERS_MOST];
  size_t n;                     /* of these */
} reading;

typedef int take(reading *);

static int take_counters(reading *r)
{
  memcpy(&r->state->counters, r->numbers, COUNTERS * sizeof *r->numbers);
  return 1;
}

static int take_deliveries(reading *r)
{
  if (r->numbers[0] >= QLOG_CHANNELS) return 0;
  memcpy(r->state->counters.deliveries[r->numbers[0]], r->numbers + 1,
    QQ_RESULTS * sizeof *r->numbers);
  return 1;
}

static int take_place(reading *r)
{
  qlog_place p;
  memcpy(&p, r->numbers, sizeof p);
  qq_demand_memory(genalloc_append(qlog_place, &r->state->places, &p));
  return 1;
}

static int take_stream(reading *r)
{
  r->stream = qlog_stream_find(r->state, r->numbers[0]);
  memcpy(r->stream, r->numbers, STREAM * sizeof *r->numbers);
  return 1;
}

static int take_message(reading *r)
{
  qlog_message m;
  memcpy(&m, r->numbers, sizeof m);
  if (r->stream) qlog_message_add(r->stream, &m);
  return r->stream != 0;
}

static int take_attempt(reading *r)
{
  qlog_delivery d;
  memcpy(&d, r->numbers, sizeof d);
  if (!r->stream || d.channel >= QLOG_CHANNELS) return 0;
  qlog_delivery_add(r->stream, &d);
  return 1;
}

static struct { char const *word; size_t n; take *take; } const lines[] = {
  { "counters", COUNTERS, take_counters },
  { "deliveries", 1 + QQ_RESULTS, take_deliveries },
  { "place", NUMBERS(qlog_place), take_place },
  { "stream", STREAM, take_stream },
  { "message", NUMBERS(qlog_message), take_message },
  { "attempt", NUMBERS(qlog_delivery), take_attempt }
};

static int read_numbers(reading *r, qq_piece line)
{
  for (r->n = 0; line.n && r->n < NUMBERS_MOST; r->n++) {
    qq_piece const word = qq_piece_word(&line);
    if (!qq_number_scan(word.s, word.n, &r->numbers[r->n])) return 0;
  }
  return !line.n;
}

static int take_line(reading *r, qq_piece line)
{
  qq_piece const word = qq_piece_word(&line);
  size_t i;
  if (qq_piece_is(word, "cursor")) {
    stralloc *cursor = &r->state->cursor;
    qq_demand_memory(qq_copy(cursor, line.s, line.n) && stralloc_0(cursor));
    return line.n != 0;
  }
  for (i = 0; i < sizeof lines / sizeof *lines; i++)
    if (qq_piece_is(word, lines[i].word))
      return read_numbers(r, line) && r->n == lines[i].n && lines[i].take(r);
  return 0;
}

/* Takes the last line off the text: a digest of what stands before it. */
static int is_whole(qq_piece *text)
{
  static char const word[] = "digest ";
  size_t const n = sizeof word - 1;
  size_t at = text->n && text->s[text->n - 1] == '\n' ? text->n - 1 : 0;
  uint64_t digest;
  while (at && text->s[at - 1] != '\n') at--;
  if (text->n < at + n + 1 || memcmp(text->s + at, word, n)
    || !qq_number_scan(text->s + at + n, text->n - 1 - at - n, &digest)) return 0;
  text->n = at;
  return digest == qq_digest_bytes(text->s, text->n);
}

void qlog_state_read(qlog_state *state, stralloc const *sa, char const *path)
{
  reading r = { state, 0, { 0 }, 0 };
  qq_piece text = qq_piece_of(sa), line;
  if (text.n < sizeof HEAD - 1 || memcmp(text.s, HEAD, sizeof HEAD - 1))
    qq_die(QQ_EXIT_USAGE, _("%s is no state of qlog-stat --metrics of this version"), path);
  if (!is_whole(&text))
    qq_die(QQ_EXIT_USAGE, _("%s is damaged or cut off; without it, all is counted anew"), path);
  qq_piece_skip(&text, sizeof HEAD - 1);
  while (qq_piece_line(&text, &line))
    if (!take_line(&r, line))
      qq_die(QQ_EXIT_USAGE, _("%s has a line that qlog-stat --metrics does not write: %.*s"), path,
        (int)(line.n < 100 ? line.n : 100), line.s);
}
