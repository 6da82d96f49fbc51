/* What qq-why prints of each recipient, or of each message. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/qsbmf.h>
#include "why.h"

enum { ID, TRIES, FIRST, LAST, NEXT, TO, HOST, REASON, COLUMNS };

/* A column of no cells is not shown on a terminal so narrow: 0 columns are a pipe. */
static struct { size_t columns, width[COLUMNS]; } const layouts[] = {
  { 0, { 9, 5, 20, 20, 20, 28, 15, 0 } },
  { 180, { 9, 5, 20, 20, 20, 28, 15, 0 } },
  { 120, { 9, 5, 0, 20, 20, 24, 0, 0 } },
  { 1, { 8, 5, 0, 0, 0, 24, 0, 0 } }
};

static size_t columns, width[COLUMNS];

static void put_cell(stralloc *out, size_t c, char const *s, size_t n, size_t cells)
{
  if (!columns && (c == REASON || qq_cells(s, n) > cells)) qq_demand_memory(qq_safe(out, s, n));
  else if (c == ID || c == TRIES) qq_cell_right(out, s, n, cells);
  else qq_cell(out, s, n, cells);
}

/* ends: of the cells in text. */
static void put_row(stralloc *out, stralloc const *text, size_t const *ends)
{
  size_t const begin = out->len;
  size_t c, start = 0, used = 0;
  for (c = 0; c < COLUMNS; start = ends[c++]) {
    size_t cells = width[c];
    if (c == REASON) cells = columns > used ? columns - used : 0;
    else if (!cells) continue;
    used += cells + 1;
    if (out->len > begin) qq_demand_memory(stralloc_append(out, ' '));
    put_cell(out, c, text->s + start, ends[c] - start, cells);
  }
  while (out->len > begin && out->s[out->len - 1] == ' ') out->len--;
  qq_demand_memory(stralloc_append(out, '\n'));
}

/* In the place of a moment. */
static char const is_under_way[] = N_("under way"), when_it_starts[] = N_("when it starts");

static void put_heading(stralloc *out)
{
  static char const *const instead[] = { is_under_way, when_it_starts };
  static char const *const headings[COLUMNS] = {
    N_("id"), N_("tries"), QQ_N_IN("attempt", "first"),
    QQ_N_IN("attempt", "last"), N_("next"), N_("to"), N_("host"), N_("reason")
  };
  stralloc text = STRALLOC_ZERO;
  size_t ends[COLUMNS], c, i = 1;
  columns = qq_columns();
  if (!columns) i = 0;
  else while (columns < layouts[i].columns) i++;
  qq_widths(width, layouts[i].width, headings, COLUMNS);
  if (width[NEXT]) width[NEXT] = qq_widest(width[NEXT], instead, 2);
  for (c = 0; c < COLUMNS; ends[c++] = text.len) qq_must_fmt(&text, "%s", qq_said(headings[c]));
  put_row(out, &text, ends);
  stralloc_free(&text);
}

static void put_moment(stralloc *out, uint64_t moment)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  if (moment != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_text(out, &calendar, moment));
}

/* As qq-show -l has it. */
static void put_next(stralloc *out, qq_waiting const *w)
{
  if (w->under_way_since != QQ_LOG_UNKNOWN) qq_must_fmt(out, "%s", _(is_under_way));
  else if (w->next == QQ_LOG_UNKNOWN) return;
  else if (qq_why_is.show.is_running || w->next > qq_why_is.show.now) put_moment(out, w->next);
  else qq_must_fmt(out, "%s", _(when_it_starts));
}

static void put_reason(stralloc *out, qq_waiting const *w)
{
  if (w->reason.n) qq_demand_memory(qq_reason_readable(out,
    columns ? qq_reason_told(w->reason) : w->reason));
  else qq_why_note(out, w);
}

static void put_waiting(stralloc *out, qq_waiting const *w)
{
  static stralloc text = STRALLOC_ZERO;
  qq_piece const host = qq_why_host(w);
  size_t ends[COLUMNS];
  text.len = 0;
  qq_must_fmt(&text, "%llu", (unsigned long long)w->message->id.id);
  ends[ID] = text.len;
  qq_must_fmt(&text, "%lu", (unsigned long)w->attempts);
  ends[TRIES] = text.len;
  put_moment(&text, w->first);
  ends[FIRST] = text.len;
  put_moment(&text, w->last);
  ends[LAST] = text.len;
  put_next(&text, w);
  ends[NEXT] = text.len;
  qq_demand_memory(qq_append(&text, w->address.s, w->address.n));
  ends[TO] = text.len;
  qq_demand_memory(qq_append(&text, host.s, host.n));
  ends[HOST] = text.len;
  put_reason(&text, w);
  ends[REASON] = text.len;
  put_row(out, &text, ends);
}

