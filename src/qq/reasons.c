#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/qsbmf.h>
#include "show.h"
#include "stat.h"

void qq_reason_line(stralloc *out, qq_qsbmf const *q)
{
  qq_piece text = { q->reason.s, q->reason.len }, line;
  while (qq_piece_line(&text, &line))
    qq_demand_memory(qq_safe(out, line.s, line.n)
      && (line.s + line.n == q->reason.s + q->reason.len || stralloc_append(out, '/')));
}

void qq_reason_json(stralloc *out, qq_message const *m, int is_pending, qq_qsbmf const *q)
{
  qq_json j = qq_json_begin(out);
  qq_show_put_id(&j, qq_message_id(m));
  qq_show_put_bounce(&j, m);
  qq_json_boolean(&j, "pending", is_pending);
  qq_json_bytes(&j, "address", q->address.s, q->address.len);
  qq_json_bytes(&j, "reason", q->reason.s, q->reason.len);
  qq_json_end(&j);
}

/* A key to count by: what the remote host said, or else the first line, without the recipient's
   address and without numbers of hosts and messages. */
static void append_reason(stralloc *out, qq_qsbmf const *q)
{
  qq_demand_memory(qq_reason_key(out, qq_piece_of(&q->reason), qq_piece_of(&q->address)));
}

/* The host that is to blame: the domain of the recipient. */
static void append_host(stralloc *out, qq_qsbmf const *q)
{
  qq_key_domain(out, qq_address_domain(q->address.s, q->address.len));
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static qq_tally by_reason, by_host;

static void count_key(qq_tally *t, stralloc *key, qq_qsbmf const *q,
  void (*append)(stralloc *, qq_qsbmf const *))
{
  qq_piece piece;
  key->len = 0;
  append(key, q);
  piece = qq_piece_of(key);
  pthread_mutex_lock(&mutex);
  qq_tally_add(t, &piece, 0, 0);
  pthread_mutex_unlock(&mutex);
}

void qq_reasons_count(stralloc *key, qq_qsbmf const *q)
{
  count_key(&by_reason, key, q, append_reason);
  count_key(&by_host, key, q, append_host);
}

typedef void append_count(stralloc *, char const *by, qq_count const *);

static void text_of_count(stralloc *out, char const *unused, qq_count const *c)
{
  (void)unused;
  qq_must_fmt(out, "%8llu  ", (unsigned long long)c->total);
  qq_demand_memory(qq_safe(out, c->key.s, c->key.n) && stralloc_append(out, '\n'));
}

static void json_of_count(stralloc *out, char const *by, qq_count const *c)
{
  qq_json j = qq_json_begin(out);
  qq_json_word(&j, "by", by);
  qq_json_bytes(&j, "key", c->key.s, c->key.n);
  qq_json_number(&j, "recipients", c->total);
  qq_json_end(&j);
}

static void append_tally(stralloc *out, qq_tally const *t, append_count *append, char const *by)
{
  genalloc list = GENALLOC_ZERO;        /* of qq_count const * */
  qq_count const *const *counts;
  size_t i;
  qq_tally_list(t, &list, qq_most_messages);
  counts = genalloc_s(qq_count const *, &list);
  for (i = 0; i < genalloc_len(qq_count const *, &list); i++) append(out, by, counts[i]);
  genalloc_free(qq_count const *, &list);
}

void qq_reasons_print(void)
{
  stralloc out = STRALLOC_ZERO;
  qq_must_fmt(&out, "%s\n", _("failed recipients by reason:"));
  append_tally(&out, &by_reason, text_of_count, 0);
  qq_must_fmt(&out, "%s\n", _("failed recipients by host:"));
  append_tally(&out, &by_host, text_of_count, 0);
  qq_output_batch(&out, 1);
  stralloc_free(&out);
}

void qq_reasons_print_json(void)
{
  stralloc out = STRALLOC_ZERO;
  append_tally(&out, &by_reason, json_of_count, "reason");
  append_tally(&out, &by_host, json_of_count, "host");
  qq_output_batch(&out, 1);
  stralloc_free(&out);
}
