#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/when.h>
#include "pick.h"

/* Cells of what does not stretch; DATE without the year, and with it. */
#define MARKS 2
#define TYPE 8
#define WIDE_TYPE 19
#define DATE 12
#define LONG_DATE 17
#define SIZE 6
/* From so many columns on there are dates and sizes; types; recipients; and room for long ones. */
#define HAS_NUMBERS 60
#define HAS_TYPES 72
#define HAS_RECIPIENTS 40
#define HAS_ROOM 120
/* Fewer rows leave no room for the keys. */
#define HAS_KEYS 10

static char const *const headings[] = {
  N_("type"), N_("queued"), N_("size"), N_("from"), N_("to"), N_("subject")
};

static size_t width[QQ_COLUMNS];        /* 0: it is not there */

/* With room for its heading, and for the sign of the order behind that. */
static size_t wide_enough(size_t least, qq_column c)
{
  return qq_widest(least - 2, &headings[c], 1) + 2;
}

static void settle_widths(void)
{
  size_t const all = qq_screen_columns(), is_wide = all >= HAS_ROOM;
  size_t left = all > MARKS ? all - MARKS : 1, part;
  memset(width, 0, sizeof width);
  if (all >= HAS_TYPES) width[QQ_COLUMN_TYPE] = is_wide ? WIDE_TYPE : TYPE;
  if (all >= HAS_NUMBERS) {
    width[QQ_COLUMN_DATE] = wide_enough(is_wide ? LONG_DATE : DATE, QQ_COLUMN_DATE);
    width[QQ_COLUMN_SIZE] = wide_enough(SIZE, QQ_COLUMN_SIZE);
    left -= width[QQ_COLUMN_DATE] + width[QQ_COLUMN_SIZE] + 2;
  }
  if (width[QQ_COLUMN_TYPE]) left -= width[QQ_COLUMN_TYPE] + 1;
  part = all < HAS_RECIPIENTS ? left / 2 : left / 3;
  width[QQ_COLUMN_FROM] = part;
  if (all >= HAS_RECIPIENTS) width[QQ_COLUMN_TO] = part - 1;
  left -= part + 1 + (width[QQ_COLUMN_TO] ? part : 0);
  width[QQ_COLUMN_SUBJECT] = left;
}

/* 2026-11-20T12:38:44+00:00, as people write it. */
static void put_date(stralloc *out, qq_piece p)
{
  int const month = p.n < 19 ? 0 : (p.s[5] - '0') * 10 + p.s[6] - '0';
  if (month < 1 || month > 12) return;
  qq_must_fmt(out, "%.2s %.3s ", p.s + 8, qq_months + 3 * (month - 1));
  if (qq_screen_columns() >= HAS_ROOM) qq_must_fmt(out, "%.4s ", p.s);
  qq_must_fmt(out, "%.5s", p.s + 11);
}

/* What qq-show wrote as two backslashes is one; all else is shown as it was written. */
static void put_text(stralloc *out, qq_piece p)
{
  size_t i;
  qq_demand_memory(qq_room(out, p.n));
  for (i = 0; i < p.n; i++) {
    out->s[out->len++] = p.s[i];
    if (p.s[i] == '\\' && i + 1 < p.n && p.s[i + 1] == '\\') i++;
  }
}

static void put_address(stralloc *out, qq_list const *l, qq_row const *row, qq_column c)
{
  stralloc text = STRALLOC_ZERO;
  qq_piece const others = qq_row_others(l, row);
  put_text(&text, qq_row_field(l, row, c));
  if (!text.len && c == QQ_COLUMN_FROM) qq_must_fmt(&text, "<>");
  qq_demand_memory(qq_safe(out, text.s, text.len));
  if (c == QQ_COLUMN_TO && others.n && *others.s != '0')
    qq_must_fmt(out, " +%.*s", (int)others.n, others.s);
  stralloc_free(&text);
}

/* Appends the cell of a column, fitted. */
static void put_cell(stralloc *out, qq_list const *l, qq_row const *row, qq_column c)
{
  static stralloc text = STRALLOC_ZERO;
  text.len = 0;
  switch (c) {
    case QQ_COLUMN_DATE: put_date(&text, qq_row_field(l, row, c)); break;
    case QQ_COLUMN_SIZE: qq_demand_memory(qq_size_text(&text, row->size)); break;
    case QQ_COLUMN_FROM: case QQ_COLUMN_TO: put_address(&text, l, row, c); break;
    default: put_text(&text, qq_row_field(l, row, c));
  }
  if (c == QQ_COLUMN_SIZE) qq_cell_right(out, text.s, text.len, width[c]);
  else if (c == QQ_COLUMN_FROM || c == QQ_COLUMN_TO)
    qq_cell_address(out, text.s, text.len, width[c]);
  else qq_cell(out, text.s, text.len, width[c]);
}

