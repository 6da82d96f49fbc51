#include <string.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include "alarm.h"

int qq_range_scan(qq_range *r, char const *s, size_t n,
  int (*read)(char const *s, size_t n, uint64_t *))
{
  char const *colon;
  qq_range const all = { 1, 0, 0, UINT64_MAX };
  *r = all;
  if (n && *s == '@') {
    r->is_inside = 1;
    s++;
    n--;
  }
  colon = memchr(s, ':', n);
  if (!n) return 0;
  if (colon) {
    size_t const length = (size_t)(colon - s);
    int const is_unbounded = length == 1 && *s == '~';
    if (length && !is_unbounded && !read(s, length, &r->start)) return 0;
    s += length + 1;
    n -= length + 1;
  }
  if (n && !read(s, n, &r->end)) return 0;
  return r->start <= r->end;
}

int qq_range_alarms(qq_range const *r, uint64_t n)
{
  int const is_within = n >= r->start && n <= r->end;
  return r->is_given && is_within == r->is_inside;
}

void qq_range_put(stralloc *out, qq_range const *r)
{
  if (!r->is_given) return;
  if (r->is_inside) qq_must_fmt(out, "@");
  if (r->start || r->end == UINT64_MAX) qq_must_fmt(out, "%llu:", (unsigned long long)r->start);
  if (r->end != UINT64_MAX) qq_must_fmt(out, "%llu", (unsigned long long)r->end);
}
