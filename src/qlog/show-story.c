/* The story of a life: what each of its lines tells, as a person would. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/when.h>
#include "qlog.h"

static qq_calendar calendar = QQ_CALENDAR_ZERO;

static void put_moment(stralloc *out, uint64_t m)
{
  if (m == QQ_LOG_UNKNOWN) qq_must_fmt(out, "%20s", "");
  else qq_demand_memory(qq_when_text(out, &calendar, m));
}

static void put_safe(stralloc *out, char const *s, size_t n)
{
  qq_demand_memory(qq_safe(out, s, n));
}

static void tell_end(stralloc *out, uint64_t from, uint64_t to)
{
  stralloc delay = STRALLOC_ZERO;
  if (from == QQ_LOG_UNKNOWN || to == QQ_LOG_UNKNOWN || to < from) {
    qq_must_fmt(out, "%s", _("ended"));
    return;
  }
  qq_demand_memory(qq_age_text(&delay, to - from));
  qq_must_fmt(out, _("ended after %.*s"), (int)delay.len, delay.s);
  stralloc_free(&delay);
}

static void tell_first(stralloc *out, qq_result result, char const *to, char const *reason)
{
  switch (result) {
    case QQ_RESULT_DELIVERED: qq_must_fmt(out, _("%s: delivered: %s"), to, reason); break;
    case QQ_RESULT_DEFERRED: qq_must_fmt(out, _("%s: deferred: %s"), to, reason); break;
    case QQ_RESULT_FAILED: qq_must_fmt(out, _("%s: failed: %s"), to, reason); break;
    default: qq_must_fmt(out, _("%s: expired, it had waited too long: %s"), to, reason);
  }
}

static void tell_later(stralloc *out, qq_result result, char const *to, uint32_t attempt,
  char const *reason)
{
  unsigned long const n = attempt;
  switch (result) {
    case QQ_RESULT_DELIVERED:
      qq_must_fmt(out, _("%s: delivered at attempt %lu: %s"), to, n, reason);
      break;
    case QQ_RESULT_DEFERRED:
      qq_must_fmt(out, _("%s: deferred at attempt %lu: %s"), to, n, reason);
      break;
    case QQ_RESULT_FAILED:
      qq_must_fmt(out, _("%s: failed at attempt %lu: %s"), to, n, reason);
      break;
    default:
      qq_must_fmt(out, _("%s: expired at attempt %lu, it had waited too long: %s"), to, n, reason);
  }
}

/* A string that is safe to print. */
static char const *safe(stralloc *sa, char const *s, size_t n)
{
  sa->len = 0;
  qq_demand_memory(qq_safe(sa, s, n) && stralloc_0(sa));
  return sa->s;
}

static void tell_result(stralloc *out, qq_served const *r, qq_log_line const *line)
{
  static stralloc to = STRALLOC_ZERO, text = STRALLOC_ZERO, reason = STRALLOC_ZERO;
  qq_result const result = qq_log_line_result(line);
  text.len = 0;
  qq_demand_memory(qq_reason_readable(&text, line->reason));
  safe(&to, r->address, r->address_length);
  safe(&reason, text.s, text.len);
  if (r->attempts > 1) tell_later(out, result, to.s, r->attempts, reason.s);
  else tell_first(out, result, to.s, reason.s);
}

static void tell_info(stralloc *out, qq_life const *l)
{
  static stralloc from = STRALLOC_ZERO;
  if (l->qp == UINT32_MAX || l->uid == UINT32_MAX) qq_must_fmt(out,
    ngettext("queued: %llu byte from %s", "queued: %llu bytes from %s", l->size),
    (unsigned long long)l->size,
    l->from_length ? safe(&from, l->from, l->from_length) : "<>");
  else qq_must_fmt(out, ngettext("queued by process %u, user %u: %llu byte from %s",
    "queued by process %u, user %u: %llu bytes from %s", l->size), l->qp, l->uid,
    (unsigned long long)l->size,
    l->from_length ? safe(&from, l->from, l->from_length) : "<>");
}

