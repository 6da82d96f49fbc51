#include <errno.h>
#include <stdlib.h>
#include <skalibs/bytestr.h>
#include <qq/pattern.h>
#include <qq/text.h>

/* From this many substrings on they are looked up by their first two bytes. */
#define MANY 4

static int is_expression(qq_patterns const *p)
{
  return p->kind >= QQ_PATTERN_GLOB;
}

size_t qq_patterns_count(qq_patterns const *p)
{
  return genalloc_len(qq_piece, &p->list);
}

static int append_plain(qq_patterns *p, char const *s, size_t n)
{
  return p->exact ? qq_append(&p->text, s, n) : qq_fold(&p->text, s, n);
}

static int append_shown(qq_patterns *p, char const *s, size_t n)
{
  stralloc line = STRALLOC_ZERO;
  int const good = qq_utf8_shown(&line, s, n) && append_plain(p, line.s, line.len);
  stralloc_free(&line);
  return good;
}

static int add(qq_patterns *p, char const *s, size_t n, stralloc *why)
{
  size_t const start = p->text.len;
  qq_piece pattern = { 0, 0 };
  if (is_expression(p)) {
    if (n && qq_expression_add(&p->text, p->kind, s, n, why) < 0) return -1;
  }
  else if (p->is_shown ? !append_shown(p, s, n) : !append_plain(p, s, n)) return -1;
  pattern.n = p->text.len - start;
  if (!pattern.n) return qq_refuse(why, EINVAL, "%s", _("empty pattern"));
  return genalloc_append(qq_piece, &p->list, &pattern) ? 1 : -1;
}

int qq_patterns_add(qq_patterns *p, char const *s, size_t n, stralloc *why)
{
  stralloc spelled = STRALLOC_ZERO;
  int r = add(p, s, n, why);
  if (r < 0 || !p->idn || !qq_idn_is_in(s, n)) return r;
  r = qq_idn_spell(&spelled, s, n) ? add(p, spelled.s, spelled.len, why) : -1;
  stralloc_free(&spelled);
  return r;
}

/* The text does not move any more: says where in it each pattern is. */
static void locate(qq_patterns *p)
{
  qq_piece *list = genalloc_s(qq_piece, &p->list);
  char const *s = p->text.s;
  size_t const n = qq_patterns_count(p);
  size_t i;
  for (i = 0; i < n; s += list[i++].n) list[i].s = s;
}

/* Sorts, and drops what another pattern makes superfluous: duplicates; among substrings those that
   begin with another. */
static void sort(qq_patterns *p)
{
  qq_piece *list = genalloc_s(qq_piece, &p->list);
  size_t const n = qq_patterns_count(p);
  size_t i, kept = 1;
  qq_pieces_sort(&p->list, qq_piece_compare);
  for (i = 1; i < n; i++) {
    qq_piece const *last = &list[kept - 1];
    if ((p->kind == QQ_PATTERN_SUBSTRING ? list[i].n >= last->n : list[i].n == last->n)
      && !memcmp(list[i].s, last->s, last->n)) continue;
    list[kept++] = list[i];
  }
  genalloc_setlen(qq_piece, &p->list, kept);
}

static unsigned int pair(unsigned char first, unsigned char second)
{
  return (unsigned int)first << 8 | second;
}

/* from[k] is the first pattern whose first two bytes are k or more; one-byte patterns stand in
   single as well. */
static int index_pairs(qq_patterns *p)
{
  qq_piece const *list = genalloc_s(qq_piece, &p->list);
  size_t const n = qq_patterns_count(p);
  size_t i;
  unsigned int k = 0;
  p->from = malloc(65537 * sizeof *p->from);
  if (!p->from) return -1;
  for (i = 0; i < n; i++) {
    unsigned char const *s = (unsigned char const *)list[i].s;
    unsigned int const begins = pair(*s, list[i].n > 1 ? s[1] : 0);
    while (k <= begins) p->from[k++] = (uint32_t)i;
    if (list[i].n == 1) p->single[*s] = 1;
  }
  while (k <= 65536) p->from[k++] = (uint32_t)n;
  return 1;
}

int qq_patterns_ready(qq_patterns *p)
{
  locate(p);
  if (!qq_patterns_count(p) || is_expression(p)) return 1;
  sort(p);
  return p->kind == QQ_PATTERN_SUBSTRING && qq_patterns_count(p) >= MANY ? index_pairs(p) : 1;
}

/* No pattern begins with another, so if one of list[low .. high) stands at s it is the greatest
   that is not greater than s. */
static int begins_with_one(qq_piece const *list, size_t low, size_t high, char const *s, size_t n)
{
  size_t const first = low;
  qq_piece const text = { s, n };
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (qq_piece_compare(&list[middle], &text) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > first && list[low - 1].n <= n && !memcmp(list[low - 1].s, s, list[low - 1].n);
}

static int stands_at(qq_patterns const *p, char const *s, size_t n)
{
  uint32_t const *from;
  if (p->single[(unsigned char)*s]) return 1;
  if (n < 2) return 0;
  from = p->from + pair((unsigned char)s[0], (unsigned char)s[1]);
  return from[0] < from[1]
    && begins_with_one(genalloc_s(qq_piece, &p->list), from[0], from[1], s, n);
}

static int contains_one(qq_patterns const *p, char const *s, size_t n)
{
  qq_piece const *one = genalloc_s(qq_piece, &p->list), *end = one + qq_patterns_count(p);
  size_t i;
  if (p->from) {
    for (i = 0; i < n; i++) if (stands_at(p, s + i, n - i)) return 1;
    return 0;
  }
  for (; one != end; one++) if (byte_search(s, n, one->s, one->n) + one->n <= n) return 1;
  return 0;
}

static int match(qq_matcher *m, char const *s, size_t n)
{
  qq_patterns const *p = m->patterns;
  qq_piece text = { s, n };
  if (is_expression(p)) return qq_expression_match(m, s, n);
  if (!p->exact) {
    m->folded.len = 0;
    if (!qq_fold(&m->folded, s, n)) return -1;
    text = qq_piece_of(&m->folded);
  }
  return p->kind == QQ_PATTERN_SUBSTRING ? contains_one(p, text.s, text.n)
    : qq_pieces_have(&p->list, &text, qq_piece_compare);
}

int qq_match(qq_matcher *m, char const *s, size_t n)
{
  int const r = match(m, s, n);
  if (r || !m->patterns->idn || !qq_idn_is_in(s, n)) return r;
  m->spelled.len = 0;
  return qq_idn_spell(&m->spelled, s, n) ? match(m, m->spelled.s, m->spelled.len) : -1;
}
