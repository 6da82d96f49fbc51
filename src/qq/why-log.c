/* What the log says of what waits: INTERNALS has when a life is that of a message in the queue. */

#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/names.h>
#include "why.h"

static qq_log log_ = QQ_LOG_ZERO;
static genalloc paths = GENALLOC_ZERO;  /* of char const * */
static stralloc why = STRALLOC_ZERO;
int qq_why_verbose;

void qq_why_take_log(qq_option const *o, char const *value)
{
  if (!strcmp(value, "-")) qq_die_usage(_("option --%s: \"%s\" given, expected a file or a "
    "directory"), o->name, value);
  qq_demand_memory(genalloc_append(char const *, &paths, &value));
}

/* By the names of the sets of its files. */
static void name_log(void)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log_.files);
  size_t const n = genalloc_len(qq_log_file, &log_.files);
  size_t i;
  for (i = 0; i < n; i++)
    if (!i || f[i].set_number != f[i - 1].set_number)
      qq_must_fmt(&qq_why_is.log, i ? ", %s" : "%s", f[i].set);
  qq_demand_memory(stralloc_0(&qq_why_is.log));
}

/* `new msg' is not before the message was queued, but clocks tick. */
static uint64_t begin_of(uint64_t oldest)
{
  return oldest > QQ_SECOND ? oldest - QQ_SECOND : 0;
}

void qq_why_open_log(uint64_t oldest)
{
  char const *said = getenv(QQ_VARIABLE_LOG), *end = 0;
  log_.since = begin_of(oldest);
  if (genalloc_len(char const *, &paths)) {
    qq_demand_memory(genalloc_append(char const *, &paths, &end));
    qq_demand(qq_log_add(&log_, genalloc_s(char const *, &paths), &why), &why);
  }
  else if (said && *said) qq_demand(qq_log_add_path(&log_, said, &why), &why);
  else qq_demand_done(qq_site_log(&qq_why_is.reading.site, 0, &log_, &why), &why);
  name_log();
}

/* ---- which life is which message ---- */

/* log_begins: the first line of the set that the life is in. */
static qq_why_tie tie_of(qq_why_message const *m, qq_life const *l, uint64_t log_begins)
{
  int const says_qp = l->from && l->qp != UINT32_MAX;
  int const is_done = l->end == QQ_END_DONE;
  if (l->end != QQ_END_OPEN && !is_done) return QQ_WHY_OTHER;
  if (is_done && (l->ended == QQ_LOG_UNKNOWN || l->ended < qq_why_is.show.now))
    return QQ_WHY_OTHER;
  if (says_qp && l->qp != m->qp) return QQ_WHY_OTHER;
  if (l->begun != QQ_LOG_UNKNOWN)
    return says_qp && l->begun + QQ_SECOND >= m->id.stamp ? QQ_WHY_TIED : QQ_WHY_OTHER;
  if (says_qp) return QQ_WHY_TIED;
  return log_begins != QQ_LOG_UNKNOWN && m->id.stamp < log_begins
    ? QQ_WHY_BY_NUMBER : QQ_WHY_OTHER;
}

/* ---- which of its recipients is which ---- */

static int compare_pieces(unsigned int c, qq_piece a, unsigned int d, qq_piece b)
{
  return c < d ? -1 : c > d ? 1 : qq_piece_compare(&a, &b);
}

static qq_piece address_of(qq_served const *r)
{
  qq_piece const address = { r->address, r->address_length };
  return address;
}

static int is_open(qq_served const *r)
{
  return r->result == QQ_RESULT_DEFERRED || r->result == QQ_RESULT_UNDER_WAY
    || r->result == QQ_RESULT_UNKNOWN;
}

static int compare_waiting(void const *a, void const *b)
{
  qq_waiting const *x = *(qq_waiting *const *)a, *y = *(qq_waiting *const *)b;
  int const r = compare_pieces((unsigned int)x->channel, x->logged, (unsigned int)y->channel,
    y->logged);
  return r ? r : x < y ? -1 : x > y;
}

/* To one address: those that are open first. */
static int compare_served(void const *a, void const *b)
{
  qq_served const *x = *(qq_served *const *)a, *y = *(qq_served *const *)b;
  int const r = compare_pieces(x->channel, address_of(x), y->channel, address_of(y));
  if (r || is_open(x) != is_open(y)) return r ? r : is_open(y) - is_open(x);
  return x->first < y->first ? -1 : x->first > y->first;
}

static void learn(qq_waiting *w, qq_served const *r)
{
  int const is_under_way = r->result == QQ_RESULT_UNDER_WAY;
  char *reason = malloc(r->reason_length + 1u);
  qq_demand_memory(reason != 0);
  if (r->reason_length) memcpy(reason, r->reason, r->reason_length);
  w->reason.s = reason;
  w->reason.n = r->reason_length;
  w->attempts = r->attempts;
  w->first = r->first;
  w->last = r->last;
  if (is_under_way && qq_why_is.show.is_running) w->under_way_since = r->last;
  w->is_cut = r->result == QQ_RESULT_UNKNOWN || (is_under_way && !qq_why_is.show.is_running);
  w->is_over = !is_open(r);
}

/* What has ended before we looked at the queue is none that waits there. */
static size_t list_served(qq_life const *l, qq_served const **all)
{
  qq_served const *r;
  size_t n = 0;
  for (r = l->recipients; r; r = r->next)
    if (is_open(r) || (r->last != QQ_LOG_UNKNOWN && r->last >= qq_why_is.show.now)) all[n++] = r;
  if (n) qsort(all, n, sizeof *all, compare_served);
  return n;
}

