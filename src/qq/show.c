#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/header.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include "show.h"

static void start_view(qq_view *v, qq_show const *show)
{
  static char const *const names[QQ_SHOW_FIELDS] = {
    "Subject", "From", "To", "Message-ID", "Date"
  };
  static qq_calendar const fresh = QQ_CALENDAR_ZERO;
  unsigned int i;
  for (i = 0; i < QQ_SHOW_FIELDS; i++) v->fields[i].name = names[i];
  v->show = show;
  v->calendar = fresh;
  v->charsets = qq_charsets_new();
  qq_demand_memory(v->charsets != 0);
}

void qq_view_prepare(qq_reading *r, qq_show const *show, int (*visit)(void *, qq_message *))
{
  unsigned int i;
  qq_reading_prepare(r, visit, sizeof(qq_view));
  for (i = 0; i < r->walk.jobs; i++) start_view(r->walk.workers[i], show);
}

int qq_view_render(qq_view *v, qq_message *m, stralloc *out)
{
  size_t const before = out->len;
  int r = v->show->form(v, m, out);
  if (r == 1) r = qq_notice_interruption(m);
  if (r == 1) r = qq_notice_future(m);
  if (r == 1) r = qq_notice_hold(m, v->show->queuelifetime);
  if (r != 1) out->len = before;
  return r;
}

int qq_view_load(qq_view *v, qq_message *m)
{
  int r = qq_message_envelope(m);
  if (r == 1 && !m->is_new) r = qq_message_birth(m);
  if (r == 1) r = qq_message_recipients(m);
  if (r == 1) r = qq_message_failing(m);
  if (r == 1) r = qq_message_received(m);
  if (r == 1) r = qq_message_header(m, &v->header, v->fields, QQ_SHOW_FIELDS);
  return r;
}

int qq_view_field(qq_view *v, unsigned int field, stralloc const **exact, stralloc const **text)
{
  qq_field const *f = &v->fields[field];
  if (!f->found) return 0;
  if (qq_field_decode(v->charsets, &v->header, &v->line, &v->text, f) < 0)
    qq_die_unable("%s", _("unable to decode mail"));
  *exact = &v->line;
  *text = &v->text;
  return 1;
}

int qq_show_next_delivery(qq_view const *v, qq_message const *m, qq_delivery const **d)
{
  qq_delivery const *all = genalloc_s(qq_delivery, &v->show->deliveries);
  qq_delivery const *const end = all + genalloc_len(qq_delivery, &v->show->deliveries);
  if (all == end) return 0;
  for (*d = *d ? *d + 1 : all; *d < end; ++*d) if ((*d)->id == m->id) return 1;
  return 0;
}

void qq_show_type(stralloc *out, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  size_t const start = out->len;
  qq_bounce_kind const kind = qq_message_bounce(m);
  unsigned int i;
  int good = stralloc_cats(out, m->held ? "held " : "")
    && stralloc_cats(out, m->over ? "over " : "") && stralloc_cats(out, m->is_new ? "new " : "");
  for (i = 0; good && i < q->channels && !m->is_new; i++)
    if (qq_message_undelivered(m, i))
      good = stralloc_cats(out, q->trees[QQ_CHANNEL + i]) && stralloc_append(out, ' ');
  if (kind == QQ_DOUBLE_BOUNCE) good = good && stralloc_cats(out, "double ");
  if (kind != QQ_NO_BOUNCE) good = good && stralloc_cats(out, "bounce ");
  if (out->len == start) good = good && stralloc_cats(out, "done ");
  qq_demand_memory(good);
  out->len--;
}

qq_recipient const *qq_show_waiting(qq_message const *m, size_t *more)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients), *first = 0;
  qq_recipient const *const end = r + genalloc_len(qq_recipient, &m->recipients);
  *more = 0;
  for (; r < end; r++) {
    if (r->done) continue;
    if (first) ++*more;
    else first = r;
  }
  return first;
}

void qq_show_look(qq_show *show, qq_queue const *q)
{
  static qq_instance instance = QQ_INSTANCE_ZERO;
  int const up = qq_reading_is_up(q, &instance);
  show->is_running = up > 0;
  show->sees_deliveries = instance.is_shown;
  qq_demand_memory(qq_deliveries_find(&show->deliveries, &instance) > 0);
}

/* Expiring a message moves its birth, but not its schedule. */
static uint64_t original_birth(qq_show const *show, qq_message const *m)
{
  return qq_expire_is(m->birth, m->stamp, show->queuelifetime)
    ? qq_expire_original(m->birth, m->stamp, show->queuelifetime) : m->birth;
}

int qq_show_due(qq_show const *show, qq_message *m, unsigned int channel, uint64_t *due)
{
  int const r = qq_schedule_due(m->shard, m->id, channel, original_birth(show, m),
    show->is_running, due);
  if (r < 0) qq_trouble(_("unable to see when message %llu is due: %s"),
    (unsigned long long)m->id, strerror(errno));
  return r > 0;
}
