#include <qq/text.h>

int qq_steers(uint32_t c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e
    || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)
    || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe
    || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xe0000 && c <= 0xe0fff);
}

static int escape_byte(stralloc *out, unsigned char c)
{
  return c == '\n' ? stralloc_catb(out, "\\n", 2)
    : c == '\t' ? stralloc_catb(out, "\\t", 2)
    : c == '\r' ? stralloc_catb(out, "\\r", 2)
    : qq_fmt(out, "\\x%02x", c);
}

/* Says whether one of the eight bytes at s, whichever, is none that shows: above 0x7e or below
   0x20. */
static int has_other(char const *s)
{
  uint64_t const u = qq_eight_at(s);
  return ((u | (u + QQ_EACH(1)) | (u - QQ_EACH(0x20))) & QQ_EACH(0x80)) != 0;
}

size_t qq_plain_length(char const *s, size_t n)
{
  size_t i = 0;
  while (n - i >= 8 && !has_other(s + i)) i += 8;
  if (n >= 8 && n - i < 8 && !has_other(s + n - 8)) return n;
  while (i < n && (unsigned char)(s[i] - 0x20) < 0x5f) i++;
  return i;
}

int qq_safe(stralloc *out, char const *s, size_t n)
{
  size_t start = 0, i = 0;
  if (!n) return 1;
  while ((i += qq_plain_length(s + i, n - i)) < n) {
    uint32_t c = (unsigned char)s[i];
    size_t const length = c < 0x80 ? 1 : qq_utf8_decode(s + i, n - i, &c);
    if (length && !qq_steers(c)) {
      i += length;
      continue;
    }
    if (!qq_append(out, s + start, i - start)) return 0;
    if (length < 2 ? !escape_byte(out, (unsigned char)s[i])
      : !qq_fmt(out, "\\u{%x}", (unsigned int)c)) return 0;
    i += length ? length : 1;
    start = i;
  }
  return qq_append(out, s + start, n - start);
}
