#include <qq/diagnostic.h>
#include <qq/reason.h>
#include "show.h"
#include "stat.h"

#define PIECE 65536

int qq_reasons_read(qq_reasons *reasons, qq_message *m, qq_reason_action *action, void *data)
{
  char buf[PIECE];
  uint64_t offset;
  size_t got = 1;
  int end = 0, r = qq_message_body(m, &reasons->header, &offset);
  if (r != 1) return r;
  qq_qsbmf_start_message(&reasons->qsbmf);
  while (got && end != 2) {
    char const *s = buf;
    size_t n;
    r = qq_message_read(m, offset, buf, sizeof buf, &got);
    if (r != 1) return r;
    n = got;
    while ((end = qq_qsbmf_feed(&reasons->qsbmf, &s, &n)) == 1) action(data, m, &reasons->qsbmf);
    qq_demand_memory(end >= 0);
    offset += got;
  }
  return 1;
}

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