static void each_waiting(stralloc *out, void (*put)(stralloc *, qq_waiting const *))
{
  qq_waiting *const *w = genalloc_s(qq_waiting *, &qq_why_is.meant);
  size_t const n = genalloc_len(qq_waiting *, &qq_why_is.meant);
  size_t i;
  for (i = 0; i < n; i++) {
    put(out, w[i]);
    qq_output_batch(out, QQ_OUTPUT_BATCH);
  }
}

void qq_why_rows(stralloc *out)
{
  if (genalloc_len(qq_waiting *, &qq_why_is.meant)) put_heading(out);
  each_waiting(out, put_waiting);
}

/* ---- with tabs ---- */

static void tsv_moment(stralloc *out, uint64_t moment)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  if (moment != QQ_LOG_UNKNOWN) qq_demand_memory(qq_when_exact(out, &calendar, moment));
  qq_must_fmt(out, "\t");
}

static void put_tsv(stralloc *out, qq_waiting const *w)
{
  qq_piece const host = qq_why_host(w);
  char token[QQ_ID_FMT];
  qq_must_fmt(out, "%.*s\t%lu\t", (int)qq_id_format(token, &w->message->id), token,
    (unsigned long)w->attempts);
  tsv_moment(out, w->first);
  tsv_moment(out, w->last);
  tsv_moment(out, w->under_way_since);
  tsv_moment(out, w->next);
  qq_tsv(out, w->address.s, w->address.n);
  qq_must_fmt(out, "\t");
  qq_tsv(out, host.s, host.n);
  qq_must_fmt(out, "\t");
  qq_tsv(out, w->reason.s, w->reason.n);
  qq_must_fmt(out, "\n");
}

void qq_why_tsv(stralloc *out)
{
  qq_must_fmt(out, "token\tattempts\tfirst\tlast\tunder_way_since\tnext\tto\thost\treason\n");
  each_waiting(out, put_tsv);
}

/* ---- JSON ---- */

static qq_calendar calendar_ = QQ_CALENDAR_ZERO;

static void json_piece(qq_json *j, char const *name, qq_piece p)
{
  if (p.n) qq_json_bytes(j, name, p.s, p.n);
  else qq_json_null(j, name);
}

static void json_waiting(qq_json *j, qq_waiting const *w)
{
  char *const *trees = qq_why_is.reading.queue.trees;
  qq_reply reply;
  qq_reply_scan(&reply, w->reason);
  qq_json_object(j, 0);
  qq_json_bytes(j, "address", w->address.s, w->address.n);
  if (w->channel < 0) qq_json_null(j, "channel");
  else qq_json_word(j, "channel", trees[QQ_CHANNEL + w->channel]);
  qq_json_number(j, "attempts", w->attempts);
  qq_json_exact(j, "first", &calendar_, w->first);
  qq_json_exact(j, "last", &calendar_, w->last);
  qq_json_exact(j, "under_way_since", &calendar_, w->under_way_since);
  json_piece(j, "host", reply.host);
  json_piece(j, "code", reply.code);
  json_piece(j, "enhanced", reply.enhanced);
  json_piece(j, "reason", w->reason);
  if (w->next == QQ_LOG_UNKNOWN) qq_json_null(j, "next");
  else qq_json_moment(j, "next", &calendar_, w->next);
  qq_json_object_end(j);
}

