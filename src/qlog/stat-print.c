#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/output.h>
#include <qq/when.h>
#include "qlog.h"

static struct { char const *label, *name; } const names[QLOG_NUMBERS] = {
  { N_("messages"), "messages" }, { N_("recipients"), "recipients" },
  { N_("delivered"), "delivered" }, { N_("failed"), "failed" }, { N_("deferrals"), "deferrals" },
  { N_("still open"), "open" }, { N_("bytes"), "bytes" }
};
enum { SORT_FIRST = QLOG_NUMBERS, SORT_LAST, SORT_KEY };

static qq_calendar calendar = QQ_CALENDAR_ZERO;

/* ---- order ---- */

static qlog_report const *report;       /* for qsort(3) */

/* An hour and a day go by time. */
static int order_of(qlog_report const *r)
{
  if (r->sort >= 0) return r->sort;
  return r->by >= QLOG_BY_HOUR ? SORT_KEY : QLOG_MESSAGES;
}

static uint64_t value(qlog_figures const *f, int sort)
{
  return sort == SORT_FIRST ? f->first : sort == SORT_LAST ? f->last : f->n[sort];
}

static int compare(void const *a, void const *b)
{
  qlog_figures const *x = *(qlog_figures *const *)a, *y = *(qlog_figures *const *)b;
  int const sort = order_of(report), keys = qq_piece_compare(&x->key, &y->key);
  int r = 0;
  if (sort != SORT_KEY) {
    uint64_t const u = value(x, sort), v = value(y, sort);
    r = u == v ? 0 : u > v ? -1 : 1;
    if (sort == SORT_FIRST) r = -r;
  }
  if (!r) r = keys;
  return report->is_reversed ? -r : r;
}

static size_t list(qlog_figures ***all, qlog_report const *r, qq_table const *t)
{
  size_t i, n = 0;
  *all = calloc(t->count + 1, sizeof **all);
  qq_demand_memory(*all != 0);
  for (i = 0; i < t->size; i++) if (t->slots[i].value) (*all)[n++] = t->slots[i].value;
  report = r;
  qsort(*all, n, sizeof **all, compare);
  return n < r->top ? n : (size_t)r->top;
}

/* ---- for people ---- */

static void put_moment(stralloc *out, uint64_t m)
{
  if (m != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_text(out, &calendar, m));
}

static void put_cell_of_moment(stralloc *out, uint64_t m, size_t cells)
{
  stralloc cell = STRALLOC_ZERO;
  put_moment(&cell, m);
  qq_cell(out, cell.s, cell.len, cells);
  qq_must_fmt(out, " ");
  stralloc_free(&cell);
}

/* Of the figures; then of the first and the last moment. */
static size_t width[QLOG_NUMBERS + 2];

static void put_titles(stralloc *out, int by)
{
  char const *titles[QLOG_NUMBERS + 2];
  size_t least[QLOG_NUMBERS + 2], i;
  for (i = 0; i < QLOG_NUMBERS; i++) {
    titles[i] = names[i].label;
    least[i] = i == QLOG_BYTES ? 7 : 10;
  }
  titles[i] = N_("first");
  titles[i + 1] = N_("last");
  least[i] = least[i + 1] = 20;
  qq_titles(out, width, least, titles, QLOG_NUMBERS + 2, QLOG_NUMBERS);
  qq_must_fmt(out, "%s\n", qlog_key_word(by));
}

static void put_row(stralloc *out, qlog_figures const *f)
{
  stralloc cell = STRALLOC_ZERO;
  size_t const columns = qq_columns();
  size_t used = width[QLOG_NUMBERS] + width[QLOG_NUMBERS + 1] + 3;
  int i;
  for (i = 0; i < QLOG_NUMBERS; i++) {
    cell.len = 0;
    if (i == QLOG_BYTES) qq_demand_memory(qq_size_text(&cell, f->n[i]));
    else qq_must_fmt(&cell, "%llu", (unsigned long long)f->n[i]);
    qq_cell_right(out, cell.s, cell.len, width[i]);
    used += width[i] + 1;
    qq_must_fmt(out, " ");
  }
  put_cell_of_moment(out, f->first, width[i]);
  put_cell_of_moment(out, f->last, width[i + 1]);
  if (columns > used + 8) qq_cell(out, f->key.s, f->key.n, columns - used);
  else qq_demand_memory(qq_safe(out, f->key.s, f->key.n));
  while (out->len && out->s[out->len - 1] == ' ') out->len--;
  qq_must_fmt(out, "\n");
  stralloc_free(&cell);
}

void qlog_print_text(stralloc *out, qlog_report const *r, qq_table const *t)
{
  qlog_figures **all;
  size_t const n = list(&all, r, t);
  size_t i;
  if (out->len) qq_must_fmt(out, "\n");
  put_titles(out, r->by);
  for (i = 0; i < n; i++) put_row(out, all[i]);
  free(all);
}

