#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qlog.h"

static qq_calendar calendar = QQ_CALENDAR_ZERO;

static void moment(qq_json *j, char const *name, uint64_t m)
{
  if (m == QQ_LOG_UNKNOWN) qq_json_null(j, name);
  else qq_json_exact(j, name, &calendar, m);
}

static void number(qq_json *j, char const *name, int is_known, uint64_t u)
{
  if (is_known) qq_json_number(j, name, u);
  else qq_json_null(j, name);
}

static void text(qq_json *j, char const *name, qq_piece p)
{
  if (p.n) qq_json_bytes(j, name, p.s, p.n);
  else qq_json_null(j, name);
}

static void string(qq_json *j, char const *name, char const *s)
{
  qq_piece const p = { s, s ? strlen(s) : 0 };
  text(j, name, p);
}

static void write_login(qq_json *j, qq_login const *login)
{
  if (!login) {
    qq_json_null(j, "smtp");
    return;
  }
  qq_json_object(j, "smtp");
  string(j, "ip", login->ip);
  string(j, "helo", login->helo);
  string(j, "login", login->login);
  qq_json_object_end(j);
}

static void write_recipient(qq_json *j, qq_served const *r)
{
  static stralloc channel = STRALLOC_ZERO;
  qq_reply reply;
  uint32_t const child = qq_served_child(r);
  channel.len = 0;
  qlog_channel(&channel, r);
  qq_demand_memory(stralloc_0(&channel));
  qq_reply_scan(&reply, qlog_text(r));
  qq_json_object(j, 0);
  qq_json_bytes(j, "address", r->address, r->address_length);
  qq_json_word(j, "channel", channel.s);
  qq_json_word(j, "result", qq_result_word((qq_result)r->result));
  qq_json_number(j, "attempts", r->attempts);
  moment(j, "first", r->first);
  moment(j, "last", r->last);
  text(j, "host", reply.host);
  text(j, "code", reply.code);
  text(j, "enhanced", reply.enhanced);
  number(j, "child_qp", child != 0, child);
  qq_json_bytes(j, "text", qlog_text(r).s, qlog_text(r).n);
  qq_json_object_end(j);
}

void qlog_json(stralloc *out, qq_lives *lives, qq_life *l)
{
  qq_json json = QQ_JSON(out), *j = &json;
  char const *stream = qq_life_stream(lives, l);
  qq_served const *r;
  qq_json_object(j, 0);
  qq_json_number(j, "id", l->number);
  qq_json_bytes(j, "stream", stream, strlen(stream));
  moment(j, "begun", l->begun);
  moment(j, "ended", l->ended);
  qq_json_word(j, "end", qq_end_word((qq_end)l->end));
  if (l->from) qq_json_bytes(j, "from", l->from, l->from_length);
  else qq_json_null(j, "from");
  number(j, "size", l->size != QQ_LOG_UNKNOWN, l->size);
  number(j, "uid", l->from && l->uid != UINT32_MAX, l->uid);
  number(j, "qp", l->from && l->qp != UINT32_MAX, l->qp);
  number(j, "bounce_qp", l->bounce_qp != 0, l->bounce_qp);
  qq_json_boolean(j, "incomplete", l->is_incomplete);
  write_login(j, qq_life_login(l));
  qq_json_array(j, "recipients");
  for (r = l->recipients; r; r = r->next) write_recipient(j, r);
  qq_json_array_end(j);
  qq_json_end(j);
}
