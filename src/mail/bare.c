#include <string.h>
#include <qq/header.h>
#include <qq/text.h>

#define ESCAPE 0x1b

static int is_ascii(char const *s, size_t n)
{
  while (n && (unsigned char)s[n - 1] < 0x80) n--;
  return !n;
}

int qq_is_bare(char const *s, size_t n)
{
  return n && (!qq_utf8_valid(s, n) || (memchr(s, ESCAPE, n) && is_ascii(s, n)));
}

static int is_utf8_set(qq_piece set)
{
  char name[QQ_CHARSET_NAME_MAX + 1];
  qq_charset_alias const *const alias =
    qq_charset_name(name, set.s, set.n) ? qq_charset_alias_of(name) : 0;
  return alias && !strcmp(alias->best, "utf-8");
}

/* Converts from the set, with a letter in front that shows whether it has ASCII: UTF-16 has not.
   Returns 1; 0 with nothing appended; -1 with errno. */
static int by_set(qq_charsets *cs, stralloc *out, char const *s, size_t n, qq_piece set)
{
  size_t const at = out->len;
  stralloc *const text = qq_charsets_scratch(cs);
  int r;
  if (!qq_append(text, "a", 1) || !qq_append(text, s, n)) return -1;
  r = qq_charset_convert(cs, out, set.s, set.n, text->s, text->len);
  if (r != 1) return r;
  if (out->s[at] != 'a') {
    out->len = at;
    return 0;
  }
  memmove(out->s + at, out->s + at + 1, --out->len - at);
  return 1;
}

/* Says whether more of it are characters than bytes that are none: then it was cut, or something
   was put in. */
static int is_mostly_utf8(char const *s, size_t n)
{
  size_t good = 0, bad = 0;
  while (n) {
    uint32_t c;
    size_t const length = qq_utf8_decode(s, n, &c);
    good += length > 1;
    bad += !length;
    s += length ? length : 1;
    n -= length ? length : 1;
  }
  return good > bad;
}

int qq_bare_decode(qq_charsets *cs, stralloc *out, char const *s, size_t n, qq_piece set)
{
  int r = 0;
  if (set.n && !is_utf8_set(set)) r = by_set(cs, out, s, n, set);
  if (r) return r;
  if (!is_mostly_utf8(s, n) && !qq_utf8_valid(s, n))
    r = qq_charset_convert(cs, out, "windows-1252", 12, s, n);
  if (r) return r;
  return qq_utf8_repair(out, s, n) ? 1 : -1;
}
