#include <pthread.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/reason.h>
#include "show.h"
#include "stat.h"

void qq_reason_line(stralloc *out, qq_qsbmf const *q)
{
  qq_piece text = { q->reason.s, q->reason.len }, line;
  while (qq_piece_line(&text, &line))
    qq_demand_memory(qq_safe(out, line.s, line.n)
      && (line.s + line.n == q->reason.s + q->reason.len || stralloc_append(out, '/')));
}

void qq_reason_of(stralloc *out, qq_qsbmf const *q)
{
  qq_demand_memory(qq_reason_key(out, qq_piece_of(&q->reason), qq_piece_of(&q->address)));
}

void qq_reason_host(stralloc *out, qq_qsbmf const *q)
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
  count_key(&by_reason, key, q, qq_reason_of);
  count_key(&by_host, key, q, qq_reason_host);
}

static void print_tally(char const *title, qq_tally const *t)
{
  stralloc out = STRALLOC_ZERO;
  genalloc list = GENALLOC_ZERO;        /* of qq_count const * */
  qq_count const *const *counts;
  size_t i;
  qq_tally_list(t, &list, qq_most_messages);
  counts = genalloc_s(qq_count const *, &list);
  qq_must_fmt(&out, "%s\n", title);
  for (i = 0; i < genalloc_len(qq_count const *, &list); i++) {
    qq_must_fmt(&out, "%8llu  ", (unsigned long long)counts[i]->total);
    qq_demand_memory(qq_safe(&out, counts[i]->key.s, counts[i]->key.n)
      && stralloc_append(&out, '\n'));
  }
  qq_output_batch(&out, 1);
  genalloc_free(qq_count const *, &list);
  stralloc_free(&out);
}

void qq_reasons_print(void)
{
  print_tally(_("failed recipients by reason:"), &by_reason);
  print_tally(_("failed recipients by host:"), &by_host);
}
