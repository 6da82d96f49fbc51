/* A line for each recipient: for people, and separated by tabs. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/output.h>
#include <qq/when.h>
#include "qlog.h"

enum { ID, BEGUN, FROM, TO, RESULT, ATTEMPTS, LAST, HOST, TEXT, COLUMNS };

static char const *const headings[COLUMNS] = {
  N_("id"), N_("begun"), N_("from"), N_("to"), N_("result"), N_("tries"),
  QQ_N_IN("attempt", "last"), N_("host"),
  N_("text")
};

/* What is not in the table is not shown on a terminal so narrow: 0 columns are a pipe. */
static struct { size_t columns, width[COLUMNS]; } const layouts[] = {
  { 0, { 9, 20, 28, 28, 9, 5, 20, 15, 0 } },
  { 180, { 9, 20, 28, 28, 9, 5, 20, 15, 0 } },
  { 140, { 9, 20, 24, 24, 9, 5, 20, 0, 0 } },
  { 110, { 9, 0, 20, 20, 9, 5, 20, 0, 0 } },
  { 1, { 8, 0, 0, 20, 9, 0, 20, 0, 0 } }
};

int qlog_shows_all;
static size_t columns, width[COLUMNS];

/* Where each cell begins if each has its width, of a row that goes into a pipe. */
static size_t places[COLUMNS];

static void settle(void)
{
  size_t i = 1;
  columns = qq_columns();
  if (!columns) i = 0;
  else while (columns < layouts[i].columns) i++;
  qq_widths(width, layouts[i].width, headings, COLUMNS);
  for (i = 1; i < COLUMNS; i++) places[i] = places[i - 1] + width[i - 1] + 1;
}

/* The fields of one row, pieces of what it tells of or of what is written down here. */
typedef struct row {
  qq_piece cells[COLUMNS];
  char id[QQ_NUMBER_FMT], attempts[QQ_NUMBER_FMT];
  stralloc begun, last, text;
  stralloc life;                /* what is the same in all rows of a life, if that is plain */
  int is_plain;
} row;

static inline void set(row *w, size_t c, char const *s, size_t n)
{
  w->cells[c].s = n ? s : "";
  w->cells[c].n = n;
}

static inline void set_empty(row *w, size_t c)
{
  set(w, c, "", 0);
}

typedef int when(stralloc *, qq_calendar *, uint64_t);

static void set_moment(row *w, size_t c, uint64_t m, when *format)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc *text = c == BEGUN ? &w->begun : &w->last;
  text->len = 0;
  if (m != QQ_LOG_UNKNOWN) qq_demand_memory(format(text, &calendar, m));
  set(w, c, text->s, text->len);
}

static void set_result(row *w, qq_life const *l, qq_served const *r)
{
  char const *word = r ? qq_result_word((qq_result)r->result) : qq_end_word((qq_end)l->end);
  if (r || l->end != QQ_END_DONE) set(w, RESULT, word, strlen(word));
  else set_empty(w, RESULT);
}

static void fill_recipient(row *w, qq_served const *r, when *format)
{
  set(w, TO, r->address, r->address_length);
  set_result(w, r->life, r);
  set(w, ATTEMPTS, w->attempts, qq_number_format(w->attempts, r->attempts));
  set_moment(w, LAST, r->last, format);
  w->cells[HOST] = qlog_host(r);
}

/* A message of which no recipient is known has a row, too. */
static void fill_none(row *w, qq_life const *l)
{
  set_empty(w, TO);
  set_result(w, l, 0);
  set_empty(w, ATTEMPTS);
  set_empty(w, LAST);
  set_empty(w, HOST);
}

/* What is the same in all rows of it. */
static void fill_life(row *w, qq_life const *l, when *format)
{
  set(w, ID, w->id, qq_number_format(w->id, l->number));
  set_moment(w, BEGUN, l->begun, format);
  if (l->from && !l->from_length && format == qq_when_text) set(w, FROM, "<>", 2);
  else set(w, FROM, l->from, l->from ? l->from_length : 0);
  set_empty(w, TEXT);
}

static int is_right(size_t c)
{
  return c == ID || c == ATTEMPTS;
}

static int is_plain(qq_piece p)
{
  return qq_plain_length(p.s, p.n) == p.n;
}

/* Puts the cell in its place of a row at to. Returns 1, or 0: it is too wide. */
static inline int put_plain(char *to, row const *w, size_t c)
{
  qq_piece const p = w->cells[c];
  if (p.n > width[c]) return 0;
  memcpy(to + places[c] + (is_right(c) ? width[c] - p.n : 0), p.s, p.n);
  return 1;
}

