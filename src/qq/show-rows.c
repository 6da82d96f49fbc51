#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include "show.h"

enum { ID, TYPE, DATE, SIZE, FROM, TO, SUBJECT, COLUMNS };

/* Widest that from and to get where there is no terminal to fit into. */
#define ADDRESS_MAX 40
/* Where less than this is left to each, type and date are cut to their least. */
#define ADDRESS_MIN 20
#define TYPE_MIN 12
#define DATE_MIN 12
/* What addresses leave to the subject there. */
#define SUBJECT_MIN 9

static size_t width[COLUMNS];   /* 0: as long as it is, without padding */
static size_t widest_domain[COLUMNS];   /* of the addresses: cells in which it can be read */

static char const *const headings[COLUMNS] = {
  N_("id"), N_("type"), N_("queued"), N_("size"), N_("from"), N_("to"), N_("subject")
};

/* The first recipient that waits, and how many more do. */
static void append_recipients(stralloc *out, qq_message const *m)
{
  size_t more;
  qq_recipient const *r = qq_show_waiting(m, &more);
  if (!r) return;
  qq_demand_memory(qq_safe(out, qq_recipient_address(m, r), r->length));
  if (more) qq_must_fmt(out, " +%zu", more);
}

int qq_show_row(qq_view *v, qq_message *m, stralloc *out)
{
  stralloc const *exact, *text;
  int r = qq_message_recipients(m);
  if (r == 1) r = qq_message_header(m, &v->header, v->fields, 1);
  if (r != 1) return r;
  qq_must_fmt(out, "%llu%c", (unsigned long long)m->id, 0);
  qq_show_type(out, m);
  qq_demand_memory(stralloc_0(out) && qq_when_text(out, &v->calendar, m->stamp) && stralloc_0(out)
    && qq_size_text(out, m->size) && stralloc_0(out)
    && (m->sender.len ? qq_safe(out, m->sender.s, m->sender.len) : stralloc_cats(out, "<>"))
    && stralloc_0(out));
  append_recipients(out, m);
  qq_demand_memory(stralloc_0(out)
    && (!qq_view_field(v, QQ_SHOW_SUBJECT, &exact, &text) || qq_safe(out, text->s, text->len))
    && stralloc_0(out));
  return 1;
}

static void split_row(char const **cells, char const *s)
{
  size_t c;
  for (c = 0; c < COLUMNS; c++) {
    cells[c] = s;
    s += strlen(s) + 1;
  }
}

static void find_widest(stralloc const *rows, size_t count)
{
  char const *cells[COLUMNS];
  size_t i, c;
  for (c = 0; c < COLUMNS; c++) width[c] = qq_cells(_(headings[c]), strlen(_(headings[c])));
  for (i = 0; i < count; i++) {
    if (!rows[i].len) continue;
    split_row(cells, rows[i].s);
    for (c = 0; c < COLUMNS; c++) {
      size_t const length = strlen(cells[c]), n = qq_cells(cells[c], length);
      size_t const domain = c == FROM || c == TO ? qq_cells_of_domain(cells[c], length) : 0;
      if (n > width[c]) width[c] = n;
      if (domain > widest_domain[c]) widest_domain[c] = domain;
    }
  }
}

static void limit(size_t column, size_t cells)
{
  if (width[column] > cells) width[column] = cells;
}

/* Cells that the first columns leave to addresses and subject. */
static size_t left_of(size_t columns)
{
  size_t const used = width[ID] + width[TYPE] + width[DATE] + width[SIZE] + COLUMNS - 1;
  return columns > used + 3 ? columns - used : 3;
}

/* What an address gets: a third of what is left, or so much that all domains can be read, if the
   subject keeps its least. */
static size_t share(size_t column, size_t left)
{
  size_t const third = left / 3, most = left > SUBJECT_MIN ? (left - SUBJECT_MIN) / 2 : 0;
  size_t const domain = widest_domain[column] < most ? widest_domain[column] : most;
  return domain > third ? domain : third;
}

/* The subject gets what the addresses do not need. */
static void fit(size_t columns)
{
  size_t left;
  if (left_of(columns) < 3 * ADDRESS_MIN) {
    limit(TYPE, TYPE_MIN);
    limit(DATE, DATE_MIN);
  }
  left = left_of(columns);
  limit(FROM, share(FROM, left));
  limit(TO, share(TO, left));
  width[SUBJECT] = left - width[FROM] - width[TO];
}

static void settle(stralloc const *rows, size_t count)
{
  size_t const columns = qq_columns();
  find_widest(rows, count);
  if (columns) fit(columns);
  else {
    limit(FROM, ADDRESS_MAX);
    limit(TO, ADDRESS_MAX);
    width[SUBJECT] = 0;
  }
}

/* `20 Nov 2026 12:38:44` without year and seconds. */
static void append_short_date(stralloc *out, char const *s, size_t n)
{
  size_t const day = sizeof "20 Nov " - 1, time = n - (sizeof "12:38:44" - 1);
  qq_demand_memory(qq_append(out, s, day) && qq_append(out, s + time, DATE_MIN - day));
}

/* Where nothing must fit, nothing is cut. */
static void append_cell(stralloc *out, char const *s, size_t c)
{
  size_t n = strlen(s);
  if (!width[SUBJECT] && (c == SUBJECT || qq_cells(s, n) > width[c])) {
    while (n && s[n - 1] == ' ') n--;
    qq_demand_memory(stralloc_catb(out, s, n));
  }
  else if (c == FROM || c == TO) qq_cell_address(out, s, n, width[c]);
  else if (c == DATE && n > width[c] && s[n - 1] >= '0' && s[n - 1] <= '9')
    append_short_date(out, s, n);
  else if (c == ID || c == SIZE) qq_cell_right(out, s, n, width[c]);
  else qq_cell(out, s, n, width[c]);
}

static void append_line(stralloc *out, char const *const *cells)
{
  size_t c;
  for (c = 0; c < COLUMNS; c++) {
    if (c) qq_demand_memory(stralloc_append(out, ' '));
    append_cell(out, cells[c], c);
  }
  while (out->len && out->s[out->len - 1] == ' ') out->len--;
  qq_demand_memory(stralloc_append(out, '\n'));
}

void qq_show_rows(stralloc const *rows, size_t count)
{
  static int begun;
  stralloc out = STRALLOC_ZERO;
  char const *cells[COLUMNS];
  size_t i;
  if (!begun) {
    settle(rows, count);
    for (i = 0; i < COLUMNS; i++) cells[i] = _(headings[i]);
    append_line(&out, cells);
    begun = 1;
  }
  for (i = 0; i < count; i++) {
    if (!rows[i].len) continue;
    split_row(cells, rows[i].s);
    append_line(&out, cells);
    qq_output_batch(&out, QQ_OUTPUT_BATCH);
  }
  qq_output_batch(&out, 1);
  stralloc_free(&out);
}
