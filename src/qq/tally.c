#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/text.h>
#include <qq/when.h>
#include "stat.h"

unsigned int qq_tally_bucket(uint64_t age)
{
  uint64_t const first = QQ_TALLY_FIRST_MINUTES * 60 * QQ_SECOND;
  unsigned int i = 0;
  while (i < QQ_TALLY_AGES - 1 && age >= first << i) i++;
  return i;
}

/* The count of the key, made if it is new, with the key's bytes behind it. */
static qq_count *count_of(qq_tally *t, qq_piece const *key)
{
  qq_count **at = tfind(key, t, qq_piece_compare);
  qq_count *made;
  if (at) return *at;
  made = calloc(1, sizeof *made + key->n);
  qq_demand_memory(made != 0);
  if (key->n) memcpy(made + 1, key->s, key->n);
  made->key.s = (char const *)(made + 1);
  made->key.n = key->n;
  qq_demand_memory(tsearch(made, t, qq_piece_compare) != 0);
  return made;
}

void qq_count_add(qq_count *c, unsigned int bucket, uint64_t recipients)
{
  c->total++;
  c->recipients += recipients;
  c->ages[bucket]++;
}

void qq_tally_add(qq_tally *t, qq_piece const *key, unsigned int bucket, uint64_t recipients)
{
  qq_count_add(count_of(t, key), bucket, recipients);
}

/* twalk(3) hands its action no context. */
static genalloc *list;

static void list_node(void const *node, VISIT order, int depth)
{
  (void)depth;
  if (order == postorder || order == leaf)
    qq_demand_memory(genalloc_append(qq_count const *, list, node));
}

static int compare_counts(uint64_t x, uint64_t y, int otherwise)
{
  return x > y ? -1 : x < y ? 1 : otherwise;
}

int qq_most_messages(void const *a, void const *b)
{
  qq_count const *x = *(qq_count const *const *)a, *y = *(qq_count const *const *)b;
  return compare_counts(x->total, y->total, qq_piece_compare(x, y));
}

int qq_most_recipients(void const *a, void const *b)
{
  qq_count const *x = *(qq_count const *const *)a, *y = *(qq_count const *const *)b;
  return compare_counts(x->recipients, y->recipients, qq_most_messages(a, b));
}

void qq_tally_list(qq_tally const *t, genalloc *counts, qq_count_order *order)
{
  list = counts;
  twalk(*t, list_node);
  if (counts->len)
    qsort(counts->s, genalloc_len(qq_count const *, counts), sizeof(qq_count *), order);
}

/* ---- counts against age buckets, as Postfix's qshape made usual ---- */

/* Cells of the key column at most. */
#define KEY_MAX 50

/* How wide the columns in front of the ages are; 0: there is none. */
typedef struct table { size_t key, messages, recipients; } table;

static size_t width_of(char const *title)
{
  return qq_cells(title, strlen(title));
}

static void number(stralloc *out, size_t width, uint64_t v)
{
  qq_must_fmt(out, " %*llu", (int)width, (unsigned long long)v);
}

static void row(stralloc *out, table const *t, char const *key, size_t n, qq_count const *c)
{
  unsigned int i;
  qq_cell_right(out, key, n, t->key);
  number(out, t->messages, c->total);
  if (t->recipients) number(out, t->recipients, c->recipients);
  for (i = 0; i < QQ_TALLY_AGES; i++) number(out, 6, c->ages[i]);
  qq_must_fmt(out, "\n");
}

/* The limit in minutes; only until the next one. */
static char const *age_title(unsigned int i)
{
  static stralloc title = STRALLOC_ZERO;
  int const is_last = i + 1 == QQ_TALLY_AGES;
  title.len = 0;
  qq_must_fmt(&title, is_last ? "%um+" : "%um",
    QQ_TALLY_FIRST_MINUTES << (i - (unsigned int)is_last));
  qq_demand_memory(stralloc_0(&title));
  return title.s;
}

static void heading(stralloc *out, table const *t)
{
  unsigned int i;
  qq_must_fmt(out, "%*s %s", (int)t->key, "", _("messages"));
  if (t->recipients) qq_must_fmt(out, " %s", _("recipients"));
  for (i = 0; i < QQ_TALLY_AGES; i++) qq_must_fmt(out, " %6s", age_title(i));
  qq_must_fmt(out, "\n");
}

/* Cells that the key takes when it is made safe. */
static size_t cells(qq_count const *c)
{
  stralloc safe = STRALLOC_ZERO;
  size_t n;
  qq_demand_memory(qq_safe(&safe, c->key.s, c->key.n));
  n = qq_cells(safe.s, safe.len);
  stralloc_free(&safe);
  return n;
}

void qq_ages_text(stralloc *out, qq_by const *by, qq_count const *total,
  qq_count const *const *counts, size_t n)
{
  table t = { width_of(_("TOTAL")), width_of(_("messages")), 0 };
  size_t i;
  if (by->counts_recipients) t.recipients = width_of(_("recipients"));
  for (i = 0; i < n; i++)
    if (cells(counts[i]) > t.key) t.key = cells(counts[i]);
  if (t.key > KEY_MAX) t.key = KEY_MAX;
  heading(out, &t);
  if (total) row(out, &t, _("TOTAL"), strlen(_("TOTAL")), total);
  for (i = 0; i < n; i++) row(out, &t, counts[i]->key.s, counts[i]->key.n, counts[i]);
}

static int is_table;            /* with a column for each age */

void qq_ages_begin(int form, qq_by const *by)
{
  static stralloc titles = STRALLOC_ZERO;
  unsigned int i;
  qq_must_fmt(&titles, by->counts_recipients ? "key\tmessages\trecipients" : "key\tmessages");
  for (i = 0; i < QQ_TALLY_AGES; i++) qq_must_fmt(&titles, "\t%s", age_title(i));
  qq_demand_memory(stralloc_0(&titles));
  qq_rows_begin(form, titles.s);
  is_table = form == QQ_ROWS_TSV;
}

static void ages_json(qq_json *j, uint64_t const *ages)
{
  unsigned int i;
  if (!is_table) qq_json_array(j, "ages");
  for (i = 0; i < QQ_TALLY_AGES; i++) qq_json_number(j, is_table ? age_title(i) : 0, ages[i]);
  if (!is_table) qq_json_array_end(j);
}

void qq_ages_json(stralloc *out, qq_by const *by, qq_count const *const *counts, size_t n)
{
  size_t i;
  for (i = 0; i < n; i++) {
    qq_json j = qq_json_begin(out);
    qq_json_bytes(&j, "key", counts[i]->key.s, counts[i]->key.n);
    qq_json_number(&j, "messages", counts[i]->total);
    if (by->counts_recipients) qq_json_number(&j, "recipients", counts[i]->recipients);
    ages_json(&j, counts[i]->ages);
    qq_json_end(&j);
  }
}
