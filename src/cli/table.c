#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/utf8.h>

/* The length of the character at s, or of the byte that is none; *cells says how many it takes. */
static size_t first(char const *s, size_t n, size_t *cells)
{
  uint32_t c;
  size_t const length = (unsigned char)*s < 0x80 ? 0 : qq_utf8_decode(s, n, &c);
  *cells = length ? qq_utf8_cells(c) : 1;
  return length ? length : 1;
}

/* The length of the longest prefix of s that takes at most limit cells; *cells says how many. */
static size_t prefix(char const *s, size_t n, size_t limit, size_t *cells)
{
  size_t i = 0;
  *cells = 0;
  while (i < n) {
    size_t w;
    size_t const length = first(s + i, n - i, &w);
    if (*cells + w > limit) break;
    *cells += w;
    i += length;
  }
  return i;
}

size_t qq_cells(char const *s, size_t n)
{
  size_t cells;
  prefix(s, n, SIZE_MAX, &cells);
  return cells;
}

static void pad(stralloc *sa, size_t n)
{
  qq_demand_memory(qq_room(sa, n));
  memset(sa->s + sa->len, ' ', n);
  sa->len += n;
}

void qq_cell(stralloc *sa, char const *s, size_t n, size_t width)
{
  stralloc safe = STRALLOC_ZERO;
  size_t cells, length;
  int is_cut;
  qq_demand_memory(qq_safe(&safe, s, n));
  length = prefix(safe.s, safe.len, width, &cells);
  is_cut = length < safe.len && width;
  if (is_cut) length = prefix(safe.s, safe.len, width - 1, &cells);
  qq_demand_memory(qq_append(sa, safe.s, length));
  if (is_cut) qq_demand_memory(stralloc_cats(sa, "\xe2\x80\xa6"));
  pad(sa, width - cells - (size_t)is_cut);
  stralloc_free(&safe);
}

void qq_cell_right(stralloc *sa, char const *s, size_t n, size_t width)
{
  stralloc safe = STRALLOC_ZERO;
  size_t cells;
  qq_demand_memory(qq_safe(&safe, s, n));
  cells = qq_cells(safe.s, safe.len);
  if (cells > width) cells = width;
  pad(sa, width - cells);
  qq_cell(sa, s, n, cells);
  stralloc_free(&safe);
}

size_t qq_columns(void)
{
  char const *said = getenv("COLUMNS");
  size_t const terminal = qq_os_columns(1);
  uint64_t n;
  if (terminal) return terminal;
  return said && qq_number_scan(said, strlen(said), &n) && n < 10000 ? (size_t)n : 0;
}
