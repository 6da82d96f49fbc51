#include <skalibs/bytestr.h>
#include <string.h>
#include <qq/move.h>

int qq_readdress_scan(qq_readdress *r, char const *text)
{
  char const *const at = strchr(text, '@');
  char const *const sign = at ? strchr(at, '=') : 0;
  if (!sign || at == text || sign == at + 1 || !sign[1] || sign[1] == '@') return 0;
  r->from.s = text;
  r->from.n = (size_t)(sign - text);
  r->to.s = sign + 1;
  r->to.n = strlen(sign + 1);
  return r->to.n < QQ_ADDRESS_MAX && memchr(r->to.s, '@', r->to.n - 1) != 0;
}

/* Case counts in front of the last @ alone. */
static int is_same(qq_piece const *a, qq_piece const *b)
{
  size_t const at = byte_rchr(a->s, a->n, '@');
  return a->n == b->n && !memcmp(a->s, b->s, at)
    && !case_diffb(a->s + at, a->n - at, b->s + at);
}

/* The pair that makes such a recipient of another; of several, the first. */
static qq_readdress *find_to(qq_readdress *all, size_t n, qq_piece const *address)
{
  size_t i = 0;
  while (i < n && !is_same(&all[i].to, address)) i++;
  return i < n ? &all[i] : 0;
}

/* Adds the recipient, or what it is exchanged for. Returns 2 if it is; 1; or -1. */
static int add(stralloc *envelope, qq_readdress *all, size_t n, qq_piece address)
{
  qq_readdress *to;
  size_t i = 0;
  while (i < n && !is_same(&all[i].from, &address)) i++;
  if (i < n) address = all[i].to;
  to = find_to(all, n, &address);
  if (to && to->is_there) return i < n ? 2 : 1;
  if (to) to->is_there = 1;
  if (!stralloc_append(envelope, QQ_RECORD_RECIPIENT)
    || !qq_append(envelope, address.s, address.n) || !stralloc_0(envelope)) return -1;
  return i < n ? 2 : 1;
}

int qq_readdress_envelope(stralloc *envelope, qq_readdress *all, size_t n)
{
  stralloc made = STRALLOC_ZERO;
  qq_piece rest = qq_piece_of(envelope), record;
  int has = 0, r = qq_record_next(&rest, &record);
  size_t i;
  for (i = 0; i < n; i++) all[i].is_there = 0;
  if (r > 0) r = qq_append(&made, record.s, record.n + 1) ? 1 : -1;
  while (r > 0 && rest.n > 1 && qq_record_next(&rest, &record) == 1) {
    qq_piece const address = { record.s + 1, record.n - 1 };
    r = add(&made, all, n, address);
    has |= r == 2;
  }
  if (r > 0 && !stralloc_0(&made)) r = -1;
  if (r > 0) {
    stralloc_free(envelope);
    *envelope = made;
  }
  else stralloc_free(&made);
  return r > 0 ? has : -1;
}
