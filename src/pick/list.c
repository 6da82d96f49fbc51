#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include "pick.h"

/* The fields of qq-show --tsv. */
enum { TOKEN, TYPE, QUEUED, SIZE, FROM, TO, OTHERS, SUBJECT, FIELDS };

static int const field_of[QQ_COLUMNS] = { TYPE, QUEUED, SIZE, FROM, TO, SUBJECT, TOKEN };

static qq_piece next_field(qq_piece *line)
{
  qq_piece field = *line;
  char const *tab = line->n ? memchr(line->s, '\t', line->n) : 0;
  if (tab) field.n = (size_t)(tab - line->s);
  qq_piece_skip(line, tab ? field.n + 1 : field.n);
  return field;
}

static qq_piece field_at(qq_piece line, int n)
{
  while (n--) next_field(&line);
  return next_field(&line);
}

/* ---- as it comes ---- */

static void take_line(qq_list *l, qq_piece line)
{
  qq_piece const token = field_at(line, TOKEN), size = field_at(line, SIZE);
  qq_row row;
  memset(&row, 0, sizeof row);
  if (!qq_id_scan(token.s, token.n, &row.id) || !qq_number_scan(size.s, size.n, &row.size))
    return;                     /* the heading */
  row.at = (size_t)(line.s - l->text.s);
  row.length = (uint32_t)line.n;
  qq_demand_memory(genalloc_append(qq_row, &l->rows, &row));
}

int qq_list_take(void *list, char const *s, size_t n)
{
  qq_list *l = list;
  qq_demand_memory(qq_append(&l->text, s, n));
  for (;;) {
    qq_piece line = qq_piece_of(&l->text);
    char const *end;
    qq_piece_skip(&line, l->read);
    end = line.n ? memchr(line.s, '\n', line.n) : 0;
    if (!end) return 1;
    line.n = (size_t)(end - line.s);
    take_line(l, line);
    l->read += line.n + 1;
  }
}

/* ---- its rows ---- */

size_t qq_list_all(qq_list const *l)
{
  return genalloc_len(qq_row, &l->rows);
}

size_t qq_list_count(qq_list const *l)
{
  return genalloc_len(uint32_t, &l->shown);
}

qq_row *qq_list_row(qq_list const *l, size_t place)
{
  return genalloc_s(qq_row, &l->rows) + genalloc_s(uint32_t, &l->shown)[place];
}

static qq_piece line_of(qq_list const *l, qq_row const *row)
{
  qq_piece line = { 0, 0 };
  line.s = l->text.s + row->at;
  line.n = row->length;
  return line;
}

qq_piece qq_row_field(qq_list const *l, qq_row const *row, qq_column c)
{
  return field_at(line_of(l, row), field_of[c]);
}

void qq_row_fields(qq_list const *l, qq_row const *row, qq_piece to[QQ_COLUMNS])
{
  qq_piece line = line_of(l, row), fields[FIELDS];
  int i;
  for (i = 0; i < FIELDS; i++) fields[i] = next_field(&line);
  for (i = 0; i < QQ_COLUMNS; i++) to[i] = fields[field_of[i]];
}

qq_piece qq_row_others(qq_list const *l, qq_row const *row)
{
  return field_at(line_of(l, row), OTHERS);
}

static int compare_ids(void const *a, void const *b)
{
  return qq_id_compare(a, b);
}

size_t qq_list_place(qq_list const *l, qq_id const *id, size_t otherwise)
{
  size_t const count = qq_list_count(l);
  size_t i;
  for (i = 0; i < count; i++) if (!qq_id_compare(&qq_list_row(l, i)->id, id)) return i;
  return otherwise < count ? otherwise : count ? count - 1 : 0;
}

/* ---- ticks ---- */

void qq_list_tick(qq_list *l, qq_row *row, int is_ticked)
{
  if (row->is_ticked == is_ticked) return;
  row->is_ticked = is_ticked;
  if (is_ticked) l->ticked++;
  else l->ticked--;
}

size_t qq_list_hidden(qq_list const *l)
{
  size_t shown = 0, i;
  for (i = 0; i < qq_list_count(l); i++) shown += (size_t)qq_list_row(l, i)->is_ticked;
  return l->ticked - shown;
}

void qq_list_meant(qq_list const *l, size_t place, genalloc *ids)
{
  qq_row const *rows = genalloc_s(qq_row, &l->rows);
  uint32_t const *order = genalloc_s(uint32_t, &l->order);
  size_t i;
  for (i = 0; i < qq_list_all(l) && l->ticked; i++)
    if (rows[order[i]].is_ticked)
      qq_demand_memory(genalloc_append(qq_id, ids, &rows[order[i]].id));
  if (!l->ticked && place < qq_list_count(l))
    qq_demand_memory(genalloc_append(qq_id, ids, &qq_list_row(l, place)->id));
}

/* ---- anew ---- */

static void tick_again(qq_list const *old, qq_list *l)
{
  genalloc ids = GENALLOC_ZERO;
  qq_row *rows = genalloc_s(qq_row, &l->rows);
  size_t i;
  if (!old->ticked) return;
  qq_list_meant(old, 0, &ids);
  qq_ids_sort(&ids);
  for (i = 0; i < qq_list_all(l); i++)
    if (bsearch(&rows[i].id, genalloc_s(qq_id, &ids), genalloc_len(qq_id, &ids), sizeof(qq_id),
      compare_ids)) qq_list_tick(l, &rows[i], 1);
  genalloc_free(qq_id, &ids);
}

void qq_list_replace(qq_list *old, qq_list *l)
{
  tick_again(old, l);
  l->narrow = old->narrow;
  qq_list_sort(l, old->sorted_by, old->is_descending);
  stralloc_free(&old->text);
  stralloc_free(&old->folded);
  genalloc_free(qq_row, &old->rows);
  genalloc_free(uint32_t, &old->order);
  genalloc_free(uint32_t, &old->shown);
  *old = *l;
}
