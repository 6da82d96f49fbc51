#include <string.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/names.h>
#include "show.h"

static void moment(qq_view *v, qq_json *j, char const *name, uint64_t ns)
{
  v->text.len = 0;
  if (!qq_when_rfc3339(&v->text, &v->calendar, ns) || !stralloc_0(&v->text)) qq_die_memory();
  qq_json_word(j, name, v->text.s);
}

static void field(qq_view *v, qq_json *j, char const *name, unsigned int number)
{
  stralloc const *exact, *text;
  if (qq_view_field(v, number, &exact, &text)) qq_json_text(j, name, text->s, text->len, exact->s, exact->len);
  else qq_json_null(j, name);
}

static void channels(qq_json *j, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  unsigned int i;
  qq_json_array(j, "channels");
  for (i = 0; i < q->channels; i++)
    if (qq_message_undelivered(m, i)) qq_json_word(j, 0, q->trees[QQ_CHANNEL + i]);
  qq_json_array_end(j);
}

static void recipients(qq_json *j, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  qq_json_array(j, "recipients");
  for (i = 0; i < n; i++) {
    char const *s = qq_recipient_address(m, &r[i]);
    qq_json_object(j, 0);
    qq_json_text(j, "address", s, r[i].length, s, r[i].length);
    if (r[i].channel < 0) qq_json_null(j, "channel");
    else qq_json_word(j, "channel", q->trees[QQ_CHANNEL + r[i].channel]);
    qq_json_boolean(j, "done", r[i].done);
    qq_json_object_end(j);
  }
  qq_json_array_end(j);
}

static void identity(qq_json *j, qq_message const *m)
{
  qq_id const id = qq_message_id(m);
  char token[QQ_ID_FMT];
  token[qq_id_format(token, &id)] = 0;
  qq_json_number(j, "id", id.id);
  qq_json_word(j, "token", token);
  qq_json_word(j, "state", m->over ? "over" : m->is_new ? "new" : "preprocessed");
  qq_json_boolean(j, "held", m->held);
}

static void injection(qq_json *j, qq_message const *m)
{
  if (m->received.invoked == QQ_INVOKED_BY_UID) qq_json_number(j, "uid", m->received.uid);
  else if (m->is_new) qq_json_number(j, "uid", m->uid);
  else qq_json_null(j, "uid");
  if (*m->received.ip) qq_json_word(j, "ip", m->received.ip);
  else qq_json_null(j, "ip");
}

static void write_object(qq_view *v, qq_message *m, qq_json *j)
{
  qq_bounce_kind const kind = qq_message_bounce(m);
  qq_json_object(j, 0);
  identity(j, m);
  channels(j, m);
  if (kind == QQ_NO_BOUNCE) qq_json_null(j, "bounce");
  else qq_json_word(j, "bounce", kind == QQ_SINGLE_BOUNCE ? "single" : "double");
  qq_json_boolean(j, "failing", m->failing);
  qq_json_number(j, "size", m->size);
  moment(v, j, "queued", m->stamp);
  if (m->is_new) qq_json_null(j, "birth");
  else moment(v, j, "birth", m->birth);
  qq_json_text(j, "from", m->sender.s, m->sender.len, m->sender.s, m->sender.len);
  recipients(j, m);
  injection(j, m);
  field(v, j, "subject", QQ_SHOW_SUBJECT);
  field(v, j, "header_from", QQ_SHOW_FROM);
  field(v, j, "header_to", QQ_SHOW_TO);
  field(v, j, "message_id", QQ_SHOW_MESSAGE_ID);
  field(v, j, "date", QQ_SHOW_DATE);
  qq_json_object_end(j);
  qq_json_line(j);
}

int qq_show_json(qq_view *v, qq_message *m, stralloc *out)
{
  qq_json j = QQ_JSON(out);
  int const r = qq_view_load(v, m);
  if (r == 1) write_object(v, m, &j);
  return r;
}
