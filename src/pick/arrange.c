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

void qq_list_fold(qq_list *l)
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

/* ---- sorted ----

   Stably, by eight bytes at a time: a number, or a part of a text. The rows come by date, so that
   this decides where nothing else does. qsort(3) takes three times as long for 200,000 subjects. */

typedef struct entry {
  uint64_t key;
  uint32_t row;
} entry;

#define BYTES (sizeof(uint64_t))
#define FEW 24
#define LIMIT 1024              /* where texts have been alike so far, nobody reads on */

static uint64_t part(qq_piece p, size_t from)
{
  uint64_t key = 0;
  size_t i;
  for (i = from; i < from + BYTES; i++) key = key << 8 | (i < p.n ? (unsigned char)p.s[i] : 0);
  return key;
}

static uint64_t key_of(qq_list const *l, qq_row const *row, size_t from)
{
  switch (l->sorted_by) {
    case QQ_COLUMN_ID: return row->id.id;
    case QQ_COLUMN_DATE: return row->id.stamp;
    case QQ_COLUMN_SIZE: return row->size;
    default: return part(folded(l, row, l->sorted_by), from);
  }
}

static void insert_each(entry *e, size_t n)
{
  size_t i, at;
  for (i = 1; i < n; i++) {
    entry const one = e[i];
    for (at = i; at && e[at - 1].key > one.key; at--) e[at] = e[at - 1];
    e[at] = one;
  }
}

/* By the byte that so many are behind. */
static void deal_out(entry const *e, entry *to, size_t n, unsigned int shift)
{
  size_t at[257] = { 0 };
  size_t i;
  for (i = 0; i < n; i++) at[(e[i].key >> shift & 255) + 1]++;
  for (i = 1; i < 256; i++) at[i] += at[i - 1];
  for (i = 0; i < n; i++) to[at[e[i].key >> shift & 255]++] = e[i];
}

static void sort_by_key(entry *e, entry *spare, size_t n)
{
  uint64_t differing = 0;
  unsigned int shift;
  size_t i;
  if (n < FEW) {
    insert_each(e, n);
    return;
  }
  for (i = 1; i < n; i++) differing |= e[i].key ^ e[0].key;
  for (shift = 0; shift < 64; shift += 8)
    if (differing >> shift & 255) {
      deal_out(e, spare, n, shift);
      memcpy(e, spare, n * sizeof *e);
    }
}

/* From that byte of the texts on; a NUL is behind their end. */
static void sort_entries(qq_list const *l, entry *e, entry *spare, size_t n, size_t from)
{
  qq_row const *rows = genalloc_s(qq_row, &l->rows);
  int const is_number = l->sorted_by == QQ_COLUMN_ID || l->sorted_by == QQ_COLUMN_DATE
    || l->sorted_by == QQ_COLUMN_SIZE;
  size_t i, begin = 0;
  for (i = 0; i < n; i++) e[i].key = key_of(l, &rows[e[i].row], from);
  sort_by_key(e, spare, n);
  for (i = 1; i <= n && !is_number; i++) {
    if (i < n && e[i].key == e[begin].key) continue;
    if (i - begin > 1 && e[begin].key & 255 && from < LIMIT)
      sort_entries(l, e + begin, spare, i - begin, from + BYTES);
    begin = i;
  }
}

void qq_list_sort(qq_list *l, qq_column c, int is_descending)
{
  size_t const n = qq_list_all(l);
  entry *e = malloc((2 * n + 1) * sizeof *e);
  size_t i;
  qq_demand_memory(e && genalloc_ready(uint32_t, &l->order, n + 1));
  l->sorted_by = c;
  l->is_descending = is_descending;
  if (c != QQ_COLUMN_DATE) qq_list_fold(l);
  for (i = 0; i < n; i++) e[i].row = (uint32_t)i;
  sort_entries(l, e, e + n, n, 0);
  for (i = 0; i < n; i++)
    genalloc_s(uint32_t, &l->order)[i] = e[is_descending ? n - 1 - i : i].row;
  genalloc_setlen(uint32_t, &l->order, n);
  free(e);
  qq_list_narrow(l, 0);
}

/* ---- narrowed ---- */

static int has(qq_list const *l, qq_row const *row, qq_piece word)
{
  qq_piece const all = { l->folded.s + row->folded_at, row->folded_length };
  return qq_piece_find_piece(all, word) != 0;
}

void qq_list_narrow(qq_list *l, int has_grown)
{
  stralloc word = STRALLOC_ZERO;
  genalloc const *from = has_grown ? &l->shown : &l->order;
  size_t const n = genalloc_len(uint32_t, from);
  size_t i, kept = 0;
  if (l->narrow.len) qq_list_fold(l);
  qq_demand_memory(qq_fold(&word, l->narrow.s, l->narrow.len)
    && genalloc_ready(uint32_t, &l->shown, n + 1));
  for (i = 0; i < n; i++) {
    uint32_t const row = genalloc_s(uint32_t, from)[i];
    if (!word.len || has(l, &genalloc_s(qq_row, &l->rows)[row], qq_piece_of(&word)))
      genalloc_s(uint32_t, &l->shown)[kept++] = row;
  }
  genalloc_setlen(uint32_t, &l->shown, kept);
  stralloc_free(&word);
}
