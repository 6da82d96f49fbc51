#include "show.h"

static void write_channels(qq_json *j, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  unsigned int i;
  qq_json_array(j, "channels");
  for (i = 0; i < q->channels; i++)
    if (qq_message_undelivered(m, i)) qq_json_word(j, 0, q->trees[QQ_CHANNEL + i]);
  qq_json_array_end(j);
}

static void write_recipients(qq_json *j, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  qq_json_array(j, "recipients");
  for (i = 0; i < n; i++) {
    qq_json_object(j, 0);
    qq_json_bytes(j, "address", qq_recipient_address(m, &r[i]), r[i].length);
    if (r[i].channel < 0) qq_json_null(j, "channel");
    else qq_json_word(j, "channel", q->trees[QQ_CHANNEL + r[i].channel]);
    qq_json_boolean(j, "done", r[i].done);
    qq_json_object_end(j);
  }
  qq_json_array_end(j);
}

/* Who may not see them does not know. */
static void write_deliveries(qq_json *j, qq_view *v, qq_message const *m)
{
  qq_queue const *q = m->shard->queue;
  qq_delivery const *d = 0;
  uint64_t since;
  if (!v->show->sees_deliveries) {
    qq_json_null(j, "under_way");
    return;
  }
  qq_json_array(j, "under_way");
  while (qq_show_next_delivery(v, m, &d)) {
    qq_json_object(j, 0);
    if (d->channel < q->channels) qq_json_word(j, "channel", q->trees[QQ_CHANNEL + d->channel]);
    else qq_json_null(j, "channel");
    if (d->recipient.len) qq_json_bytes(j, "recipient", d->recipient.s, d->recipient.len);
    else qq_json_null(j, "recipient");
    qq_json_number(j, "pid", (uint64_t)d->process.pid);
    since = qq_os_process_started(&d->process);
    if (since) qq_json_moment(j, "since", &v->calendar, since);
    else qq_json_null(j, "since");
    qq_json_object_end(j);
  }
  qq_json_array_end(j);
}

void qq_show_put_id(qq_json *j, qq_id id)
{
  char token[QQ_ID_FMT];
  token[qq_id_format(token, &id)] = 0;
  qq_json_number(j, "id", id.id);
  qq_json_word(j, "token", token);
}

void qq_show_put_bounce(qq_json *j, qq_message const *m)
{
  qq_bounce_kind const kind = qq_message_bounce(m);
  if (kind == QQ_NO_BOUNCE) qq_json_null(j, "bounce");
  else qq_json_word(j, "bounce", kind == QQ_SINGLE_BOUNCE ? "single" : "double");
}

static void write_state(qq_json *j, qq_message const *m)
{
  qq_json_word(j, "state", m->over ? "over" : m->is_new ? "new" : "preprocessed");
  qq_json_boolean(j, "held", m->held);
}

static void write_ip(qq_json *j, qq_origin const *o)
{
  if (*o->ip) qq_json_word(j, "ip", o->ip);
  else qq_json_null(j, "ip");
}

static void write_injection(qq_json *j, qq_message const *m)
{
  if (m->received.invoked == QQ_INVOKED_BY_UID) qq_json_number(j, "uid", m->received.uid);
  else if (m->is_new) qq_json_number(j, "uid", m->uid);
  else qq_json_null(j, "uid");
  write_ip(j, &m->received.origin);
}

static void write_login(qq_json *j, qq_origin const *o)
{
  if (o->login.n) qq_json_bytes(j, "login", o->login.s, o->login.n);
  else qq_json_null(j, "login");
}

static void write_claimed(qq_json *j, qq_origin const *o)
{
  if (!*o->ip && !o->login.n) {
    qq_json_null(j, "claimed");
    return;
  }
  qq_json_object(j, "claimed");
  write_ip(j, o);
  write_login(j, o);
  qq_json_object_end(j);
}

static void write_fields(qq_json *j, qq_view *v)
{
  static char const *const names[QQ_SHOW_FIELDS] = {
    "subject", "header_from", "header_to", "message_id", "date"
  };
  stralloc const *exact, *text;
  unsigned int i;
  for (i = 0; i < QQ_SHOW_FIELDS; i++) {
    if (!qq_view_field(v, i, &exact, &text)) qq_json_null(j, names[i]);
    else if (i == QQ_SHOW_DATE) qq_json_bytes(j, names[i], exact->s, exact->len);
    else qq_json_text(j, names[i], text->s, text->len, exact->s, exact->len);
  }
}

int qq_show_json(qq_view *v, qq_message *m, stralloc *out)
{
  qq_json json = QQ_JSON(out), *j = &json;
  int const r = qq_view_load(v, m);
  if (r != 1) return r;
  qq_json_object(j, 0);
  qq_show_put_id(j, qq_message_id(m));
  write_state(j, m);
  write_channels(j, m);
  qq_show_put_bounce(j, m);
  qq_json_boolean(j, "failing", m->failing);
  qq_json_number(j, "size", m->size);
  qq_json_moment(j, "queued", &v->calendar, m->stamp);
  if (m->is_new) qq_json_null(j, "birth");
  else qq_json_moment(j, "birth", &v->calendar, m->birth);
  qq_json_bytes(j, "from", m->sender.s, m->sender.len);
  write_recipients(j, m);
  write_injection(j, m);
  write_fields(j, v);
  write_login(j, &m->received.origin);
  write_claimed(j, &m->received.claimed);
  write_deliveries(j, v, m);
  qq_json_end(j);
  return 1;
}