void qlog_story_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  stralloc *out;
  size_t begin, empty;
  if (!l) return;
  out = qq_life_story(lives, l);
  qq_demand_memory(out != 0);
  begin = out->len;
  qq_must_fmt(out, "  ");
  put_moment(out, line->stamp);
  qq_must_fmt(out, "  ");
  empty = out->len;
  switch (line->event) {
    case QQ_LOG_INFO: tell_info(out, l); break;
    case QQ_LOG_SUCCESS: case QQ_LOG_DEFERRAL: case QQ_LOG_FAILURE:
      tell_result(out, lives->served, line);
      break;
    case QQ_LOG_BOUNCE:
      qq_must_fmt(out, _("a bounce goes to the sender, queued by process %u"), l->bounce_qp);
      break;
    case QQ_LOG_DISCARD: qq_must_fmt(out, "%s", _("the bounce of this bounce is discarded")); break;
    case QQ_LOG_END: tell_end(out, l->begun, line->stamp); break;
    default: break;
  }
  if (out->len == empty) out->len = begin;
  else qq_demand_memory(stralloc_append(out, '\n'));
}

/* What no line has told. */
static void tell_open(stralloc *out, qq_served const *r)
{
  static stralloc to = STRALLOC_ZERO;
  uint32_t const child = qq_served_child(r);
  if (!child && r->result != QQ_RESULT_UNDER_WAY && r->result != QQ_RESULT_REMOVED
    && r->result != QQ_RESULT_UNKNOWN) return;
  safe(&to, r->address, r->address_length);
  qq_must_fmt(out, "  ");
  put_moment(out, r->last);
  qq_must_fmt(out, "  ");
  switch ((qq_result)r->result) {
    case QQ_RESULT_UNDER_WAY: qq_must_fmt(out, _("%s: still under way"), to.s); break;
    case QQ_RESULT_REMOVED: qq_must_fmt(out, _("%s: removed while it was deferred"), to.s); break;
    case QQ_RESULT_UNKNOWN:
      qq_must_fmt(out, _("%s: the end of the last attempt is not known"), to.s);
      break;
    default:
      qq_must_fmt(out, _("%s: forwarded as the message of process %lu"), to.s,
        (unsigned long)child);
  }
  qq_must_fmt(out, "\n");
}

/* A sentence about all of it. */
static void put_line(stralloc *out, stralloc *text)
{
  qq_must_fmt(out, "  %20s  ", "");
  put_safe(out, text->s, text->len);
  qq_demand_memory(stralloc_append(out, '\n'));
  stralloc_free(text);
}

static void tell_login(stralloc *out, qq_login const *l)
{
  stralloc text = STRALLOC_ZERO;
  if (l->helo && l->login)
    qq_must_fmt(&text, _("it came by SMTP from %s, HELO %s, login %s"), l->ip, l->helo, l->login);
  else if (l->helo) qq_must_fmt(&text, _("it came by SMTP from %s, HELO %s"), l->ip, l->helo);
  else if (l->login) qq_must_fmt(&text, _("it came by SMTP from %s, login %s"), l->ip, l->login);
  else qq_must_fmt(&text, _("it came by SMTP from %s"), l->ip);
  put_line(out, &text);
}

static char const *end_of(qq_life const *l)
{
  switch (l->end) {
    case QQ_END_OPEN: return _("still open at the end of the log");
    case QQ_END_VANISHED: return _("its number was given to another message before it ended");
    case QQ_END_UNKNOWN: return _("lines were lost, and its number was given to another message");
    default: return 0;
  }
}

static void tell_message(stralloc *out, qq_life const *l, char const *stream)
{
  unsigned long long const number = l->number;
  stralloc text = STRALLOC_ZERO;
  qq_must_fmt(&text, l->begun == QQ_LOG_UNKNOWN
    ? _("message %llu in %s: when it began is not known") : _("message %llu in %s"), number,
    stream);
  put_safe(out, text.s, text.len);
  qq_demand_memory(stralloc_append(out, '\n'));
  stralloc_free(&text);
}

void qlog_story(stralloc *out, qq_lives *lives, qq_life *l)
{
  static int begun;
  char const *stream = qq_life_stream(lives, l);
  stralloc *story = qq_life_story(lives, l);
  qq_served const *r;
  if (begun) qq_demand_memory(stralloc_append(out, '\n'));
  begun = 1;
  tell_message(out, l, stream);
  if (qq_life_login(l)) tell_login(out, qq_life_login(l));
  qq_demand_memory(story && qq_append(out, story->s, story->len));
  for (r = l->recipients; r; r = r->next) tell_open(out, r);
  if (end_of(l)) qq_must_fmt(out, "  %20s  %s\n", "", end_of(l));
  if (l->is_incomplete)
    qq_must_fmt(out, "  %20s  %s\n", "", _("incomplete: the logger lost lines meanwhile"));
}
