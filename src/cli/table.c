#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/text.h>

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

/* Says whether a terminal shows each byte in a cell. */
static int is_plain(char const *s, size_t n)
{
  return qq_plain_length(s, n) == n;
}

static void put_plain(stralloc *sa, char const *s, size_t n, size_t width)
{
  qq_demand_memory(qq_room(sa, width));
  memcpy(sa->s + sa->len, s, n);
  memset(sa->s + sa->len + n, ' ', width - n);
  sa->len += width;
}

void qq_cell(stralloc *sa, char const *s, size_t n, size_t width)
{
  stralloc safe = STRALLOC_ZERO;
  size_t cells, length;
  int is_cut;
  if (n && n <= width && is_plain(s, n)) {
    put_plain(sa, s, n, width);
    return;
  }
  qq_demand_memory(qq_safe(&safe, s, n));
  length = prefix(safe.s, safe.len, width, &cells);
  is_cut = length < safe.len && width;
  if (is_cut) length = prefix(safe.s, safe.len, width - 1, &cells);
  qq_demand_memory(qq_append(sa, safe.s, length));
  if (is_cut) qq_demand_memory(stralloc_cats(sa, "\xe2\x80\xa6"));
  pad(sa, width - cells - (size_t)is_cut);
  stralloc_free(&safe);
}

void qq_label(stralloc *sa, char const *s, size_t width)
{
  size_t const n = strlen(s), cells = qq_cells(s, n);
  qq_demand_memory(qq_append(sa, s, n));
  pad(sa, cells < width ? width - cells : 1);
}

size_t qq_widest(size_t least, char const *const *titles, size_t n)
{
  size_t i, cells;
  for (i = 0; i < n; i++)
    if ((cells = qq_cells(qq_said(titles[i]), strlen(qq_said(titles[i])))) > least) least = cells;
  return least;
}

void qq_widths(size_t *width, size_t const *least, char const *const *titles, size_t n)
{
  size_t i;
  for (i = 0; i < n; i++) width[i] = least[i] ? qq_widest(least[i], &titles[i], 1) : 0;
}

void qq_cell_right(stralloc *sa, char const *s, size_t n, size_t width)
{
  stralloc safe = STRALLOC_ZERO;
  size_t cells;
  if (n <= width && is_plain(s, n)) {
    pad(sa, width - n);
    qq_demand_memory(qq_append(sa, s, n));
    return;
  }
  qq_demand_memory(qq_safe(&safe, s, n));
  cells = qq_cells(safe.s, safe.len);
  if (cells > width) cells = width;
  pad(sa, width - cells);
  qq_cell(sa, s, n, cells);
  stralloc_free(&safe);
}

void qq_titles(stralloc *sa, size_t *width, size_t const *least, char const *const *titles,
  size_t n, size_t right)
{
  size_t i;
  qq_widths(width, least, titles, n);
  for (i = 0; i < n; i++) {
    char const *const title = qq_said(titles[i]);
    (i < right ? qq_cell_right : qq_cell)(sa, title, strlen(title), width[i]);
    qq_must_fmt(sa, " ");
  }
}

/* The length of the longest end of s that takes at most limit cells. */
static size_t end(char const *s, size_t n, size_t limit)
{
  size_t cells = qq_cells(s, n), w;
  while (cells > limit) {
    size_t const length = first(s, n, &w);
    cells -= w;
    s += length;
    n -= length;
  }
  return n;
}

/* The length of the ` +N` behind an address. */
static size_t more_length(char const *s, size_t n)
{
  size_t digits = 0;
  while (digits < n && s[n - digits - 1] >= '0' && s[n - digits - 1] <= '9') digits++;
  return digits && n - digits > 2 && !memcmp(s + n - digits - 2, " +", 2) ? digits + 2 : 0;
}

/* The length of the domain, from its @ on; 0: there is none. */
static size_t domain_length(char const *s, size_t n)
{
  size_t at = n;
  while (at && s[at - 1] != '@') at--;
  return at ? n - at + 1 : 0;
}

size_t qq_cells_of_domain(char const *s, size_t n)
{
  size_t const domain = domain_length(s, n), all = qq_cells(s, n);
  size_t const cells = domain ? qq_cells(s + n - domain, domain) + 2 : all;
  return cells < all ? cells : all;
}

/* An address that is too long, in at most limit cells. */
static void append_cut(stralloc *sa, char const *s, size_t n, size_t limit)
{
  size_t behind = domain_length(s, n), before = 0;
  size_t cells = qq_cells(s + n - behind, behind);
  if (behind && cells + 1 < limit) before = prefix(s, n - behind, limit - cells - 1, &cells);
  else behind = end(s, n, limit ? limit - 1 : 0);
  qq_demand_memory(qq_append(sa, s, before) && (!limit || stralloc_cats(sa, "\xe2\x80\xa6"))
    && qq_append(sa, s + n - behind, behind));
}

void qq_cell_address(stralloc *sa, char const *s, size_t n, size_t width)
{
  size_t const more = more_length(s, n);
  stralloc text = STRALLOC_ZERO;
  if (qq_cells(s, n) > width) append_cut(&text, s, n - more, width > more ? width - more : 0);
  else qq_demand_memory(qq_append(&text, s, n - more));
  qq_demand_memory(qq_append(&text, s + n - more, more));
  qq_cell(sa, text.s, text.len, width);
  stralloc_free(&text);
}

void qq_tsv(stralloc *sa, char const *s, size_t n)
{
  static char const special[] = "\t\n\r\\", letters[] = "tnr\\";
  size_t i, start = 0;
  if (qq_output_is_terminal()) {
    qq_demand_memory(qq_safe(sa, s, n));
    return;
  }
  for (i = 0; i < n; i++) {
    char const *at = s[i] ? (unsigned char)s[i] < 14 || s[i] == '\\' ? strchr(special, s[i]) : 0
      : special + sizeof special - 1;
    char two[2] = { '\\', '0' };
    if (!at) continue;
    if (s[i]) two[1] = letters[at - special];
    qq_demand_memory(qq_append(sa, s + start, i - start) && qq_append(sa, two, 2));
    start = i + 1;
  }
  qq_demand_memory(qq_append(sa, s + start, n - start));
}

size_t qq_columns(void)
{
  char const *said = getenv("COLUMNS");
  size_t const terminal = qq_os_columns(1);
  uint64_t n;
  if (terminal) return terminal;
  return said && qq_number_scan(said, strlen(said), &n) && n < 10000 ? (size_t)n : 0;
}