static void put_cell(stralloc *out, size_t c, char const *s, size_t n, size_t cells)
{
  if (c == TEXT && !columns) {
    qq_demand_memory(qq_safe(out, s, n));
    return;
  }
  if (!columns && n > cells && qq_cells(s, n) > cells) qq_demand_memory(qq_safe(out, s, n));
  else if (is_right(c)) qq_cell_right(out, s, n, cells);
  else qq_cell(out, s, n, cells);
}

static void put_row(stralloc *out, row const *w)
{
  size_t c, used = 0;
  size_t const begin = out->len;
  for (c = 0; c < COLUMNS; c++) {
    size_t cells = width[c];
    if (c == TEXT) cells = columns > used ? columns - used : 0;
    else if (!cells) continue;
    used += cells + 1;
    if (out->len > begin) qq_demand_memory(qq_append(out, " ", 1));
    put_cell(out, c, w->cells[c].s, w->cells[c].n, cells);
  }
  while (out->len > begin && out->s[out->len - 1] == ' ') out->len--;
  qq_demand_memory(qq_append(out, "\n", 1));
}

/* Writes the columns that are the same in all rows of a life, as they go into a pipe. Returns 1; or
   0: some are too wide, or have to be made safe. */
static int write_life(row *w)
{
  size_t c;
  if (columns || !is_plain(w->cells[FROM])) return 0;
  qq_demand_memory(qq_room(&w->life, places[TO]));
  memset(w->life.s, ' ', places[TO]);
  for (c = 0; c < TO; c++) if (!put_plain(w->life.s, w, c)) return 0;
  return 1;
}

/* The same as put_row, nearly all rows, at once, with the text of r. Returns 1; or 0: some of it is
   too wide, or has to be made safe. The host is a piece of the text or of the address. */
static int put_plain_row(stralloc *out, row const *w, qq_served const *r)
{
  qq_piece const none = { "", 0 }, reason = r ? qlog_text(r) : none;
  size_t n, c;
  char *to;
  if (!w->is_plain || !is_plain(w->cells[TO])) return 0;
  qq_demand_memory(qq_room(out, places[TEXT] + reason.n + 1));
  to = out->s + out->len;
  memcpy(to, w->life.s, places[TO]);
  memset(to + places[TO], ' ', places[TEXT] - places[TO]);
  for (c = TO; c < TEXT; c++) if (!put_plain(to, w, c)) return 0;
  if (!qq_reason_plain(to + places[TEXT], &n, reason)) return 0;
  for (n += places[TEXT]; to[n - 1] == ' '; ) n--;
  to[n++] = '\n';
  out->len += n;
  return 1;
}

void qlog_rows_heading(stralloc *out)
{
  static row w;
  size_t c;
  settle();
  for (c = 0; c < COLUMNS; c++) set(&w, c, qq_said(headings[c]), strlen(qq_said(headings[c])));
  put_row(out, &w);
}

typedef void put_recipient(stralloc *, row *, qq_served const *);

/* A row for each recipient, behind what the row has of the life. */
static void put_life(stralloc *out, row *w, qq_life const *l, when *format, put_recipient *put)
{
  qq_served const *r;
  if (!l->recipients) {
    fill_none(w, l);
    put(out, w, 0);
  }
  for (r = l->recipients; r; r = r->next)
    if (qlog_shows_all || qlog_served_is_meant(r)) {
      fill_recipient(w, r, format);
      put(out, w, r);
    }
}

static void put_for_people(stralloc *out, row *w, qq_served const *r)
{
  if (put_plain_row(out, w, r)) return;
  w->text.len = 0;
  if (r) qq_demand_memory(qq_reason_readable(&w->text,
    columns ? qq_reason_told(qlog_text(r)) : qlog_text(r)));
  set(w, TEXT, w->text.s, w->text.len);
  put_row(out, w);
}

void qlog_rows(stralloc *out, qq_lives *lives, qq_life *l)
{
  static row w;
  (void)lives;
  fill_life(&w, l, qq_when_text);
  w.is_plain = write_life(&w);
  put_life(out, &w, l, qq_when_text, put_for_people);
}

/* ---- with tabs ---- */

void qlog_tsv_heading(stralloc *out)
{
  qq_must_fmt(out, "id\tbegun\tfrom\tto\tresult\tattempts\tlast\thost\ttext\n");
}

static void put_tsv(stralloc *out, row *w, qq_served const *r)
{
  size_t c;
  if (r) w->cells[TEXT] = qlog_text(r);
  for (c = 0; c < COLUMNS; c++) {
    if (c) qq_demand_memory(stralloc_append(out, '\t'));
    qq_tsv(out, w->cells[c].s, w->cells[c].n);
  }
  qq_demand_memory(stralloc_append(out, '\n'));
}

void qlog_tsv(stralloc *out, qq_lives *lives, qq_life *l)
{
  static row w;
  (void)lives;
  fill_life(&w, l, qq_when_exact);
  put_life(out, &w, l, qq_when_exact, put_tsv);
}
