#include <ctype.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
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

/* The line that tells most. */
static qq_piece best_line(qq_qsbmf const *q)
{
  static char const said[] = "Remote host said: ";
  size_t const length = sizeof said - 1;
  size_t const at = byte_search(q->reason.s, q->reason.len, said, length);
  qq_piece text = { q->reason.s, q->reason.len }, line = { "", 0 };
  if (at + length <= text.n) {
    text.s += at + length;
    text.n -= at + length;
  }
  qq_piece_line(&text, &line);
  return line;
}

static int is_digit(char c)
{
  return isdigit((unsigned char)c);
}

/* Length of hexadecimal digits with two colons or more among them at s, or 0. */
static size_t ipv6_length(char const *s, size_t n)
{
  size_t i = 0, colons = 0;
  while (i < n && (s[i] == ':' || isxdigit((unsigned char)s[i]))) colons += s[i++] == ':';
  return colons >= 2 ? i : 0;
}

/* Length of a number of one place at s if it is an address or an id, not a reply code: with three
   dots in it, or of over five digits. */
static size_t number_length(char const *s, size_t n)
{
  size_t i = 0, dots = 0;
  size_t const six = ipv6_length(s, n);
  if (six) return six;
  while (i < n && (is_digit(s[i]) || (s[i] == '.' && i + 1 < n && is_digit(s[i + 1]))))
    dots += s[i++] == '.';
  return dots >= 3 || (!dots && i > 5) ? i : 0;
}

static int is_address(qq_qsbmf const *q, char const *s, size_t n)
{
  size_t const length = q->address.len;
  return length && n >= length && case_equalb(s, length, q->address.s);
}

void qq_reason_key(stralloc *out, qq_qsbmf const *q)
{
  qq_piece const line = best_line(q);
  char const *s = line.s, *const end = s + line.n;
  while (s < end) {
    size_t const n = (size_t)(end - s);
    size_t const digits = s == line.s || !is_digit(s[-1]) ? number_length(s, n) : 0;
    int const address = !digits && is_address(q, s, n);
    qq_demand_memory(digits ? stralloc_append(out, '#')
      : address ? stralloc_cats(out, "ADDRESS") : stralloc_append(out, *s));
    s += digits ? digits : address ? q->address.len : 1;
  }
}

void qq_reason_host(stralloc *out, qq_qsbmf const *q)
{
  qq_key_domain(out, qq_address_domain(q->address.s, q->address.len));
}
