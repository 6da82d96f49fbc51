#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include "show.h"

enum { ID, TYPE, DATE, SIZE, FROM, TO, SUBJECT, COLUMNS };

/* Widest that from and to get where there is no terminal to fit into. */
#define ADDRESS_MAX 40
/* Where less than this is left to each, the type is cut to its least. */
#define ADDRESS_MIN 12
#define TYPE_MIN 12

static size_t width[COLUMNS];   /* 0: as long as it is, without padding */

static char const *const headings[COLUMNS] = { N_("id"), N_("type"), N_("queued"), N_("size"), N_("from"), N_("to"), N_("subject") };

static void widest(stralloc const *rows, size_t count)
{
  size_t i, c;
  for (c = 0; c < COLUMNS; c++) width[c] = qq_cells(_(headings[c]), strlen(_(headings[c])));
  for (i = 0; i < count; i++) {
    char const *s = rows[i].s;
    if (!rows[i].len) continue;
    for (c = 0; c < COLUMNS; c++) {
      size_t const n = strlen(s);
      size_t const cells = qq_cells(s, n);
      if (cells > width[c]) width[c] = cells;
      s += n + 1;
    }
  }
}

/* Cells that the first columns leave to addresses and subject. */
static size_t left_of(size_t columns)
{
  size_t const used = width[ID] + width[TYPE] + width[DATE] + width[SIZE] + COLUMNS - 1;
  return columns > used + 3 ? columns - used : 3;
}

/* From, to and subject get a third each of what is left; what an address does not need goes to the
   subject. */
static void fit(size_t columns)
{
  if (width[TYPE] > TYPE_MIN && left_of(columns) < 3 * ADDRESS_MIN) width[TYPE] = TYPE_MIN;
  if (width[FROM] > left_of(columns) / 3) width[FROM] = left_of(columns) / 3;
  if (width[TO] > left_of(columns) / 3) width[TO] = left_of(columns) / 3;
  width[SUBJECT] = left_of(columns) - width[FROM] - width[TO];
}

static void settle(stralloc const *rows, size_t count)
{
  size_t const columns = qq_columns();
  widest(rows, count);
  if (columns) fit(columns);
  else {
    if (width[FROM] > ADDRESS_MAX) width[FROM] = ADDRESS_MAX;
    if (width[TO] > ADDRESS_MAX) width[TO] = ADDRESS_MAX;
    width[SUBJECT] = 0;
  }
}

/* Where nothing must fit, nothing is cut. */
static void cell(stralloc *out, char const *s, size_t c)
{
  size_t const n = strlen(s);
  if (c == SUBJECT || (!width[SUBJECT] && qq_cells(s, n) > width[c])) {
    stralloc text = STRALLOC_ZERO;
    if (width[c] && width[SUBJECT]) qq_cell(&text, s, n, width[c]);
    else if (!stralloc_catb(&text, s, n)) qq_die_memory();
    while (text.len && text.s[text.len - 1] == ' ') text.len--;
    if (!stralloc_catb(out, text.s, text.len)) qq_die_memory();
    stralloc_free(&text);
  }
  else if (c == ID || c == SIZE) qq_cell_right(out, s, n, width[c]);
  else qq_cell(out, s, n, width[c]);
}

static void print(stralloc *out, char const *const *cells)
{
  size_t c;
  for (c = 0; c < COLUMNS; c++) {
    if (c && !stralloc_append(out, ' ')) qq_die_memory();
    cell(out, cells[c], c);
  }
  while (out->len && out->s[out->len - 1] == ' ') out->len--;
  if (!stralloc_append(out, '\n')) qq_die_memory();
}

void qq_rows_print(stralloc const *rows, size_t count)
{
  static int begun;
  stralloc out = STRALLOC_ZERO;
  char const *cells[COLUMNS];
  size_t i, c;
  if (!begun) {
    settle(rows, count);
    for (c = 0; c < COLUMNS; c++) cells[c] = _(headings[c]);
    print(&out, cells);
    begun = 1;
  }
  for (i = 0; i < count; i++) {
    char const *s = rows[i].s;
    if (!rows[i].len) continue;
    for (c = 0; c < COLUMNS; c++) {
      cells[c] = s;
      s += strlen(s) + 1;
    }
    print(&out, cells);
    qq_output_batch(&out, QQ_OUTPUT_BATCH);
  }
  qq_output_batch(&out, 1);
  stralloc_free(&out);
}
