#include <string.h>
#include <strings.h>
#include <qq/text.h>

/* RFC 5890 section 2.3.2.1; a label of the DNS has 63 bytes at most (RFC 1035 section 2.3.4). */
#define ACE "xn--"
#define ACE_LENGTH 4
#define LABEL_MAX 63

/* RFC 3492 section 5. */
enum {
  BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, INITIAL_BIAS = 72, INITIAL_N = 128
};

/* The state of RFC 3492 section 6.2: the characters so far, and where the next one goes. */
typedef struct decoder {
  uint32_t text[LABEL_MAX], n, i, bias;
  size_t length;
} decoder;

/* What a digit is worth; BASE: it is none. */
static uint32_t digit(char c)
{
  return c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') : c >= 'A' && c <= 'Z' ? (uint32_t)(c - 'A')
    : c >= '0' && c <= '9' ? (uint32_t)(c - '0') + 26 : BASE;
}

/* Section 6.1. */
static uint32_t adapt(uint32_t delta, uint32_t count, int is_first)
{
  uint32_t k = 0;
  delta /= is_first ? DAMP : 2;
  delta += delta / count;
  for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE) delta /= BASE - TMIN;
  return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

/* Reads a number of variable length, and adds it to i. Returns how many bytes it has, or 0: it is
   none, or too large. */
static size_t read_number(decoder *d, char const *s, size_t n)
{
  uint64_t i = d->i, weight = 1;
  uint32_t k = BASE;
  size_t at = 0;
  for (; at < n; k += BASE) {
    uint32_t const value = digit(s[at++]);
    uint32_t const t = k <= d->bias ? TMIN : k >= d->bias + TMAX ? TMAX : k - d->bias;
    if (value == BASE || weight > UINT32_MAX) return 0;
    i += value * weight;
    if (i > UINT32_MAX) return 0;
    d->i = (uint32_t)i;
    if (value < t) return at;
    weight *= BASE - t;
  }
  return 0;
}

/* Takes the next character in. Returns the bytes that it has, or 0: it is none. */
static size_t insert(decoder *d, char const *s, size_t n)
{
  uint32_t const before = d->i, count = (uint32_t)d->length + 1;
  size_t const used = read_number(d, s, n);
  if (!used || d->length == LABEL_MAX) return 0;
  d->bias = adapt(d->i - before, count, !before);
  if (d->i / count > 0x10ffff - d->n) return 0;
  d->n += d->i / count;
  if (d->n >= 0xd800 && d->n < 0xe000) return 0;        /* half a character of UTF-16 */
  d->i %= count;
  memmove(d->text + d->i + 1, d->text + d->i, (d->length - d->i) * sizeof *d->text);
  d->text[d->i++] = d->n;
  d->length++;
  return used;
}

/* The label behind its xn--: the ASCII characters of it, a dash, and where the others go. Returns
   1; or 0: it is none. */
static int decode(decoder *d, char const *s, size_t n)
{
  size_t dash = n, used;
  *d = (decoder){ { 0 }, INITIAL_N, 0, INITIAL_BIAS, 0 };
  while (dash && s[dash - 1] != '-') dash--;
  if (n > LABEL_MAX - ACE_LENGTH || dash == n || dash == 1) return 0;
  while (d->length + 1 < dash) {
    d->text[d->length] = (unsigned char)s[d->length];
    d->length++;
  }
  for (s += dash, n -= dash; n; s += used, n -= used) {
    used = insert(d, s, n);
    if (!used) return 0;
  }
  return 1;
}

static int is_of_label(char c)
{
  return c == '-' || digit(c) < BASE;
}

/* The length of the label, or what looks like one, at s. */
static size_t label_length(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && is_of_label(s[i])) i++;
  return i;
}

static int append_label(stralloc *out, char const *s, size_t n)
{
  decoder d;
  size_t i;
  char c[4];
  if (n < ACE_LENGTH || strncasecmp(s, ACE, ACE_LENGTH)
    || !decode(&d, s + ACE_LENGTH, n - ACE_LENGTH)) return qq_append(out, s, n);
  for (i = 0; i < d.length; i++) {
    size_t const length = qq_utf8_encode(c, d.text[i]);
    if (!qq_append(out, c, length)) return 0;
  }
  return 1;
}

int qq_idn_is_in(char const *s, size_t n)
{
  char const *const end = s + n;
  while (s < end && (s = memchr(s, '-', (size_t)(end - s)))) {
    if (end - s >= 2 && s[1] == '-' && n - (size_t)(end - s) >= 2
      && !strncasecmp(s - 2, ACE, ACE_LENGTH)) return 1;
    s++;
  }
  return 0;
}

int qq_idn_spell(stralloc *out, char const *s, size_t n)
{
  while (n) {
    size_t length = label_length(s, n);
    if (length ? !append_label(out, s, length) : !stralloc_append(out, *s)) return 0;
    if (!length) length = 1;
    s += length;
    n -= length;
  }
  return 1;
}
