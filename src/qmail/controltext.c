#include <string.h>
#include <qq/home.h>

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
  *e = (qq_entries){ { s, 0 }, 0, { s, 0 }, { s, n } };
}

/* Takes the next one off the rest of the line. */
static int take_entry(qq_entries *e)
{
  char const *zero = e->rest.n ? memchr(e->rest.s, 0, e->rest.n) : 0;
  e->entry = e->rest;
  if (zero) e->entry.n = (size_t)(zero - e->entry.s);
  qq_piece_skip(&e->rest, e->entry.n);
  return 1;
}

int qq_entries_next(qq_entries *e)
{
  if (e->rest.n) {
    qq_piece_skip(&e->rest, 1);
    return take_entry(e);
  }
  while (qq_piece_line(&e->text, &e->rest)) {
    e->line++;
    e->rest.n = strip(e->rest.s, e->rest.n);
    if (e->rest.n && *e->rest.s && *e->rest.s != '#') return take_entry(e);
    e->rest.n = 0;
  }
  return 0;
}

int qq_entries_pieces(char const *s, size_t n, genalloc *pieces)
{
  qq_entries e;
  qq_entries_begin(&e, s, n);
  while (qq_entries_next(&e)) if (!genalloc_append(qq_piece, pieces, &e.entry)) return -1;
  return 1;
}
