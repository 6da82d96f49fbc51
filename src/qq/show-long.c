#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include "show.h"

static size_t widest;

static char const failed[] = QQ_N_IN("a recipient", "failed");

void qq_show_long_begin(void)
{
  static char const *const labels[] = { N_("queued"), N_("birth"), N_("hold ends"), N_("expires"),
    N_("injected"), N_("login"), N_("claimed"), N_("done"), N_("to"), N_("under way"), N_("why"),
    failed, N_("size"), N_("from") };
  char next[64], done[64];
  char const *const with_channel[] = { next, done };
  snprintf(next, sizeof next, _("next %s"), "remote");
  snprintf(done, sizeof done, _("%s done"), "remote");
  widest = qq_widest(sizeof "Message-ID:" - 1, labels, sizeof labels / sizeof *labels);
  widest = qq_widest(widest, with_channel, 2);
}

static void put_label(stralloc *out, char const *label)
{
  qq_must_fmt(out, "  ");
  qq_label(out, label, widest + 1);
}

/* `  LABEL      TEXT`, the text made safe. */
static void line(stralloc *out, char const *label, char const *s, size_t n)
{
  put_label(out, label);
  qq_demand_memory(qq_safe(out, s, n) && stralloc_append(out, '\n'));
}

enum { AS_IT_IS, BY_SCHEDULE, IF_IT_RUNS, IS_THE_LAST };

/* A moment with its distance from now; remark is one of the above. */
static void line_of_moment(qq_view *v, stralloc *out, char const *label, uint64_t ns, int remark)
{
  int const is_past = ns < v->show->now;
  stralloc when = STRALLOC_ZERO, age = STRALLOC_ZERO;
  qq_demand_memory(qq_when_text(&when, &v->calendar, ns)
    && qq_age_text(&age, is_past ? v->show->now - ns : ns - v->show->now)
    && stralloc_0(&when) && stralloc_0(&age));
  v->text.len = 0;
  switch (remark) {
    case BY_SCHEDULE:
      qq_must_fmt(&v->text, is_past ? _("%s (%s ago), about, by the ideal schedule")
        : _("%s (in %s), about, by the ideal schedule"), when.s, age.s);
      break;
    case IF_IT_RUNS:
      qq_must_fmt(&v->text, _("%s (in %s), if qmail-send runs"), when.s, age.s);
      break;
    case IS_THE_LAST:
      qq_must_fmt(&v->text, _("%s (%s ago): the next attempt is the last"), when.s, age.s);
      break;
    default: qq_must_fmt(&v->text, is_past ? _("%s (%s ago)") : _("%s (in %s)"), when.s, age.s);
  }
  line(out, label, v->text.s, v->text.len);
  stralloc_free(&when);
  stralloc_free(&age);
}

/* What a stopped qmail-send left behind is exact: it writes the due times to the files' mtimes
   (qmail-send.c:pqfinish). */
static void append_next_attempt(qq_view *v, qq_message *m, stralloc *out, unsigned int channel)
{
  int const is_running = v->show->is_running;
  char label[NAME_MAX + 64];
  uint64_t due;
  if (!qq_message_undelivered(m, channel)) return;
  if (!qq_show_due(v->show, m, channel, &due)) return;
  snprintf(label, sizeof label, _("next %s"), m->shard->queue->trees[QQ_CHANNEL + channel]);
  if (is_running) line_of_moment(v, out, label, due, BY_SCHEDULE);
  else if (due > v->show->now) line_of_moment(v, out, label, due, IF_IT_RUNS);
  else line(out, label, _("when qmail-send starts"), strlen(_("when qmail-send starts")));
}

static void append_times(qq_view *v, qq_message *m, stralloc *out)
{
  uint64_t end;
  unsigned int i;
  line_of_moment(v, out, _("queued"), m->stamp, AS_IT_IS);
  if (m->is_new) return;
  end = qq_schedule_end(m->birth, v->show->queuelifetime);
  line_of_moment(v, out, _("birth"), m->birth, AS_IT_IS);
  line_of_moment(v, out, m->held ? _("hold ends") : _("expires"), end,
    end < v->show->now ? IS_THE_LAST : AS_IT_IS);
  for (i = 0; i < m->shard->queue->channels; i++) append_next_attempt(v, m, out, i);
}

static void append_injection(qq_message const *m, stralloc *out)
{
  static char const *const who[] = {    /* in the order of qq_invoked; by uid is said below */
    QQ_N_IN("how it came", "unknown"), "", N_("by alias"), N_("from network"), N_("for bounce")
  };
  stralloc text = STRALLOC_ZERO;
  if (m->received.invoked == QQ_INVOKED_BY_UID)
    qq_must_fmt(&text, _("by uid %llu"), (unsigned long long)m->received.uid);
  else qq_must_fmt(&text, "%s", qq_said(who[m->received.invoked]));
  if (*m->received.origin.ip) qq_must_fmt(&text, " (%s)", m->received.origin.ip);
  line(out, _("injected"), text.s, text.len);
  stralloc_free(&text);
}

