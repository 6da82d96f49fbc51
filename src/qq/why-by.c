/* What waits, counted by host, reason or domain. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/qsbmf.h>
#include <qq/text.h>
#include "stat.h"
#include "why.h"

typedef struct entry { qq_piece key; qq_waiting const *waiting; } entry;

typedef struct figures {
  qq_piece key;
  uint64_t recipients, messages, attempts, first, last;
} figures;

static void put_key(stralloc *out, int by, qq_waiting const *w)
{
  qq_piece const host = qq_why_host(w);
  if (by == QQ_WHY_BY_TO_DOMAIN)
    qq_key_domain(out, qq_address_domain(w->address.s, w->address.n));
  else if (by == QQ_WHY_BY_HOST) qq_demand_memory(qq_fold(out, host.s, host.n));
  else if (w->reason.n) qq_demand_memory(qq_reason_key_logged(out, w->reason, w->logged));
  if (!out->len) qq_demand_memory(stralloc_append(out, '-'));
}

static qq_piece key_of(int by, qq_waiting const *w)
{
  stralloc key = STRALLOC_ZERO;
  put_key(&key, by, w);
  return qq_piece_of(&key);
}

static int compare_entries(void const *a, void const *b)
{
  entry const *x = a, *y = b;
  int const r = qq_piece_compare(&x->key, &y->key);
  uint64_t const i = x->waiting->message->id.id, j = y->waiting->message->id.id;
  return r ? r : i < j ? -1 : i > j;
}

static int compare_figures(void const *a, void const *b)
{
  figures const *x = a, *y = b;
  if (x->recipients != y->recipients) return x->recipients > y->recipients ? -1 : 1;
  return qq_piece_compare(&x->key, &y->key);
}

static void add(figures *f, qq_waiting const *w, int is_new)
{
  f->recipients++;
  f->messages += is_new != 0;
  f->attempts += w->attempts;
  if (w->first < f->first) f->first = w->first;
  if (w->last != QQ_LOG_UNKNOWN && (f->last == QQ_LOG_UNKNOWN || w->last > f->last))
    f->last = w->last;
}

static size_t fold(figures *all, entry const *e, size_t n)
{
  static figures const none = { { "", 0 }, 0, 0, 0, QQ_LOG_UNKNOWN, QQ_LOG_UNKNOWN };
  size_t i, count = 0;
  for (i = 0; i < n; i++) {
    int const is_same = i && !qq_piece_compare(&e[i].key, &e[i - 1].key);
    if (!is_same) {
      all[count] = none;
      all[count++].key = e[i].key;
    }
    add(&all[count - 1], e[i].waiting,
      !is_same || e[i].waiting->message != e[i - 1].waiting->message);
  }
  if (count) qsort(all, count, sizeof *all, compare_figures);
  return count;
}

/* The most recipients first. The caller frees what is returned. */
static figures *count_by(int by, size_t *count)
{
  qq_waiting *const *w = genalloc_s(qq_waiting *, &qq_why_is.meant);
  size_t const n = genalloc_len(qq_waiting *, &qq_why_is.meant);
  entry *e = calloc(n + 1, sizeof *e);
  figures *all = calloc(n + 1, sizeof *all);
  size_t i;
  qq_demand_memory(e && all);
  for (i = 0; i < n; i++) {
    e[i].key = key_of(by, w[i]);
    e[i].waiting = w[i];
  }
  if (n) qsort(e, n, sizeof *e, compare_entries);
  *count = fold(all, e, n);
  free(e);
  return all;
}

static char const *const words[] = { "host", "reason", "to-domain" };

/* ---- for people ---- */

#define TITLES 5

static char const *const titles[TITLES] = { N_("recipients"), N_("messages"), N_("tries"),
  QQ_N_IN("attempt", "first"), QQ_N_IN("attempt", "last") };
static size_t width[TITLES];

static void put_titles(stralloc *out, char const *word)
{
  static size_t const least[TITLES] = { 10, 8, 8, 20, 20 };
  qq_titles(out, width, least, titles, TITLES, 3);
  qq_must_fmt(out, "%s\n", word);
}

static void put_moment(stralloc *out, uint64_t moment, size_t cells)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc text = STRALLOC_ZERO;
  if (moment != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_text(&text, &calendar, moment));
  qq_must_fmt(out, " ");
  qq_cell(out, text.s, text.len, cells);
  stralloc_free(&text);
}

void qq_why_by_text(stralloc *out, int by)
{
  size_t n, i;
  figures *f = count_by(by, &n);
  if (n) put_titles(out, words[by]);
  for (i = 0; i < n; i++) {
    qq_must_fmt(out, "%*llu %*llu %*llu", (int)width[0], (unsigned long long)f[i].recipients,
      (int)width[1], (unsigned long long)f[i].messages, (int)width[2],
      (unsigned long long)f[i].attempts);
    put_moment(out, f[i].first, width[3]);
    put_moment(out, f[i].last, width[4]);
    qq_must_fmt(out, " ");
    qq_demand_memory(qq_safe(out, f[i].key.s, f[i].key.n) && stralloc_append(out, '\n'));
  }
  free(f);
}

static qq_calendar calendar_ = QQ_CALENDAR_ZERO;

static void tsv_moment(stralloc *out, uint64_t moment)
{
  qq_must_fmt(out, "\t");
  if (moment != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_exact(out, &calendar_, moment));
}

void qq_why_by_tsv(stralloc *out, int by)
{
  size_t n, i;
  figures *f = count_by(by, &n);
  qq_must_fmt(out, "by\tkey\trecipients\tmessages\tattempts\tfirst\tlast\n");
  for (i = 0; i < n; i++) {
    qq_must_fmt(out, "%s\t", words[by]);
    qq_tsv(out, f[i].key.s, f[i].key.n);
    qq_must_fmt(out, "\t%llu\t%llu\t%llu", (unsigned long long)f[i].recipients,
      (unsigned long long)f[i].messages, (unsigned long long)f[i].attempts);
    tsv_moment(out, f[i].first);
    tsv_moment(out, f[i].last);
    qq_must_fmt(out, "\n");
  }
  free(f);
}

void qq_why_by_json(stralloc *out, int by)
{
  size_t n, i;
  figures *f = count_by(by, &n);
  for (i = 0; i < n; i++) {
    qq_json json = qq_json_begin(out), *j = &json;
    qq_json_word(j, "by", words[by]);
    qq_json_bytes(j, "key", f[i].key.s, f[i].key.n);
    qq_json_number(j, "recipients", f[i].recipients);
    qq_json_number(j, "messages", f[i].messages);
    qq_json_number(j, "attempts", f[i].attempts);
    qq_json_exact(j, "first", &calendar_, f[i].first);
    qq_json_exact(j, "last", &calendar_, f[i].last);
    qq_json_end(j);
  }
  free(f);
}
