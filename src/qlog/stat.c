/* Figures, by key. */

#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/message.h>
#include <qq/text.h>
#include <qq/when.h>
#include "qlog.h"

qlog_figures *qlog_tally_find(qq_table *t, char const *s, size_t n)
{
  uint64_t const hash = qq_hash_bytes(s, n);
  qq_slot *slot = 0;
  qlog_figures *f;
  while ((slot = qq_table_next(t, hash, slot))) {
    f = slot->value;
    if (f->key.n == n && !memcmp(f->key.s, s, n)) return f;
  }
  f = calloc(1, sizeof *f + n);
  qq_demand_memory(f && qq_table_add(t, hash, f));
  memcpy(f + 1, s, n);
  f->key.s = (char const *)(f + 1);
  f->key.n = n;
  f->first = f->last = QQ_LOG_UNKNOWN;
  return f;
}

static void extend(qlog_figures *f, uint64_t first, uint64_t last)
{
  if (first != QQ_LOG_UNKNOWN && (f->first == QQ_LOG_UNKNOWN || first < f->first)) f->first = first;
  if (last != QQ_LOG_UNKNOWN && (f->last == QQ_LOG_UNKNOWN || last > f->last)) f->last = last;
}

void qlog_figures_message(qlog_figures *f, qq_life const *l)
{
  uint64_t const begun = l->begun != QQ_LOG_UNKNOWN ? l->begun
    : l->recipients ? l->recipients->first : l->ended;
  if (f->serial == l->serial + 1) return;
  f->serial = l->serial + 1;
  f->n[QLOG_MESSAGES]++;
  if (l->size != QQ_LOG_UNKNOWN) f->n[QLOG_BYTES] += l->size;
  extend(f, begun, l->ended != QQ_LOG_UNKNOWN ? l->ended : begun);
}

void qlog_figures_recipient(qlog_figures *f, qq_served const *r)
{
  f->n[QLOG_RECIPIENTS]++;
  f->n[QLOG_DELIVERED] += r->result == QQ_RESULT_DELIVERED;
  f->n[QLOG_FAILED] += r->result == QQ_RESULT_FAILED || r->result == QQ_RESULT_EXPIRED;
  f->n[QLOG_DEFERRALS] += r->deferrals;
  f->n[QLOG_OPEN] += r->life->end == QQ_END_OPEN && (r->result == QQ_RESULT_DEFERRED
    || r->result == QQ_RESULT_UNDER_WAY || r->result == QQ_RESULT_UNKNOWN);
  extend(f, r->first, r->last);
}

/* ---- delays: so many steps for each doubling ---- */

#define BITS QLOG_DELAY_BITS
#define STEPS (1u << BITS)

static unsigned int log_2(uint64_t v)
{
  return 63 - (unsigned int)__builtin_clzll(v);
}

void qlog_delays_add(qlog_delays *d, uint64_t delay)
{
  uint64_t const v = delay / 1000 + 1;
  unsigned int const power = log_2(v);
  uint64_t const step = power >= BITS ? v >> (power - BITS) : v << (BITS - power);
  d->counts[(power << BITS) + (step & (STEPS - 1))]++;
  d->all++;
  if (delay > d->most) d->most = delay;
}

/* The greatest delay that is counted there. */
static uint64_t greatest_at(unsigned int i)
{
  uint64_t const step = STEPS + i % STEPS;
  unsigned int const power = i >> BITS;
  uint64_t const v = power > BITS ? ((step + 1) << (power - BITS)) - 1 : step >> (BITS - power);
  return (v - 1) * 1000 + 999;
}

uint64_t qlog_delays_of(qlog_delays const *d, unsigned int percent)
{
  uint64_t const wanted = (d->all * percent + 99) / 100;
  uint64_t seen = 0;
  unsigned int i = 0;
  if (!d->all) return 0;
  while (i < 64 << BITS && (!(seen += d->counts[i]) || seen < wanted)) i++;
  return greatest_at(i) < d->most ? greatest_at(i) : d->most;
}

/* ---- keys ---- */

int qlog_is_of_recipient(int by)
{
  return (by >= QLOG_BY_TO && by <= QLOG_BY_REASON) || by == QLOG_BY_CHANNEL
    || by == QLOG_BY_RESULT;
}

char const *qlog_key_word(int by)
{
  static char const *const words[] = {
    "from", "from-domain", "to", "to-domain", "host", "reason", "uid", "ip", "login", "channel",
    "result", "hour", "day"
  };
  return words[by];
}

static void put(stralloc *out, char const *s, size_t n)
{
  qq_demand_memory(qq_append(out, s, n));
}

static void put_domain(stralloc *out, char const *s, size_t n)
{
  qq_piece const domain = qq_verp_domain(s, n);
  qq_demand_memory(qq_fold(out, domain.s, domain.n));
}

static void put_reason(stralloc *out, qq_served const *r)
{
  qq_piece const address = { r->address, r->address_length };
  qq_demand_memory(qq_reason_key_logged(out, qlog_text(r), address));
}

static void put_of_recipient(stralloc *out, int by, qq_served const *r)
{
  char const *word = qq_result_word((qq_result)r->result);
  switch (by) {
    case QLOG_BY_TO: put(out, r->address, r->address_length); break;
    case QLOG_BY_TO_DOMAIN: put_domain(out, r->address, r->address_length); break;
    case QLOG_BY_HOST: qq_demand_memory(qq_fold(out, qlog_host(r).s, qlog_host(r).n)); break;
    case QLOG_BY_REASON: if (r->reason) put_reason(out, r); break;
    case QLOG_BY_CHANNEL: qlog_channel(out, r); break;
    default: put(out, word, strlen(word));
  }
}

/* When it began, as far as the log says. */
static void put_time(stralloc *out, int by, qq_life const *l)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  uint64_t const m = l->begun != QQ_LOG_UNKNOWN || !l->recipients ? l->begun : l->recipients->first;
  size_t const from = out->len;
  if (m == QQ_LOG_UNKNOWN) return;
  qq_demand_memory(qq_when_logged(out, &calendar, m));
  out->len = from + (by == QLOG_BY_DAY ? 10 : 13);
  if (by == QLOG_BY_HOUR) put(out, ":00", 3);
}

static void put_string(stralloc *out, char const *s)
{
  if (s) put(out, s, strlen(s));
}

static void put_of_life(stralloc *out, int by, qq_life const *l)
{
  qq_login const *login = qq_life_login(l);
  switch (by) {
    case QLOG_BY_FROM:
      if (l->from && !l->from_length) put(out, "<>", 2);
      else if (l->from) put(out, l->from, l->from_length);
      break;
    case QLOG_BY_FROM_DOMAIN: if (l->from) put_domain(out, l->from, l->from_length); break;
    case QLOG_BY_UID: if (l->from && l->uid != UINT32_MAX) qq_must_fmt(out, "%u", l->uid); break;
    case QLOG_BY_IP: if (login) put_string(out, login->ip); break;
    case QLOG_BY_LOGIN: if (login) put_string(out, login->login); break;
    default: put_time(out, by, l);
  }
}

void qlog_key(stralloc *out, int by, qq_life const *l, qq_served const *r)
{
  size_t const from = out->len;
  if (r) put_of_recipient(out, by, r);
  else put_of_life(out, by, l);
  if (out->len == from) put(out, "-", 1);
}
