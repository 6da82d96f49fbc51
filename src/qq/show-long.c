#include <string.h>
#include <qq/diagnostic.h>
#include <qq/message.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include "reasons.h"
#include "show.h"

static void check(int good)
{
  if (!good) qq_die_memory();
}

/* `  LABEL      TEXT`, the text made safe. */
static void line(stralloc *out, char const *label, char const *s, size_t n)
{
  check(qq_say(out, "  %-12s", label) && qq_safe(out, s, n) && stralloc_append(out, '\n'));
}

static void moment(qq_view *v, stralloc *out, char const *label, uint64_t ns, char const *remark)
{
  uint64_t const distance = ns < v->now ? v->now - ns : ns - v->now;
  v->text.len = 0;
  check(qq_when_text(&v->text, &v->calendar, ns) && stralloc_cats(&v->text, ns < v->now ? " (" : _(" (in "))
    && qq_age_text(&v->text, distance) && stralloc_cats(&v->text, ns < v->now ? _(" ago)") : ")") && stralloc_cats(&v->text, remark));
  line(out, label, v->text.s, v->text.len);
}

/* Expiring a message moves its birth, but not its schedule. */
static uint64_t original_birth(qq_view const *v, qq_message const *m)
{
  return qq_expire_is(m->birth, m->stamp) ? qq_expire_original(m->birth, m->stamp, v->queuelifetime) : m->birth;
}

/* What a stopped qmail-send left behind is exact: it writes the due times to the files' mtimes
   (qmail-send.c:pqfinish). */
static void next_attempt(qq_view *v, qq_message *m, stralloc *out, unsigned int channel)
{
  char const *name = m->shard->queue->trees[QQ_CHANNEL + channel];
  stralloc label = STRALLOC_ZERO;
  uint64_t due;
  if (!qq_message_undelivered(m, channel) || qq_schedule_due(m->shard, m->id, channel, original_birth(v, m), v->is_running, &due) < 1) return;
  check(qq_say(&label, _("next %s"), name) && stralloc_0(&label));
  if (v->is_running) moment(v, out, label.s, due, _(", about, by the ideal schedule"));
  else if (due <= v->now) line(out, label.s, _("when qmail-send starts"), strlen(_("when qmail-send starts")));
  else moment(v, out, label.s, due, _(", if qmail-send runs"));
  stralloc_free(&label);
}

static void times(qq_view *v, qq_message *m, stralloc *out)
{
  uint64_t end;
  unsigned int i;
  moment(v, out, _("queued"), m->stamp, "");
  if (m->is_new) return;
  end = qq_schedule_end(m->birth, v->queuelifetime);
  moment(v, out, _("birth"), m->birth, "");
  moment(v, out, m->held ? _("hold ends") : _("expires"), end, end < v->now ? _(": the next attempt is the last") : "");
  for (i = 0; i < m->shard->queue->channels; i++) next_attempt(v, m, out, i);
}

static void injected(qq_message const *m, stralloc *out)
{
  stralloc text = STRALLOC_ZERO;
  switch (m->received.invoked) {
    case QQ_INVOKED_BY_UID: check(qq_say(&text, _("by uid %llu"), (unsigned long long)m->received.uid)); break;
    case QQ_INVOKED_BY_ALIAS: check(stralloc_cats(&text, _("by alias"))); break;
    case QQ_INVOKED_FROM_NETWORK: check(stralloc_cats(&text, _("from network"))); break;
    case QQ_INVOKED_FOR_BOUNCE: check(stralloc_cats(&text, _("for bounce"))); break;
    default: check(stralloc_cats(&text, _("unknown"))); break;
  }
  if (*m->received.ip) check(qq_say(&text, " (%s)", m->received.ip));
  line(out, _("injected"), text.s, text.len);
  stralloc_free(&text);
}

static void recipients(qq_message const *m, stralloc *out)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  for (i = 0; i < n; i++) {
    stralloc label = STRALLOC_ZERO;
    char const *channel = r[i].channel < 0 ? "" : m->shard->queue->trees[QQ_CHANNEL + r[i].channel];
    check(qq_say(&label, "%s%s%s", channel, *channel && r[i].done ? " " : "", r[i].done ? _("done") : *channel ? "" : _("to")) && stralloc_0(&label));
    line(out, label.s, qq_recipient_address(m, &r[i]), r[i].length);
    stralloc_free(&label);
  }
}

static void failure(void *p, qq_qsbmf const *q)
{
  stralloc *out = p;
  check(qq_say(out, "  %-12s", _("failed")) && qq_safe(out, q->address.s, q->address.len) && stralloc_cats(out, ": "));
  qq_reason_line(out, q);
  check(stralloc_append(out, '\n'));
}

static int failures(qq_message *m, stralloc *out)
{
  qq_qsbmf q = QQ_QSBMF_ZERO;
  int const r = m->failing ? qq_message_failures(m, &q, failure, out) : 1;
  qq_qsbmf_free(&q);
  return r;
}

static void headers(qq_view *v, stralloc *out)
{
  static char const *const labels[QQ_SHOW_FIELDS] = { "Subject:", "From:", "To:", "Message-ID:", "Date:" };
  stralloc const *exact, *text;
  unsigned int i;
  for (i = 0; i < QQ_SHOW_FIELDS; i++)
    if (qq_view_field(v, i, &exact, &text)) line(out, labels[i], text->s, text->len);
}

static void title(qq_message const *m, stralloc *out)
{
  qq_id const id = qq_message_id(m);
  char token[QQ_ID_FMT];
  check(stralloc_catb(out, token, qq_id_format(token, &id)) && stralloc_cats(out, "  "));
  qq_show_type(out, m);
  check(stralloc_append(out, '\n'));
}

int qq_show_long(qq_view *v, qq_message *m, stralloc *out)
{
  int r = qq_view_load(v, m);
  if (r != 1) return r;
  title(m, out);
  times(v, m, out);
  check(qq_say(out, "  %-12s%llu\n", _("size"), (unsigned long long)m->size));
  injected(m, out);
  line(out, _("from"), m->sender.len ? m->sender.s : "<>", m->sender.len ? m->sender.len : 2);
  recipients(m, out);
  r = failures(m, out);
  if (r == 1) headers(v, out);
  return r;
}
