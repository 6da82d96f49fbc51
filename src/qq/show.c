#include <qq/diagnostic.h>
#include <qq/header.h>
#include <qq/text.h>
#include "show.h"

void qq_view_init(qq_view *v)
{
  static char const *const names[QQ_SHOW_FIELDS] = { "Subject", "From", "To", "Message-ID", "Date" };
  static qq_calendar const fresh = QQ_CALENDAR_ZERO;
  unsigned int i;
  for (i = 0; i < QQ_SHOW_FIELDS; i++) v->fields[i].name = names[i];
  v->calendar = fresh;
  v->charsets = qq_charsets_new();
  if (!v->charsets) qq_die_memory();
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
  v->line.len = v->text.len = 0;
  if (!qq_unfold(&v->line, f->value.s, f->value.len)
    || qq_words_decode(v->charsets, &v->text, v->line.s, v->line.len) < 0) qq_die_memory();
  *exact = &v->line;
  *text = &v->text;
  return 1;
}

void qq_show_type(stralloc *out, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  size_t const start = out->len;
  qq_bounce_kind const kind = qq_message_bounce(m);
  unsigned int i;
  int good = !m->held || stralloc_cats(out, "held ");
  if (m->over) good = good && stralloc_cats(out, "over ");
  if (m->is_new) good = good && stralloc_cats(out, "new ");
  else
    for (i = 0; good && i < q->channels; i++)
      if (qq_message_undelivered(m, i)) good = qq_say(out, "%s ", q->trees[QQ_CHANNEL + i]);
  if (kind != QQ_NO_BOUNCE) good = good && stralloc_cats(out, kind == QQ_SINGLE_BOUNCE ? "bounce " : "double bounce ");
  if (out->len == start) good = good && stralloc_cats(out, "done ");
  if (!good) qq_die_memory();
  out->len--;
}
