#include <qq/charset.h>
#include <qq/text.h>

enum { NONE = 64, PAD = 65 };

/* The value of an ASCII character. */
static unsigned char const alphabet[128] = {
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
  64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63,
  52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 65, 64, 64,
  64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
  15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64,
  64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
  41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64
};

static inline unsigned int value(char c)
{
  unsigned char const b = (unsigned char)c;
  return b < 128 ? alphabet[b] : NONE;
}

/* Four characters that make three bytes: nearly all of any body. */
static size_t whole_groups(char *to, char const *s, size_t n)
{
  size_t i;
  for (i = 0; i + 4 <= n; i += 4) {
    unsigned int const a = value(s[i]), b = value(s[i + 1]);
    unsigned int const c = value(s[i + 2]), d = value(s[i + 3]);
    uint32_t const group = a << 18 | b << 12 | c << 6 | d;
    if ((a | b | c | d) >= NONE) break;
    *to++ = (char)(group >> 16);
    *to++ = (char)(group >> 8);
    *to++ = (char)group;
  }
  return i;
}

int qq_base64_feed(qq_base64 *b, stralloc *out, char const *s, size_t n)
{
  char *to;
  size_t i = 0;
  /* At most 3 bytes of 4 characters, and one that the bits at hand complete. */
  if (!qq_room(out, n - n / 4 + 1)) return 0;
  to = out->s + out->len;
  while (i < n) {
    unsigned int v;
    if (!b->count) {
      size_t const done = whole_groups(to, s + i, n - i);
      to += done / 4 * 3;
      i += done;
      if (i == n) break;
    }
    v = value(s[i++]);
    if (v == PAD) b->count = 0;
    if (v >= NONE) continue;
    b->bits = b->bits << 6 | v;
    b->count += 6;
    if (b->count < 8) continue;
    b->count -= 8;
    *to++ = (char)(b->bits >> b->count);
  }
  out->len = (size_t)(to - out->s);
  return 1;
}
