#include <string.h>
#include <qq/controltext.h>

static size_t line_end(char const *s, size_t n)
{
  char const *end = n ? memchr(s, '\n', n) : 0;
  return end ? (size_t)(end - s) : n;
}

static size_t strip(char const *s, size_t n)
{
  while (n && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\n')) n--;
  return n;
}

size_t qq_controltext_line(char const *s, size_t n)
{
  return strip(s, line_end(s, n));
}

int qq_controltext_integer(char const *s, size_t n, int32_t *value)
{
  size_t const length = qq_controltext_line(s, n);
  uint32_t u = 0;
  size_t i;
  for (i = 0; i < length && s[i] >= '0' && s[i] <= '9'; i++) u = u * 10 + (uint32_t)(s[i] - '0');
  *value = u > INT32_MAX ? -(int32_t)(UINT32_MAX - u) - 1 : (int32_t)u;
  return i > 0;
}

void qq_entries_begin(qq_entries *e, char const *s, size_t n)
{
  e->s = s;
  e->n = n;
  e->at = e->end = e->start = e->length = e->line = 0;
}

/* The piece of the line behind a NUL. */
static int next_piece(qq_entries *e)
{
  char const *zero;
  if (e->start + e->length >= e->end) return 0;
  e->start += e->length + 1;
  zero = memchr(e->s + e->start, 0, e->end - e->start);
  e->length = zero ? (size_t)(zero - e->s) - e->start : e->end - e->start;
  return 1;
}

int qq_entries_next(qq_entries *e)
{
  if (next_piece(e)) return 1;
  while (e->at < e->n) {
    char const *s = e->s + e->at, *zero;
    size_t const length = line_end(s, e->n - e->at), kept = strip(s, length);
    e->start = e->at;
    e->end = e->start + kept;
    e->at += length + 1;
    e->line++;
    e->length = kept;
    if (!kept || !*s || *s == '#') continue;
    zero = memchr(s, 0, kept);
    if (zero) e->length = (size_t)(zero - s);
    return 1;
  }
  return 0;
}

int qq_entries_pieces(char const *s, size_t n, genalloc *pieces)
{
  qq_entries e;
  qq_entries_begin(&e, s, n);
  while (qq_entries_next(&e)) {
    qq_piece p;
    p.s = s + e.start;
    p.n = e.length;
    if (!genalloc_append(qq_piece, pieces, &p)) return -1;
  }
  return 1;
}