static void json_message(stralloc *out, qq_waiting *const *w, size_t n)
{
  qq_json json = qq_json_begin(out), *j = &json;
  size_t i;
  qq_show_put_id(j, w[0]->message->id);
  qq_json_array(j, "recipients");
  for (i = 0; i < n; i++) json_waiting(j, w[i]);
  qq_json_array_end(j);
  qq_json_exact(j, "log_begins", &calendar_, qq_why_is.begins);
  qq_json_end(j);
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

void qq_why_json(stralloc *out)
{
  qq_why_each(out, json_message);
}

/* ---- tokens ---- */

static void put_token(stralloc *out, qq_waiting *const *w, size_t n)
{
  (void)n;
  qq_output_token(out, &w[0]->message->id);
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

void qq_why_ids(stralloc *out)
{
  qq_why_each(out, put_token);
}

/* ---- in full ---- */

/* What one recipient's lines are called. */
static char const attempts[] = N_("attempts"), first[] = QQ_N_IN("attempt", "first"),
  last[] = QQ_N_IN("attempt", "last"), host_[] = N_("host"), reason[] = N_("reason"),
  next[] = N_("next");

static void label(stralloc *out, char const *s)
{
  static char const *const labels[] = { attempts, first, last, is_under_way, host_, reason,
    next };
  static size_t widest;
  if (!widest) widest = qq_widest(9, labels, sizeof labels / sizeof *labels);
  qq_must_fmt(out, "    ");
  qq_label(out, *s ? qq_said(s) : "", widest + 1);
}

static void line(stralloc *out, char const *name, qq_piece text)
{
  label(out, name);
  qq_demand_memory(qq_safe(out, text.s, text.n) && stralloc_append(out, '\n'));
}

enum { AS_IT_IS, BY_SCHEDULE, IF_IT_RUNS };

/* A moment with its distance from now; remark is one of the above. */
static void line_of_moment(stralloc *out, char const *name, uint64_t moment, int remark)
{
  uint64_t const now = qq_why_is.show.now;
  int const is_past = moment < now;
  stralloc when = STRALLOC_ZERO, age = STRALLOC_ZERO, text = STRALLOC_ZERO;
  if (moment == QQ_LOG_UNKNOWN) return;
  put_moment(&when, moment);
  qq_demand_memory(stralloc_0(&when)
    && qq_age_text(&age, is_past ? now - moment : moment - now) && stralloc_0(&age));
  if (remark == BY_SCHEDULE)
    qq_must_fmt(&text, is_past ? _("%s (%s ago), about, by the ideal schedule")
      : _("%s (in %s), about, by the ideal schedule"), when.s, age.s);
  else if (remark == IF_IT_RUNS)
    qq_must_fmt(&text, _("%s (in %s), if qmail-send runs"), when.s, age.s);
  else qq_must_fmt(&text, is_past ? _("%s (%s ago)") : _("%s (in %s)"), when.s, age.s);
  line(out, name, qq_piece_of(&text));
  stralloc_free(&when);
  stralloc_free(&age);
  stralloc_free(&text);
}

/* The lines of a text as it was logged, the label in front of the first. */
static void lines_of_reason(stralloc *out, qq_waiting const *w)
{
  stralloc text = STRALLOC_ZERO;
  qq_piece rest, one;
  char const *name = reason;
  if (w->reason.n) qq_demand_memory(qq_reason_unlog(&text, w->reason));
  rest = qq_piece_of(&text);
  for (; qq_piece_line(&rest, &one); name = "") if (one.n) line(out, name, one);
  text.len = 0;
  qq_why_note(&text, w);
  if (text.len) line(out, w->reason.n ? "" : reason, qq_piece_of(&text));
  stralloc_free(&text);
}

static void line_of_next(stralloc *out, qq_waiting const *w)
{
  static char const starts[] = N_("when qmail-send starts");
  qq_piece const when = { _(starts), strlen(_(starts)) };
  if (w->next == QQ_LOG_UNKNOWN || w->under_way_since != QQ_LOG_UNKNOWN) return;
  if (qq_why_is.show.is_running)
    line_of_moment(out, next, w->next, BY_SCHEDULE);
  else if (w->next > qq_why_is.show.now)
    line_of_moment(out, next, w->next, IF_IT_RUNS);
  else line(out, next, when);
}

static void put_long(stralloc *out, qq_waiting const *w)
{
  char *const *trees = qq_why_is.reading.queue.trees;
  qq_piece const host = qq_why_host(w);
  qq_must_fmt(out, "  ");
  qq_label(out, w->channel < 0 ? _("to") : trees[QQ_CHANNEL + w->channel], 12);
  qq_demand_memory(qq_safe(out, w->address.s, w->address.n) && stralloc_append(out, '\n'));
  label(out, attempts);
  qq_must_fmt(out, "%lu\n", (unsigned long)w->attempts);
  line_of_moment(out, first, w->first, AS_IT_IS);
  if (w->under_way_since == QQ_LOG_UNKNOWN) line_of_moment(out, last, w->last, AS_IT_IS);
  line_of_moment(out, is_under_way, w->under_way_since, AS_IT_IS);
  if (host.n) line(out, host_, host);
  lines_of_reason(out, w);
  line_of_next(out, w);
}

static void long_message(stralloc *out, qq_waiting *const *w, size_t n)
{
  static int begun;
  char token[QQ_ID_FMT];
  size_t i;
  qq_must_fmt(out, "%s%.*s\n", begun ? "\n" : "",
    (int)qq_id_format(token, &w[0]->message->id), token);
  for (i = 0; i < n; i++) put_long(out, w[i]);
  begun = 1;
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

void qq_why_long(stralloc *out)
{
  qq_why_each(out, long_message);
}
