/* A line for each recipient: for people, and separated by tabs. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/output.h>
#include <qq/when.h>
#include "qlog.h"

enum { ID, BEGUN, FROM, TO, RESULT, ATTEMPTS, LAST, HOST, TEXT, COLUMNS };

static char const *const headings[COLUMNS] = {
  N_("id"), N_("begun"), N_("from"), N_("to"), N_("result"), N_("tries"), N_("last"), N_("host"),
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

static void settle(void)
{
  size_t i = 1;
  columns = qq_columns();
  if (!columns) i = 0;
  else while (columns < layouts[i].columns) i++;
  qq_widths(width, layouts[i].width, headings, COLUMNS);
}

static qq_calendar begun_calendar = QQ_CALENDAR_ZERO, last_calendar = QQ_CALENDAR_ZERO;

/* The fields of one row, one behind the other, with where each ends. */
typedef struct row { stralloc text; size_t ends[COLUMNS]; } row;

static void end(row *w, size_t c)
{
  w->ends[c] = w->text.len;
}

static void add(row *w, size_t c, char const *s, size_t n)
{
  qq_demand_memory(qq_append(&w->text, s, n));
  end(w, c);
}

static void add_number(row *w, size_t c, uint64_t u)
{
  char s[QQ_NUMBER_FMT];
  add(w, c, s, qq_number_format(s, u));
}

typedef int when(stralloc *, qq_calendar *, uint64_t);

static void add_moment(row *w, size_t c, uint64_t m, when *format)
{
  qq_calendar *calendar = c == BEGUN ? &begun_calendar : &last_calendar;
  if (m != QQ_LOG_UNKNOWN) qq_demand_memory(format(&w->text, calendar, m));
  end(w, c);
}

static void add_result(row *w, qq_life const *l, qq_served const *r)
{
  char const *word = r ? qq_result_word((qq_result)r->result) : qq_end_word((qq_end)l->end);
  if (r || l->end != QQ_END_DONE) add(w, RESULT, word, strlen(word));
  else end(w, RESULT);
}

static void add_recipient(row *w, qq_served const *r, when *format)
{
  qq_piece const host = qlog_host(r);
  add(w, TO, r->address, r->address_length);
  add_result(w, r->life, r);
  add_number(w, ATTEMPTS, r->attempts);
  add_moment(w, LAST, r->last, format);
  add(w, HOST, host.s, host.n);
}

/* A message of which no recipient is known has a row, too. */
static void add_none(row *w, qq_life const *l)
{
  end(w, TO);
  add_result(w, l, 0);
  end(w, ATTEMPTS);
  end(w, LAST);
  end(w, HOST);
}

static void fill(row *w, qq_life const *l, qq_served const *r, when *format)
{
  w->text.len = 0;
  add_number(w, ID, l->number);
  add_moment(w, BEGUN, l->begun, format);
  if (l->from && !l->from_length && format == qq_when_text) add(w, FROM, "<>", 2);
  else add(w, FROM, l->from ? l->from : "", l->from ? l->from_length : 0);
  if (r) add_recipient(w, r, format);
  else add_none(w, l);
}

static void put_cell(stralloc *out, size_t c, char const *s, size_t n, size_t cells)
{
  if (c == TEXT && !columns) {
    qq_demand_memory(qq_safe(out, s, n));
    return;
  }
  if (!columns && c != TEXT && qq_cells(s, n) > cells) qq_demand_memory(qq_safe(out, s, n));
  else if (c == ID || c == ATTEMPTS) qq_cell_right(out, s, n, cells);
  else qq_cell(out, s, n, cells);
}

static void put_row(stralloc *out, row const *w)
{
  size_t c, start = 0, used = 0;
  size_t const begin = out->len;
  for (c = 0; c < COLUMNS; start = w->ends[c++]) {
    size_t cells = width[c];
    if (c == TEXT) cells = columns > used ? columns - used : 0;
    else if (!cells) continue;
    used += cells + 1;
    if (out->len > begin) qq_demand_memory(qq_append(out, " ", 1));
    put_cell(out, c, w->text.s + start, w->ends[c] - start, cells);
  }
  while (out->len > begin && out->s[out->len - 1] == ' ') out->len--;
  qq_demand_memory(qq_append(out, "\n", 1));
}

void qlog_rows_heading(stralloc *out)
{
  static row w;
  size_t c;
  settle();
  w.text.len = 0;
  for (c = 0; c < COLUMNS; c++) add(&w, c, _(headings[c]), strlen(_(headings[c])));
  put_row(out, &w);
}

static void put_life(stralloc *out, qq_life const *l, void (*put)(stralloc *, qq_life const *,
  qq_served const *))
{
  qq_served const *r;
  if (!l->recipients) put(out, l, 0);
  for (r = l->recipients; r; r = r->next)
    if (qlog_shows_all || qlog_served_is_meant(r)) put(out, l, r);
}

static void put_for_people(stralloc *out, qq_life const *l, qq_served const *r)
{
  static row w;
  fill(&w, l, r, qq_when_text);
  if (r) qq_demand_memory(qq_reason_readable(&w.text, qlog_text(r)));
  end(&w, TEXT);
  put_row(out, &w);
}

void qlog_rows(stralloc *out, qq_lives *lives, qq_life *l)
{
  (void)lives;
  put_life(out, l, put_for_people);
}

/* ---- with tabs ---- */

void qlog_tsv_heading(stralloc *out)
{
  qq_must_fmt(out, "id\tbegun\tfrom\tto\tresult\tattempts\tlast\thost\ttext\n");
}

static void put_tsv(stralloc *out, qq_life const *l, qq_served const *r)
{
  static row w;
  size_t c, start = 0;
  fill(&w, l, r, qq_when_exact);
  if (r) add(&w, TEXT, qlog_text(r).s, qlog_text(r).n);
  else end(&w, TEXT);
  for (c = 0; c < COLUMNS; start = w.ends[c++]) {
    if (c) qq_demand_memory(stralloc_append(out, '\t'));
    qq_tsv(out, w.text.s + start, w.ends[c] - start);
  }
  qq_demand_memory(stralloc_append(out, '\n'));
}

void qlog_tsv(stralloc *out, qq_lives *lives, qq_life *l)
{
  (void)lives;
  put_life(out, l, put_tsv);
}
