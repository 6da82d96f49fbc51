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

static int pad(stralloc *sa, size_t n)
{
  if (!stralloc_readyplus(sa, n)) return 0;
  memset(sa->s + sa->len, ' ', n);
  sa->len += n;
  return 1;
}

void qq_cell(stralloc *sa, char const *s, size_t n, size_t width)
{
  stralloc safe = STRALLOC_ZERO;
  size_t cells, length;
  int good = qq_safe(&safe, s, n);
  length = prefix(safe.s, safe.len, width, &cells);
  if (good && length < safe.len && width) {
    length = prefix(safe.s, safe.len, width - 1, &cells);
    good = stralloc_catb(sa, safe.s, length) && stralloc_cats(sa, "\xe2\x80\xa6");
    cells++;
  }
  else good = good && stralloc_catb(sa, safe.s, length);
  if (!good || !pad(sa, width - cells)) qq_die_memory();
  stralloc_free(&safe);
}

void qq_cell_right(stralloc *sa, char const *s, size_t n, size_t width)
{
  stralloc safe = STRALLOC_ZERO;
  size_t cells;
  if (!qq_safe(&safe, s, n)) qq_die_memory();
  cells = qq_cells(safe.s, safe.len);
  if (!pad(sa, cells < width ? width - cells : 0)) qq_die_memory();
  qq_cell(sa, s, n, cells < width ? cells : width);
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
