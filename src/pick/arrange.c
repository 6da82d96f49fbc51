#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include "pick.h"

/* ---- without case ---- */

/* What is folded, each with a tab behind it; then the number of the message. */
static qq_column const texts[] = {
  QQ_COLUMN_TYPE, QQ_COLUMN_FROM, QQ_COLUMN_TO, QQ_COLUMN_SUBJECT
};
#define TEXTS (sizeof texts / sizeof *texts)

static void fold(stralloc *out, qq_piece p)
{
  size_t i;
  if (qq_plain_length(p.s, p.n) < p.n) {
    qq_demand_memory(qq_fold(out, p.s, p.n));
    return;
  }
  qq_demand_memory(qq_room(out, p.n));
  for (i = 0; i < p.n; i++)
    out->s[out->len + i] = (char)(p.s[i] >= 'A' && p.s[i] <= 'Z' ? p.s[i] | 32 : p.s[i]);
  out->len += p.n;
}

static void fold_row(qq_list *l, qq_row *row)
{
  char number[QQ_NUMBER_FMT];
  size_t i;
  row->folded_at = l->folded.len;
  for (i = 0; i < TEXTS; i++) {
    fold(&l->folded, qq_row_field(l, row, texts[i]));
    qq_demand_memory(stralloc_append(&l->folded, '\t'));
  }
  qq_demand_memory(qq_append(&l->folded, number, qq_number_format(number, row->id.id)));
  row->folded_length = (uint32_t)(l->folded.len - row->folded_at);
}

/* Once, when it is wanted for the first time. */
static void fold_all(qq_list *l)
{
  size_t i;
  if (l->folded.len) return;
  for (i = 0; i < qq_list_all(l); i++) fold_row(l, &genalloc_s(qq_row, &l->rows)[i]);
}

static qq_piece folded(qq_list const *l, qq_row const *row, qq_column c)
{
  qq_piece p = { 0, 0 };
  char const *tab = 0;
  size_t i;
  p.s = l->folded.s + row->folded_at;
  p.n = row->folded_length;
  for (i = 0; i < TEXTS; i++) {
    tab = memchr(p.s, '\t', p.n);
    if (texts[i] == c) break;
    qq_piece_skip(&p, (size_t)(tab - p.s) + 1);
  }
  p.n = (size_t)(tab - p.s);
  return p;
}

/* ---- sorted ---- */

typedef struct entry {
  uint64_t key;                 /* a number, or the first bytes of a text */
  uint32_t row;
} entry;

static qq_list const *sorted;   /* for qsort(3) */
static int is_by_text;

static uint64_t first_bytes(qq_piece p)
{
  uint64_t key = 0;
  size_t i;
  for (i = 0; i < sizeof key; i++) key = key << 8 | (i < p.n ? (unsigned char)p.s[i] : 0);
  return key;
}

static uint64_t key_of(qq_list const *l, qq_row const *row, qq_column c)
{
  switch (c) {
    case QQ_COLUMN_ID: return row->id.id;
    case QQ_COLUMN_DATE: return row->id.stamp;
    case QQ_COLUMN_SIZE: return row->size;
    default: return first_bytes(folded(l, row, c));
  }
}

static int compare_rows(qq_row const *a, qq_row const *b)
{
  int r = 0;
  if (is_by_text) {
    qq_piece const x = folded(sorted, a, sorted->sorted_by);
    qq_piece const y = folded(sorted, b, sorted->sorted_by);
    r = qq_piece_compare(&x, &y);
  }
  if (!r) r = a->id.stamp < b->id.stamp ? -1 : a->id.stamp > b->id.stamp;
  return r ? r : a->id.id < b->id.id ? -1 : a->id.id > b->id.id;
}

static int compare(void const *a, void const *b)
{
  entry const *x = a, *y = b;
  qq_row const *rows = genalloc_s(qq_row, &sorted->rows);
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return compare_rows(&rows[x->row], &rows[y->row]);
}

static int is_sorted(entry const *e, size_t n)
{
  size_t i;
  for (i = 1; i < n; i++) if (compare(&e[i - 1], &e[i]) > 0) return 0;
  return 1;
}

void qq_list_sort(qq_list *l, qq_column c, int is_descending)
{
  size_t const n = qq_list_all(l);
  entry *e = malloc((n + 1) * sizeof *e);
  size_t i;
  qq_demand_memory(e && genalloc_ready(uint32_t, &l->order, n + 1));
  sorted = l;
  l->sorted_by = c;
  l->is_descending = is_descending;
  is_by_text = c != QQ_COLUMN_ID && c != QQ_COLUMN_DATE && c != QQ_COLUMN_SIZE;
  if (is_by_text) fold_all(l);
  for (i = 0; i < n; i++) {
    e[i].key = key_of(l, &genalloc_s(qq_row, &l->rows)[i], c);
    e[i].row = (uint32_t)i;
  }
  if (!is_sorted(e, n)) qsort(e, n, sizeof *e, compare);        /* by date they come sorted */
  for (i = 0; i < n; i++)
    genalloc_s(uint32_t, &l->order)[i] = e[is_descending ? n - 1 - i : i].row;
  genalloc_setlen(uint32_t, &l->order, n);
  free(e);
  qq_list_narrow(l, 0);
}

/* ---- narrowed ---- */

static int has(qq_list const *l, qq_row const *row, stralloc const *word)
{
  char const *s = l->folded.s + row->folded_at, *end = s + row->folded_length;
  if (row->folded_length < word->len) return 0;
  end -= word->len - 1;
  while (s < end && (s = memchr(s, *word->s, (size_t)(end - s)))) {
    if (!memcmp(s, word->s, word->len)) return 1;
    s++;
  }
  return 0;
}

void qq_list_narrow(qq_list *l, int has_grown)
{
  stralloc word = STRALLOC_ZERO;
  genalloc const *from = has_grown ? &l->shown : &l->order;
  size_t const n = genalloc_len(uint32_t, from);
  size_t i, kept = 0;
  if (l->narrow.len) fold_all(l);
  qq_demand_memory(qq_fold(&word, l->narrow.s, l->narrow.len)
    && genalloc_ready(uint32_t, &l->shown, n + 1));
  for (i = 0; i < n; i++) {
    uint32_t const row = genalloc_s(uint32_t, from)[i];
    if (!word.len || has(l, &genalloc_s(qq_row, &l->rows)[row], &word))
      genalloc_s(uint32_t, &l->shown)[kept++] = row;
  }
  genalloc_setlen(uint32_t, &l->shown, kept);
  stralloc_free(&word);
}
