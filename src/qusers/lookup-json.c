#include <qq/diagnostic.h>
#include "qusers.h"

static void put_route(qq_json *j, qq_route const *r)
{
  static char const *const words[] = { "local", "virtual", "remote", "exception" };
  qq_piece const none = { 0, 0 }, recipient = { r->recipient.s, r->recipient.len };
  qq_json_bytes(j, "rewritten", r->address.s, r->address.len);
  qq_json_word(j, "route", words[r->kind]);
  qq_json_piece(j, "entry", &r->entry);
  qq_json_piece(j, "recipient", qq_route_is_here(r) ? &recipient : &none);
}

/* As qusers-rm takes it: =LOCAL or +PREFIX. */
static void put_assignment(qq_json *j, qq_lookup const *l)
{
  qq_taker const *t = &l->taker;
  stralloc text = STRALLOC_ZERO;
  if (t->kind != QQ_TAKER_ASSIGNED) {
    qq_json_null(j, "assignment");
    return;
  }
  qq_demand_memory(stralloc_append(&text, t->found.is_wildcard ? '+' : '=')
    && qq_append(&text, l->route.recipient.s, t->found.taken));
  qq_json_bytes(j, "assignment", text.s, text.len);
  stralloc_free(&text);
}

static void put_taker(qq_json *j, qq_lookup const *l)
{
  static char const *const words[] = { 0, "assigned", "user", "alias" },
    *const names[QQ_ASSIGN_FIELDS] = { "user", "uid", "gid", "home", "dash", "ext" };
  qq_taker_kind const kind = l->taker.kind;
  unsigned int i;
  if (kind == QQ_TAKER_NOBODY) qq_json_null(j, "taken_as");
  else qq_json_word(j, "taken_as", words[kind]);
  put_assignment(j, l);
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++)
    if (kind == QQ_TAKER_NOBODY) qq_json_null(j, names[i]);
    else qq_json_bytes(j, names[i], l->taker.fields[i].s, l->taker.fields[i].n);
}

static char const *const instructions[QQ_VERDICTS] = {
  [QQ_VERDICT_PROGRAM] = "program", [QQ_VERDICT_MAILDIR] = "maildir", [QQ_VERDICT_MBOX] = "mbox",
  [QQ_VERDICT_FORWARD] = "forward", [QQ_VERDICT_OTHER] = "other", [QQ_VERDICT_EMPTY] = "default",
  [QQ_VERDICT_DEFAULT] = "default"
};

static void put_instructions(qq_json *j, qq_lookup const *l)
{
  genalloc const *verdicts = &l->delivery.verdicts;
  qq_verdict const *v = genalloc_s(qq_verdict, verdicts);
  size_t i;
  qq_json_array(j, "instructions");
  for (i = 0; i < genalloc_len(qq_verdict, verdicts); i++) {
    if (!instructions[v[i].kind]) continue;
    qq_json_object(j, 0);
    qq_json_word(j, "kind", instructions[v[i].kind]);
    qq_json_piece(j, "text", &v[i].what);
    qq_json_object_end(j);
  }
  qq_json_array_end(j);
}

/* The .qmail file whose lines count. */
static void put_file(qq_json *j, qq_dotqmail const *q)
{
  stralloc path = STRALLOC_ZERO;
  qq_piece file = { 0, 0 };
  size_t i;
  for (i = 0; i < genalloc_len(qq_verdict, &q->verdicts); i++)
    if (genalloc_s(qq_verdict, &q->verdicts)[i].kind == QQ_VERDICT_READS)
      qq_must_fmt(&path, "%s/%s", q->home.s, q->name.s);
  if (path.len) file = qq_piece_of(&path);
  qq_json_piece(j, "file", &file);
  stralloc_free(&path);
}

static char const *result_of(qq_lookup const *l)
{
  static char const *const words[] = {
    [QQ_FATE_ACCEPTED] = "delivered", [QQ_FATE_UNKNOWN] = "unknown", [QQ_FATE_BOUNCES] = "bounces",
    [QQ_FATE_DEFERRED] = "deferred"
  };
  if (!qq_route_is_here(&l->route)) return "remote";
  return words[l->is_judged ? qq_fate_of_delivery(&l->delivery) : QQ_FATE_DEFERRED];
}

void qq_lookup_json(qq_json *j, qq_lookup const *l)
{
  put_route(j, &l->route);
  put_taker(j, l);
  put_file(j, &l->delivery);
  put_instructions(j, l);
  qq_json_word(j, "result", result_of(l));
}