/* Where it came from, as far as it is believed; and what is only claimed. */
static void append_origin(qq_message const *m, stralloc *out)
{
  qq_origin const *claimed = &m->received.claimed;
  qq_piece const login = m->received.origin.login;
  stralloc text = STRALLOC_ZERO;
  if (login.n) line(out, _("login"), login.s, login.n);
  if (*claimed->ip) {
    qq_must_fmt(&text, _("address %s (not believed)"), claimed->ip);
    line(out, _("claimed"), text.s, text.len);
  }
  text.len = 0;
  if (claimed->login.n) {
    qq_must_fmt(&text, _("login %.*s (not believed)"), (int)claimed->login.n,
      claimed->login.s);
    line(out, _("claimed"), text.s, text.len);
  }
  stralloc_free(&text);
}

static void append_recipients(qq_message const *m, stralloc *out)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  for (i = 0; i < n; i++) {
    char label[NAME_MAX + 64];
    char const *channel = r[i].channel < 0 ? "" : m->shard->queue->trees[QQ_CHANNEL + r[i].channel];
    if (*channel) snprintf(label, sizeof label, r[i].done ? _("%s done") : "%s", channel);
    else snprintf(label, sizeof label, "%s", r[i].done ? _("done") : _("to"));
    line(out, label, qq_recipient_address(m, &r[i]), r[i].length);
  }
}

static int waits(qq_message const *m)
{
  size_t more;
  return !m->is_new && qq_show_waiting(m, &more);
}

/* A recipient that is not to be seen is a question mark. */
static void append_deliveries(qq_view *v, qq_message const *m, stralloc *out)
{
  static char const unseen[] = N_("only root can see whether it is");
  qq_delivery const *d = 0;
  stralloc text = STRALLOC_ZERO, age = STRALLOC_ZERO;
  while (qq_show_next_delivery(v, m, &d)) {
    uint64_t const since = qq_os_process_started(&d->process);
    text.len = age.len = 0;
    qq_demand_memory(qq_age_text(&age, since && v->show->now > since ? v->show->now - since : 0));
    qq_must_fmt(&text, _("%.*s (process %ld, for %.*s)"),
      d->recipient.len ? (int)d->recipient.len : 1, d->recipient.len ? d->recipient.s : "?",
      (long)d->process.pid, (int)age.len, age.s);
    line(out, _("under way"), text.s, text.len);
  }
  stralloc_free(&text);
  stralloc_free(&age);
  if (!v->show->sees_deliveries && v->show->is_running && waits(m))
    line(out, _("under way"), _(unseen), strlen(_(unseen)));
}

static void append_where_to_look(qq_message const *m, stralloc *out)
{
  if (!waits(m)) return;
  put_label(out, _("why"));
  qq_must_fmt(out, _("the log of qmail-send says it: `qq-why -l %llu'\n"),
    (unsigned long long)m->id);
}

static void append_failure(void *p, qq_qsbmf const *q)
{
  stralloc *out = p;
  put_label(out, qq_said(failed));
  qq_demand_memory(qq_safe(out, q->address.s, q->address.len) && stralloc_cats(out, ": "));
  qq_reason_line(out, q);
  qq_must_fmt(out, "\n");
}

static int append_failures(qq_message *m, stralloc *out)
{
  qq_qsbmf q = QQ_QSBMF_ZERO;
  int const r = m->failing ? qq_message_failures(m, &q, append_failure, out) : 1;
  qq_qsbmf_free(&q);
  return r;
}

static void append_headers(qq_view *v, stralloc *out)
{
  static char const *const labels[QQ_SHOW_FIELDS] = {
    "Subject:", "From:", "To:", "Message-ID:", "Date:"
  };
  stralloc const *exact, *text;
  unsigned int i;
  for (i = 0; i < QQ_SHOW_FIELDS; i++)
    if (qq_view_field(v, i, &exact, &text)) line(out, labels[i], text->s, text->len);
}

int qq_show_long(qq_view *v, qq_message *m, stralloc *out)
{
  qq_id id;
  char token[QQ_ID_FMT];
  int r = qq_view_load(v, m);
  if (r != 1) return r;
  id = qq_message_id(m);
  qq_must_fmt(out, "%.*s  ", (int)qq_id_format(token, &id), token);
  qq_show_type(out, m);
  qq_must_fmt(out, "\n");
  append_times(v, m, out);
  put_label(out, _("size"));
  qq_must_fmt(out, "%llu\n", (unsigned long long)m->size);
  append_injection(m, out);
  append_origin(m, out);
  line(out, _("from"), m->sender.len ? m->sender.s : "<>", m->sender.len ? m->sender.len : 2);
  append_recipients(m, out);
  append_deliveries(v, m, out);
  append_where_to_look(m, out);
  r = append_failures(m, out);
  if (r == 1) append_headers(v, out);
  return r;
}