static void draw_row(qq_pick *p, size_t y, size_t place)
{
  static stralloc cell = STRALLOC_ZERO;
  qq_row const *row = qq_list_row(&p->list, place);
  size_t x = MARKS;
  int c;
  qq_screen_line(y, place == p->at ? row->is_ticked ? QQ_FACE_MARKED : QQ_FACE_REVERSE
    : row->is_ticked ? QQ_FACE_BOLD : QQ_FACE_PLAIN);
  qq_screen_put(y, 0, place == p->at ? ">" : " ", 1);
  qq_screen_put(y, 1, row->is_ticked ? "*" : " ", 1);
  for (c = 0; c < QQ_COLUMN_ID; c++) {
    if (!width[c]) continue;
    cell.len = 0;
    put_cell(&cell, &p->list, row, (qq_column)c);
    qq_screen_put(y, x, cell.s, cell.len);
    x += width[c] + 1;
  }
}

static void draw_headings(qq_pick const *p)
{
  static stralloc text = STRALLOC_ZERO, cell = STRALLOC_ZERO;
  size_t x = MARKS;
  int c;
  qq_screen_line(0, QQ_FACE_BOLD);
  for (c = 0; c < QQ_COLUMN_ID; c++) {
    if (!width[c]) continue;
    cell.len = text.len = 0;
    qq_must_fmt(&text, "%s", _(headings[c]));
    if (p->list.sorted_by == (qq_column)c)
      qq_must_fmt(&text, p->list.is_descending ? " v" : " ^");
    if (c == QQ_COLUMN_SIZE) qq_cell_right(&cell, text.s, text.len, width[c]);
    else qq_cell(&cell, text.s, text.len, width[c]);
    qq_screen_put(0, x, cell.s, cell.len);
    x += width[c] + 1;
  }
}

static int has_keys(void)
{
  return qq_screen_rows() >= HAS_KEYS;
}

size_t qq_draw_page(void)
{
  size_t const rows = qq_screen_rows(), others = 2 + (size_t)has_keys();
  return rows > others ? rows - others : 1;
}

/* The row of the cursor is one of those on the screen. */
static void scroll(qq_pick *p)
{
  size_t const page = qq_draw_page(), count = qq_list_count(&p->list);
  if (p->at >= count) p->at = count ? count - 1 : 0;
  if (p->top > p->at) p->top = p->at;
  if (p->at >= p->top + page) p->top = p->at - page + 1;
  if (p->top + page > count) p->top = count > page ? count - page : 0;
}

static void draw_list(qq_pick *p)
{
  size_t const page = qq_draw_page(), count = qq_list_count(&p->list);
  size_t i;
  settle_widths();
  scroll(p);
  draw_headings(p);
  for (i = 0; i < page; i++)
    if (p->top + i < count) draw_row(p, i + 1, p->top + i);
    else qq_screen_line(i + 1, QQ_FACE_PLAIN);
}

/* How many there are, are shown and ticked; or what the last key came to. */
static void put_status(stralloc *out, qq_pick const *p)
{
  qq_list const *l = &p->list;
  if (p->message.len) {
    qq_demand_memory(qq_append(out, p->message.s, p->message.len));
    return;
  }
  qq_must_fmt(out, ngettext("%zu message", "%zu messages", qq_list_all(l)), qq_list_all(l));
  if (l->ticked) qq_must_fmt(out, "; ");
  if (l->ticked) qq_must_fmt(out, ngettext("%zu ticked", "%zu ticked", l->ticked), l->ticked);
  if (!l->narrow.len) return;
  qq_must_fmt(out, "; ");
  qq_must_fmt(out, ngettext("%zu shown", "%zu shown", qq_list_count(l)), qq_list_count(l));
  qq_must_fmt(out, ": /%.*s", (int)l->narrow.len, l->narrow.s);
}

static void draw_keys(void)
{
  char const *s = qq_output_is_terminal()
    ? _("q:quit  ?:help  space:tick  /:narrow  Enter:read  d:rm  h:hold  r:requeue  w:why")
    : _("q:send and quit  ?:help  space:tick  a:all  u:none  /:narrow  Enter:read  S:sort");
  qq_screen_text(qq_screen_rows() - 1, QQ_FACE_REVERSE, s, strlen(s));
}

/* In as many lines at the bottom as it takes. */
static void draw_prompt(char const *prompt)
{
  size_t const columns = qq_screen_columns(), rows = qq_screen_rows(), n = strlen(prompt);
  size_t const cells = qq_cells(prompt, n), lines = cells / columns + 1;
  size_t const from = lines < rows ? rows - lines : 0;
  size_t i;
  for (i = from; i < rows; i++) qq_screen_line(i, QQ_FACE_BOLD);
  qq_screen_put(from, 0, prompt, n);
  qq_screen_draw(from + cells / columns, cells % columns);
}

void qq_draw(qq_pick *p, char const *prompt)
{
  size_t const y = 1 + qq_draw_page();
  stralloc status = STRALLOC_ZERO;
  draw_list(p);
  if (has_keys()) draw_keys();
  put_status(&status, p);
  if (y < qq_screen_rows()) qq_screen_text(y, QQ_FACE_BOLD, status.s, status.len);
  stralloc_free(&status);
  if (prompt) draw_prompt(prompt);
  else qq_screen_draw(qq_list_count(&p->list) ? p->at - p->top + 1 : y, 0);
}
