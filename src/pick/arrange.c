#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include "pick.h"

/* ---- without case ---- */

/* What is folded, each with a NUL behind it; then the number of the message. */
static qq_column const texts[QQ_TEXTS] = {
  QQ_COLUMN_TYPE, QQ_COLUMN_FROM, QQ_COLUMN_TO, QQ_COLUMN_SUBJECT
};

/* So many rows are folded within a millisecond. */
#define SOME 4096

static void fold_row(qq_list *l, qq_row *row)
{
  qq_piece fields[QQ_COLUMNS];
  char number[QQ_NUMBER_FMT];
  size_t i;
  qq_row_fields(l, row, fields);
  for (i = 0; i < QQ_TEXTS; i++) {
    row->folded_at[i] = l->folded.len;
    qq_demand_memory(qq_fold(&l->folded, fields[texts[i]].s, fields[texts[i]].n)
      && stralloc_0(&l->folded));
  }
  qq_demand_memory(qq_append(&l->folded, number, qq_number_format(number, row->id.id)));
  row->folded_end = l->folded.len;
}

int qq_list_fold_some(void *list)
{
  qq_list *l = list;
  size_t const n = qq_list_all(l);
  size_t i;
  for (i = 0; i < SOME && l->folded_rows < n; i++)
    fold_row(l, &genalloc_s(qq_row, &l->rows)[l->folded_rows++]);
  return l->folded_rows < n;
}

static void fold_all(qq_list *l)
{
  while (qq_list_fold_some(l)) continue;
}

/* ---- sorted ----

   Stably, by eight bytes at a time: a number, or a part of a text. The rows come by date, so that
   this decides where nothing else does. qsort(3) takes three times as long for 200,000 subjects. */

typedef struct entry {
  uint64_t key;
  char const *text;             /* from where the key is, up to a NUL */
  uint32_t row;
} entry;

#define BYTES (sizeof(uint64_t))
#define FEW 32
#define LIMIT 1024              /* where texts have been alike so far, nobody reads on */
#define SAMPLE 65536

static uint64_t part(char const *s)
{
  uint64_t key = 0;
  size_t i;
  for (i = 0; i < BYTES && s[i]; i++) key = key << 8 | (unsigned char)s[i];
  return i ? key << 8 * (BYTES - i) : 0;
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

/* By the highest byte in which they differ, and then each lot by what is behind that. */
static void sort_by_key(entry *e, entry *spare, size_t n)
{
  uint64_t differing = 0;
  unsigned int shift = 56;
  size_t i, begin = 0;
  if (n < FEW) {
    insert_each(e, n);
    return;
  }
  for (i = 1; i < n; i++) differing |= e[i].key ^ e[0].key;
  if (!differing) return;
  while (!(differing >> shift)) shift -= 8;
  deal_out(e, spare, n, shift);
  memcpy(e, spare, n * sizeof *e);
  for (i = 1; i <= n; i++) {
    if (i < n && e[i].key >> shift == e[begin].key >> shift) continue;
    sort_by_key(e + begin, spare, i - begin);
    begin = i;
  }
}

/* From that byte of the texts on. */
static void sort_texts(entry *e, entry *spare, size_t n, size_t from)
{
  size_t i, begin = 0;
  for (i = 0; i < n; i++) e[i].key = part(e[i].text);
  sort_by_key(e, spare, n);
  for (i = 1; i <= n; i++) {
    if (i < n && e[i].key == e[begin].key) continue;
    if (i - begin > 1 && e[begin].key & 255 && from < LIMIT) {
      size_t k;
      for (k = begin; k < i; k++) e[k].text += BYTES;
      sort_texts(e + begin, spare, i - begin, from + BYTES);
    }
    begin = i;
  }
}

static void set_entry(entry *e, qq_list const *l, qq_row const *row)
{
  size_t i;
  switch (l->sorted_by) {
    case QQ_COLUMN_ID: e->key = row->id.id; break;
    case QQ_COLUMN_DATE: e->key = row->id.stamp; break;
    case QQ_COLUMN_SIZE: e->key = row->size; break;
    default:
      for (i = 0; texts[i] != l->sorted_by; i++) continue;
      e->text = l->folded.s + row->folded_at[i];
  }
}

void qq_list_sort(qq_list *l, qq_column c, int is_descending)
{
  size_t const n = qq_list_all(l);
  entry *e = calloc(2 * n + 1, sizeof *e);
  size_t i;
  qq_demand_memory(e && genalloc_ready(uint32_t, &l->order, n + 1));
  l->sorted_by = c;
  l->is_descending = is_descending;
  if (c != QQ_COLUMN_DATE) fold_all(l);
  for (i = 0; i < n; i++) {
    e[i].row = (uint32_t)i;
    set_entry(&e[i], l, &genalloc_s(qq_row, &l->rows)[i]);
  }
  if (n && e->text) sort_texts(e, e + n, n, 0);
  else sort_by_key(e, e + n, n);
  for (i = 0; i < n; i++)
    genalloc_s(uint32_t, &l->order)[i] = e[is_descending ? n - 1 - i : i].row;
  genalloc_setlen(uint32_t, &l->order, n);
  free(e);
  qq_list_narrow(l);
}

/* ---- narrowed ---- */

/* Where in the word the byte is that the first of the texts have least of: a search for this one
   stops seldom. */
static size_t rarest(qq_list const *l, qq_piece word)
{
  size_t count[256] = { 0 };
  size_t i, best = 0;
  for (i = 0; i < l->folded.len && i < SAMPLE; i++) count[(unsigned char)l->folded.s[i]]++;
  for (i = 1; i < word.n; i++)
    if (count[(unsigned char)word.s[i]] < count[(unsigned char)word.s[best]]) best = i;
  return best;
}

static int has(qq_list const *l, qq_row const *row, qq_piece word, size_t rare)
{
  char const *s = l->folded.s + row->folded_at[0] + rare;
  char const *const end = l->folded.s + row->folded_end - (word.n - rare) + 1;
  if (row->folded_end - row->folded_at[0] < word.n) return 0;
  while ((s = memchr(s, word.s[rare], (size_t)(end - s)))) {
    if (!memcmp(s - rare, word.s, word.n)) return 1;
    s++;
  }
  return 0;
}

/* Looks through the rows as they came, which is as they lie in memory. */
void qq_list_narrow(qq_list *l)
{
  qq_row const *rows = genalloc_s(qq_row, &l->rows);
  size_t const n = qq_list_all(l);
  char *is_shown = malloc(n + 1);
  stralloc word = STRALLOC_ZERO;
  size_t i, rare, kept = 0;
  if (l->narrow.len) fold_all(l);
  qq_demand_memory(is_shown && qq_fold(&word, l->narrow.s, l->narrow.len)
    && genalloc_ready(uint32_t, &l->shown, n + 1));
  rare = rarest(l, qq_piece_of(&word));
  for (i = 0; i < n; i++) is_shown[i] = !word.len || has(l, &rows[i], qq_piece_of(&word), rare);
  for (i = 0; i < n; i++) {
    uint32_t const row = genalloc_s(uint32_t, &l->order)[i];
    if (is_shown[row]) genalloc_s(uint32_t, &l->shown)[kept++] = row;
  }
  genalloc_setlen(uint32_t, &l->shown, kept);
  stralloc_free(&word);
  free(is_shown);
}
