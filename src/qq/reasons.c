#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/utf8.h>
#include "reasons.h"

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
    if (end < 0) qq_die_memory();
    offset += got;
  }
  return 1;
}

void qq_reason_line(stralloc *out, qq_qsbmf const *q)
{
  char const *s = q->reason.s;
  size_t n = q->reason.len;
  while (n) {
    size_t const length = byte_chr(s, n, '\n');
    if (!qq_safe(out, s, length)) qq_die_memory();
    if (length == n) break;
    if (!stralloc_append(out, '/')) qq_die_memory();
    s += length + 1;
    n -= length + 1;
  }
}

/* The line that tells most. */
static void best_line(qq_qsbmf const *q, char const **s, size_t *n)
{
  static char const said[] = "Remote host said: ";
  size_t const at = byte_search(q->reason.s, q->reason.len, said, sizeof said - 1);
  *s = q->reason.s;
  *n = q->reason.len;
  if (at + sizeof said - 1 <= q->reason.len) {
    *s += at + sizeof said - 1;
    *n -= at + sizeof said - 1;
  }
  *n = byte_chr(*s, *n, '\n');
}

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Length of hexadecimal digits with two colons or more among them at s, or 0. */
static size_t ipv6(char const *s, size_t n)
{
  size_t i = 0, colons = 0;
  while (i < n && (s[i] == ':' || is_digit(s[i]) || ((s[i] | 32) >= 'a' && (s[i] | 32) <= 'f'))) colons += s[i++] == ':';
  return colons >= 2 ? i : 0;
}

/* Length of a number of one place at s if it is an address or an id, not a reply code: with three
   dots in it, or of over five digits. */
static size_t number(char const *s, size_t n)
{
  size_t i = 0, dots = 0;
  size_t const six = ipv6(s, n);
  if (six) return six;
  while (i < n && (is_digit(s[i]) || (s[i] == '.' && i + 1 < n && is_digit(s[i + 1])))) dots += s[i++] == '.';
  return dots >= 3 || (!dots && i > 5) ? i : 0;
}

void qq_reason_key(stralloc *out, qq_qsbmf const *q)
{
  char const *s;
  size_t n, i = 0;
  best_line(q, &s, &n);
  while (i < n) {
    size_t const digits = (!i || !is_digit(s[i - 1])) ? number(s + i, n - i) : 0;
    if (digits) {
      if (!stralloc_append(out, '#')) qq_die_memory();
      i += digits;
    }
    else if (q->address.len && n - i >= q->address.len && case_equalb(s + i, q->address.len, q->address.s)) {
      if (!stralloc_cats(out, "ADDRESS")) qq_die_memory();
      i += q->address.len;
    }
    else {
      if (!stralloc_append(out, s[i])) qq_die_memory();
      i++;
    }
  }
}

void qq_reason_host(stralloc *out, qq_qsbmf const *q)
{
  size_t at = q->address.len;
  while (at && q->address.s[at - 1] != '@') at--;
  if (!(at ? qq_fold(out, q->address.s + at, q->address.len - at) : stralloc_append(out, '-'))) qq_die_memory();
}
