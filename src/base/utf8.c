#include <string.h>
#include <qq/utf8.h>

size_t qq_utf8_decode(char const *s, size_t n, uint32_t *c)
{
  static uint32_t const least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
  unsigned char const b = (unsigned char)*s;
  size_t length, i;
  uint32_t u;
  if (b < 0x80) { *c = b; return 1; }
  if (b < 0xc2 || b > 0xf4) return 0;
  length = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  if (n < length) return 0;
  u = b & (0x7fu >> length);
  for (i = 1; i < length; i++) {
    if (((unsigned char)s[i] & 0xc0) != 0x80) return 0;
    u = u << 6 | ((unsigned char)s[i] & 0x3f);
  }
  if (u < least[length] || u > 0x10ffff || (u >= 0xd800 && u < 0xe000)) return 0;
  *c = u;
  return length;
}

size_t qq_utf8_encode(char *s, uint32_t c)
{
  if (c < 0x80) {
    s[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    s[0] = (char)(0xc0 | c >> 6);
    s[1] = (char)(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    s[0] = (char)(0xe0 | c >> 12);
    s[1] = (char)(0x80 | (c >> 6 & 0x3f));
    s[2] = (char)(0x80 | (c & 0x3f));
    return 3;
  }
  s[0] = (char)(0xf0 | c >> 18);
  s[1] = (char)(0x80 | (c >> 12 & 0x3f));
  s[2] = (char)(0x80 | (c >> 6 & 0x3f));
  s[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

/* The length of the longest prefix of s that is UTF-8. Most text is ASCII: that goes by eight bytes. */
static size_t valid_prefix(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n) {
    uint32_t c;
    uint64_t eight;
    size_t length;
    while (n - i >= sizeof(eight)) {
      memcpy(&eight, s + i, sizeof(eight));
      if (eight & UINT64_C(0x8080808080808080)) break;
      i += sizeof(eight);
    }
    while (i < n && (unsigned char)s[i] < 0x80) i++;
    if (i == n) break;
    length = qq_utf8_decode(s + i, n - i, &c);
    if (!length) break;
    i += length;
  }
  return i;
}

size_t qq_utf8_cut(char const *s, size_t n)
{
  size_t k;
  for (k = 1; k <= 3 && k <= n; k++) {
    unsigned char const b = (unsigned char)s[n - k];
    if ((b & 0xc0) == 0x80) continue;
    return b >= 0xc2 && b <= 0xf4 && k < (b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4) ? k : 0;
  }
  return 0;
}

int qq_utf8_valid(char const *s, size_t n)
{
  return valid_prefix(s, n) == n;
}

int qq_utf8_repair(stralloc *out, char const *s, size_t n)
{
  for (;;) {
    size_t const good = valid_prefix(s, n);
    if (!stralloc_catb(out, s, good)) return 0;
    if (good == n) return 1;
    if (!stralloc_catb(out, QQ_UTF8_REPLACEMENT, 3)) return 0;
    s += good + 1;
    n -= good + 1;
  }
}
