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

static void tell_result(stralloc *out, qq_served const *r, qq_log_line const *line)
{
  static stralloc text = STRALLOC_ZERO;
  put_safe(out, r->address, r->address_length);
  qq_must_fmt(out, ": ");
  qq_must_fmt(out, "%s", line->event == QQ_LOG_SUCCESS ? _("delivered")
    : line->event == QQ_LOG_DEFERRAL ? _("deferred")
    : r->result == QQ_RESULT_EXPIRED ? _("expired: it had waited too long") : _("failed"));
  if (r->attempts > 1) qq_must_fmt(out, _(" (attempt %u)"), r->attempts);
  qq_must_fmt(out, ": ");
  text.len = 0;
  qq_demand_memory(qq_reason_readable(&text, line->reason));
  put_safe(out, text.s, text.len);
}

static void tell_login(stralloc *out, qq_login const *login)
{
  qq_must_fmt(out, "; ");
  qq_must_fmt(out, _("by SMTP from %s"), login->ip);
  if (login->helo) qq_must_fmt(out, ", HELO %s", login->helo);
  if (!login->login) return;
  qq_must_fmt(out, ", ");
  qq_must_fmt(out, _("login %s"), login->login);
}

static void tell_info(stralloc *out, qq_life const *l)
{
  qq_login const *login = qq_life_login(l);
  stralloc text = STRALLOC_ZERO;
  qq_must_fmt(&text, _("queued by process %u, user %u: %llu bytes from %.*s"), l->qp, l->uid,
    (unsigned long long)l->size, l->from_length ? (int)l->from_length : 2,
    l->from_length ? l->from : "<>");
  if (login) tell_login(&text, login);
  put_safe(out, text.s, text.len);
  stralloc_free(&text);
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

static void tell_open(stralloc *out, qq_served const *r)
{
  uint32_t const child = qq_served_child(r);
  char const *what = r->result == QQ_RESULT_UNDER_WAY ? _("under way since then")
    : r->result == QQ_RESULT_REMOVED ? _("removed while it was deferred")
    : r->result == QQ_RESULT_UNKNOWN ? _("the end of the last attempt is not known") : 0;
  if (!what && !child) return;
  qq_must_fmt(out, "  ");
  put_moment(out, r->last);
  qq_must_fmt(out, "  ");
  put_safe(out, r->address, r->address_length);
  qq_must_fmt(out, ": ");
  if (what) qq_must_fmt(out, "%s\n", what);
  else qq_must_fmt(out, _("forwarded as the message of process %u\n"), child);
}

static char const *end_of(qq_life const *l)
{
  switch (l->end) {
    case QQ_END_OPEN: return _("it is still in the queue");
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
    ? _("message %llu in %s, whose beginning is not known") : _("message %llu in %s"), number,
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
  qq_demand_memory(story && qq_append(out, story->s, story->len));
  for (r = l->recipients; r; r = r->next) tell_open(out, r);
  if (end_of(l)) qq_must_fmt(out, "  %20s  %s\n", "", end_of(l));
  if (l->is_incomplete)
    qq_must_fmt(out, "  %20s  %s\n", "", _("incomplete: the logger lost lines meanwhile"));
}