static void put_seconds(stralloc *out, uint64_t ns)
{
  qq_must_fmt(out, "%llu.%03u s", (unsigned long long)(ns / QQ_SECOND),
    (unsigned int)(ns % QQ_SECOND / 1000000));
}

void qlog_totals_text(stralloc *out, qlog_figures const *f, qlog_delays const *d)
{
  static unsigned int const percents[] = { 50, 90, 99 };
  stralloc seconds = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < QLOG_NUMBERS; i++)
    qq_must_fmt(out, "%s: %llu\n", _(names[i].label), (unsigned long long)f->n[i]);
  qq_must_fmt(out, "%s: ", _("first"));
  put_moment(out, f->first);
  qq_must_fmt(out, "\n%s: ", _("last"));
  put_moment(out, f->last);
  qq_must_fmt(out, "\n%s: %llu\n", _("restarts of qmail-send"),
    (unsigned long long)qlog_counts.restarts);
  qq_must_fmt(out, "%s: %llu\n", _("results whose start is not in the log"),
    (unsigned long long)qlog_counts.stray);
  for (i = 0; d->all && i < sizeof percents / sizeof *percents; i++) {
    seconds.len = 0;
    put_seconds(&seconds, qlog_delays_of(d, percents[i]));
    qq_must_fmt(out, _("%u%% of the deliveries took at most: %.*s\n"), percents[i],
      (int)seconds.len, seconds.s);
  }
  stralloc_free(&seconds);
}

/* ---- JSON ---- */

static void json_figures(qq_json *j, qlog_figures const *f)
{
  int i;
  for (i = 0; i < QLOG_NUMBERS; i++) qq_json_number(j, names[i].name, f->n[i]);
  if (f->first == QQ_LOG_UNKNOWN) qq_json_null(j, "first");
  else qq_json_exact(j, "first", &calendar, f->first);
  if (f->last == QQ_LOG_UNKNOWN) qq_json_null(j, "last");
  else qq_json_exact(j, "last", &calendar, f->last);
}

void qlog_print_json(stralloc *out, qlog_report const *r, qq_table const *t)
{
  qq_json json = QQ_JSON(out), *j = &json;
  qlog_figures **all;
  size_t const n = list(&all, r, t);
  size_t i;
  for (i = 0; i < n; i++) {
    qq_json_object(j, 0);
    qq_json_word(j, "by", qlog_key_word(r->by));
    qq_json_bytes(j, "key", all[i]->key.s, all[i]->key.n);
    json_figures(j, all[i]);
    qq_json_end(j);
  }
  free(all);
}

static void json_delay(qq_json *j, char const *name, qlog_delays const *d, unsigned int percent)
{
  if (d->all) qq_json_number(j, name, qlog_delays_of(d, percent) / 1000000);
  else qq_json_null(j, name);
}

void qlog_totals_json(stralloc *out, qlog_figures const *f, qlog_delays const *d)
{
  qq_json json = QQ_JSON(out), *j = &json;
  qq_json_object(j, 0);
  json_figures(j, f);
  qq_json_number(j, "restarts", qlog_counts.restarts);
  qq_json_number(j, "results_without_start", qlog_counts.stray);
  json_delay(j, "delay_50_ms", d, 50);
  json_delay(j, "delay_90_ms", d, 90);
  json_delay(j, "delay_99_ms", d, 99);
  qq_json_end(j);
}

/* ---- with tabs ---- */

static void tsv_figures(stralloc *out, qlog_figures const *f)
{
  int i;
  for (i = 0; i < QLOG_NUMBERS; i++) qq_must_fmt(out, "\t%llu", (unsigned long long)f->n[i]);
  qq_must_fmt(out, "\t");
  if (f->first != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_exact(out, &calendar, f->first));
  qq_must_fmt(out, "\t");
  if (f->last != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_exact(out, &calendar, f->last));
  qq_must_fmt(out, "\n");
}

static void tsv_heading(stralloc *out)
{
  int i;
  if (out->len) return;
  qq_must_fmt(out, "by\tkey");
  for (i = 0; i < QLOG_NUMBERS; i++) qq_must_fmt(out, "\t%s", names[i].name);
  qq_must_fmt(out, "\tfirst\tlast\n");
}

void qlog_print_tsv(stralloc *out, qlog_report const *r, qq_table const *t)
{
  qlog_figures **all;
  size_t const n = list(&all, r, t);
  size_t i;
  tsv_heading(out);
  for (i = 0; i < n; i++) {
    qq_must_fmt(out, "%s\t", qlog_key_word(r->by));
    qq_tsv(out, all[i]->key.s, all[i]->key.n);
    tsv_figures(out, all[i]);
  }
  free(all);
}

void qlog_totals_tsv(stralloc *out, qlog_figures const *f, qlog_delays const *d)
{
  (void)d;
  tsv_heading(out);
  qq_must_fmt(out, "total\t");
  tsv_figures(out, f);
}
