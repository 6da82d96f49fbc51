#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/pattern.h>
#include <qq/text.h>
#include <qq/utf8.h>

/* From this many substrings on they are looked up by their first two bytes. */
#define MANY 4

static int is_expression(qq_patterns const *p)
{
  return p->kind >= QQ_PATTERN_GLOB;
}

size_t qq_patterns_count(qq_patterns const *p)
{
  return genalloc_len(qq_pattern, &p->list);
}

int qq_patterns_add(qq_patterns *p, char const *s, size_t n, stralloc *why)
{
  qq_pattern pattern = { p->text.len, 0 };
  if (!n) {
    qq_say(why, "%s", _("empty pattern"));
    errno = EINVAL;
    return -1;
  }
  if (is_expression(p)) {
    if (qq_expression_add(&p->text, p->kind, s, n, why) < 0) return -1;
  }
  else if (p->exact ? !stralloc_catb(&p->text, s, n) : !qq_fold(&p->text, s, n)) return -1;
  pattern.length = p->text.len - pattern.start;
  return genalloc_append(qq_pattern, &p->list, &pattern) ? 1 : -1;
}

/* qsort(3) hands its comparison no context, so the patterns are sorted as pointers. */
typedef struct span { char const *s; size_t n; } span;

static int compare_bytes(char const *a, size_t n, char const *b, size_t m)
{
  size_t const both = n < m ? n : m;
  int const r = both ? memcmp(a, b, both) : 0;  /* an empty text may be a null pointer */
  return r ? r : n < m ? -1 : n > m;
}

static int compare(void const *a, void const *b)
{
  span const *x = a, *y = b;
  return compare_bytes(x->s, x->n, y->s, y->n);
}

/* Sorts, and drops what another pattern makes superfluous: duplicates; among substrings those that
   begin with another. */
static int sort(qq_patterns *p)
{
  qq_pattern *list = genalloc_s(qq_pattern, &p->list);
  size_t const n = qq_patterns_count(p);
  span *spans = malloc(n * sizeof *spans);
  size_t i, kept = 0;
  if (!spans) return -1;
  for (i = 0; i < n; i++) {
    spans[i].s = p->text.s + list[i].start;
    spans[i].n = list[i].length;
  }
  qsort(spans, n, sizeof *spans, compare);
  for (i = 0; i < n; i++) {
    qq_pattern const *last = kept ? &list[kept - 1] : 0;
    if (last && spans[i].n >= last->length && (p->kind == QQ_PATTERN_SUBSTRING || spans[i].n == last->length)
      && !memcmp(spans[i].s, p->text.s + last->start, last->length)) continue;
    list[kept].start = (size_t)(spans[i].s - p->text.s);
    list[kept++].length = spans[i].n;
  }
  genalloc_setlen(qq_pattern, &p->list, kept);
  free(spans);
  return 1;
}

static unsigned int pair(char const *s)
{
  return (unsigned int)(unsigned char)s[0] << 8 | (unsigned char)s[1];
}

/* from[k] is the first pattern whose first two bytes are k or more; one-byte patterns stand in
   single as well. */
static int index_pairs(qq_patterns *p)
{
  qq_pattern const *list = genalloc_s(qq_pattern, &p->list);
  size_t const n = qq_patterns_count(p);
  size_t i = 0;
  unsigned int k;
  p->from = malloc(65537 * sizeof *p->from);
  if (!p->from) return -1;
  for (k = 0; k <= 65536; k++) {
    while (i < n) {
      char const *s = p->text.s + list[i].start;
      if (list[i].length > 1 ? pair(s) >= k : ((unsigned int)(unsigned char)*s << 8) >= k) break;
      i++;
    }
    p->from[k] = (uint32_t)i;
  }
  for (i = 0; i < n; i++)
    if (list[i].length == 1) p->single[(unsigned char)p->text.s[list[i].start]] = 1;
  return 1;
}

int qq_patterns_ready(qq_patterns *p)
{
  if (!qq_patterns_count(p) || is_expression(p)) return 1;
  if (sort(p) < 0) return -1;
  return p->kind == QQ_PATTERN_SUBSTRING && qq_patterns_count(p) >= MANY ? index_pairs(p) : 1;
}

void qq_patterns_free(qq_patterns *p)
{
  stralloc_free(&p->text);
  genalloc_free(qq_pattern, &p->list);
  free(p->from);
  p->from = 0;
}

/* How many of the sorted patterns of [low, high) are not greater than s. */
static size_t not_greater(qq_patterns const *p, size_t low, size_t high, char const *s, size_t n)
{
  qq_pattern const *list = genalloc_s(qq_pattern, &p->list);
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (compare_bytes(p->text.s + list[middle].start, list[middle].length, s, n) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* No pattern begins with another, so if one stands at s it is the greatest that is not greater than
   s. */
static int stands_at(qq_patterns const *p, char const *s, size_t n)
{
  qq_pattern const *list = genalloc_s(qq_pattern, &p->list);
  size_t low, i;
  if (p->single[(unsigned char)*s]) return 1;
  if (n < 2) return 0;
  low = p->from[pair(s)];
  if (low == p->from[pair(s) + 1]) return 0;
  i = not_greater(p, low, p->from[pair(s) + 1], s, n);
  return i > low && list[i - 1].length <= n && !memcmp(p->text.s + list[i - 1].start, s, list[i - 1].length);
}

static int contains_one(qq_patterns const *p, char const *s, size_t n)
{
  qq_pattern const *list = genalloc_s(qq_pattern, &p->list);
  size_t const count = qq_patterns_count(p);
  size_t i;
  if (p->from) {
    for (i = 0; i < n; i++)
      if (stands_at(p, s + i, n - i)) return 1;
    return 0;
  }
  for (i = 0; i < count; i++)
    if (byte_search(s, n, p->text.s + list[i].start, list[i].length) + list[i].length <= n) return 1;
  return 0;
}

static int is_one(qq_patterns const *p, char const *s, size_t n)
{
  qq_pattern const *list = genalloc_s(qq_pattern, &p->list);
  size_t const i = not_greater(p, 0, qq_patterns_count(p), s, n);
  return i && list[i - 1].length == n && !memcmp(p->text.s + list[i - 1].start, s, n);
}

int qq_match(qq_matcher *m, char const *s, size_t n)
{
  qq_patterns const *p = m->patterns;
  if (is_expression(p)) return qq_expression_match(m, s, n);
  if (!p->exact) {
    m->folded.len = 0;
    if (!qq_fold(&m->folded, s, n)) return -1;
    s = m->folded.s;
    n = m->folded.len;
  }
  return p->kind == QQ_PATTERN_SUBSTRING ? contains_one(p, s, n) : is_one(p, s, n);
}