static void learn_all(qq_why_message *m, qq_life const *l)
{
  qq_waiting **waiting = calloc(m->count + 1, sizeof *waiting);
  qq_served const **served = calloc(l->count + 1u, sizeof *served);
  size_t n, i, k = 0;
  qq_demand_memory(waiting && served);
  for (i = 0; i < m->count; i++) waiting[i] = &m->recipients[i];
  if (m->count) qsort(waiting, m->count, sizeof *waiting, compare_waiting);
  n = list_served(l, served);
  for (i = 0; i < m->count && k < n;) {
    qq_waiting *w = waiting[i];
    int const r = compare_pieces((unsigned int)w->channel, w->logged, served[k]->channel,
      address_of(served[k]));
    if (!r) learn(w, served[k]);
    if (r <= 0) i++;
    if (r >= 0) k++;
  }
  free(waiting);
  free(served);
}

static void forget(qq_why_message *m)
{
  size_t i;
  m->is_over = 0;
  for (i = 0; i < m->count; i++) {
    qq_waiting *w = &m->recipients[i];
    w->attempts = 0;
    w->first = w->last = w->under_way_since = QQ_LOG_UNKNOWN;
    w->is_cut = w->is_over = 0;
    w->reason.n = 0;
  }
}

static void meet(qq_lives const *lives, qq_life const *l)
{
  qq_why_message *m = qq_why_find(l->number);
  qq_why_tie tie;
  if (!m) return;
  tie = tie_of(m, l, qq_log_set_begins(&log_, qq_life_set_number(lives, l)));
  if (tie == QQ_WHY_BY_NUMBER && m->tie == QQ_WHY_BY_NUMBER) tie = QQ_WHY_SEVERAL;
  if (tie <= m->tie) return;
  m->tie = tie;
  forget(m);
  if (tie == QQ_WHY_OTHER || tie == QQ_WHY_SEVERAL) return;
  m->is_over = l->end == QQ_END_DONE;
  learn_all(m, l);
}

/* ---- reading ---- */

static void progress(void)
{
  uint64_t done, all;
  qq_log_progress(&log_, &done, &all);
  qq_progress_text(_("%llu MB of the log, %u%%"), (unsigned long long)(done >> 20),
    all ? (unsigned int)(done * 100 / all) : 0);
}

static void meet_all(qq_lives *lives)
{
  qq_life *l;
  while ((l = qq_lives_next(lives))) meet(lives, l);
}

static void tell_warnings(void)
{
  size_t at;
  for (at = 0; at < log_.warnings.len; at += strlen(log_.warnings.s + at) + 1)
    qq_trouble("%s", log_.warnings.s + at);
}

static void name_files(void)
{
  qq_log_file const *f = genalloc_s(qq_log_file, &log_.files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_log_file, &log_.files); i++)
    qq_note(_("%s: reading %s"), qq_program_in_charge()->name, f[i].name);
}

void qq_why_read_log(uint64_t oldest)
{
  qq_lives lives;
  qq_log_line const *line;
  uint64_t count = 0;
  int r;
  qq_log_drop_before(&log_, begin_of(oldest));
  if (qq_why_verbose) name_files();
  qq_demand_memory(qq_lives_init(&lives) > 0);
  while ((r = qq_log_next(&log_, &line, &why)) > 0) {
    if (line->event == QQ_LOG_SMTP) continue;
    if (qq_why_is.begins == QQ_LOG_UNKNOWN) qq_why_is.begins = line->stamp;
    if (line->event == QQ_LOG_OTHER) continue;
    qq_demand_memory(qq_lives_take(&lives, line) > 0);
    if (lives.has_over) meet_all(&lives);
    if (!(++count & 0xffff)) progress();
  }
  qq_demand_done(r, &why);
  qq_demand_memory(qq_lives_finish(&lives) > 0);
  meet_all(&lives);
  if (lives.losses)
    qq_warn(ngettext("the logger lost lines %llu time: what is shown may be incomplete",
      "the logger lost lines %llu times: what is shown may be incomplete",
      (unsigned long)lives.losses),
      (unsigned long long)lives.losses);
  qq_lives_free(&lives);
  qq_progress_hide();
  tell_warnings();
}

/* ---- what it does not know ---- */

static void put_day(stralloc *out, uint64_t moment)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  size_t const time = sizeof " 12:38:44" - 1;
  qq_demand_memory(qq_when_text(out, &calendar, moment));
  out->len -= time;
}

void qq_why_note(stralloc *out, qq_waiting const *w)
{
  qq_why_tie const tie = w->message->tie;
  if (w->channel < 0) qq_must_fmt(out, "%s", _("qmail-send has not preprocessed it yet"));
  else if (tie == QQ_WHY_NO_LINE && qq_why_is.begins == QQ_LOG_UNKNOWN)
    qq_must_fmt(out, _("no line about it in %s"), qq_why_is.log.s);
  else if (tie == QQ_WHY_NO_LINE) {
    stralloc day = STRALLOC_ZERO;
    put_day(&day, qq_why_is.begins);
    qq_must_fmt(out, _("no line about it in %s, which begins %.*s"), qq_why_is.log.s, (int)day.len,
      day.s);
    stralloc_free(&day);
  }
  else if (tie == QQ_WHY_SEVERAL)
    qq_must_fmt(out, _("several streams have deliveries of its number: %s"), qq_why_is.log.s);
  else if (tie == QQ_WHY_OTHER)
    qq_must_fmt(out, _("only another message with its number is in %s"), qq_why_is.log.s);
  else if (!w->attempts) qq_must_fmt(out, _("no attempt in %s"), qq_why_is.log.s);
  else if (w->is_cut) qq_must_fmt(out, "%s", _("cut off: qmail-send ended"));
}
