#include <string.h>
#include <utf8proc.h>
#include <qq/text.h>

size_t qq_utf8_decode(char const *s, size_t n, uint32_t *c)
{
  utf8proc_int32_t u;
  utf8proc_ssize_t const length =
    utf8proc_iterate((utf8proc_uint8_t const *)s, (utf8proc_ssize_t)n, &u);
  if (length <= 0) return 0;
  *c = (uint32_t)u;
  return (size_t)length;
}

size_t qq_utf8_encode(char *s, uint32_t c)
{
  return (size_t)utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)s);
}

/* The eight bytes at s. */
static inline int are_ascii(char const *s)
{
  return !(qq_eight_at(s) & QQ_EACH(0x80));
}

/* The length of the longest prefix of s that is UTF-8. Most text is ASCII: goes by eight bytes. */
static size_t valid_prefix(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n) {
    uint32_t c;
    size_t length;
    while (n - i >= 8 && are_ascii(s + i)) i += 8;
    if (n >= 8 && n - i < 8 && are_ascii(s + n - 8)) return n;
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

/* The length of the white space at s, or 0. */
static size_t space_length(char const *s, size_t n)
{
  uint32_t c = (unsigned char)*s;
  size_t const length = c < 0x80 ? 1 : qq_utf8_decode(s, n, &c);
  utf8proc_category_t category;
  if (!length) return 0;
  if (c < 0x80 || c == 0x85) return c == ' ' || c == 0x85 || (c >= '\t' && c <= '\r') ? length : 0;
  category = utf8proc_category((utf8proc_int32_t)c);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL
    || category == UTF8PROC_CATEGORY_ZP ? length : 0;
}

static size_t spaces_length(char const *s, size_t n)
{
  size_t i = 0, length;
  while (i < n && (length = space_length(s + i, n - i))) i += length;
  return i;
}

static size_t ascii_length(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && (unsigned char)s[i] > ' ' && (unsigned char)s[i] < 0x80) i++;
  return i;
}

static size_t word_length(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && !space_length(s + i, n - i)) i += 1 + ascii_length(s + i + 1, n - i - 1);
  return i;
}

/* Composes text of at most so many bytes: a run of marks takes utf8proc the square of its length to
   put in order. */
#define COMPOSED_AT_ONCE 512

static int compose(stralloc *out, char const *s, size_t n)
{
  utf8proc_int32_t c[4 * COMPOSED_AT_ONCE + 1];
  utf8proc_option_t const options = UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_IGNORE;
  utf8proc_ssize_t length =
    utf8proc_decompose((utf8proc_uint8_t const *)s, (utf8proc_ssize_t)n, c,
      4 * COMPOSED_AT_ONCE, options);
  if (length >= 0 && length <= 4 * COMPOSED_AT_ONCE) length = utf8proc_reencode(c, length, options);
  return qq_append(out, length < 0 ? s : (char const *)c, length < 0 ? n : (size_t)length);
}

/* A word that is not all ASCII. */
static int compose_word(stralloc *out, char const *s, size_t n)
{
  while (n) {
    size_t const most = n < COMPOSED_AT_ONCE ? n : COMPOSED_AT_ONCE;
    size_t const good = valid_prefix(s, most);
    if (good ? !compose(out, s, good) : !qq_append(out, s, 1)) return 0;
    s += good ? good : 1;
    n -= good ? good : 1;
  }
  return 1;
}

static int is_graphic(char c)
{
  return c > ' ' && c < 0x7f;
}

/* Whether the eight bytes at s are graphic, or blanks of which no two stand together. */
static int are_plain(char const *s)
{
  uint64_t const eight = qq_eight_at(s);
  uint64_t other, blanks;
  if ((eight | (eight + QQ_EACH(1)) | (eight - QQ_EACH(' '))) & QQ_EACH(0x80)) return 0;
  other = (eight ^ QQ_EACH(' ')) + QQ_EACH(0x7f);
  blanks = ~other & QQ_EACH(0x80);
  return !(blanks & blanks << 8);
}

/* The length of what stays as it is at the beginning of s: words of ASCII, each with one blank, but
   for one that goes on otherwise, which may be composed with that. */
static size_t plain_length(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && is_graphic(s[i])) {
    if (n - i >= 8 && are_plain(s + i)) i += 8;
    else while (i < n && is_graphic(s[i])) i++;
    if (s[i - 1] != ' ' && i < n && s[i] == ' ') i++;
  }
  if (i < n && s[i] != ' ') while (i && s[i - 1] != ' ') i--;
  return i;
}

int qq_utf8_shown(stralloc *out, char const *s, size_t n)
{
  size_t const start = out->len, plain = plain_length(s, n);
  if (!qq_append(out, s, plain)) return 0;
  s += plain;
  n -= plain;
  while (n) {
    size_t const spaces = spaces_length(s, n), word = word_length(s + spaces, n - spaces);
    int const has_one = out->len > start && out->s[out->len - 1] == ' ';
    if (spaces && !has_one && !stralloc_append(out, ' ')) return 0;
    s += spaces;
    if (ascii_length(s, word) == word ? !qq_append(out, s, word) : !compose_word(out, s, word))
      return 0;
    s += word;
    n -= spaces + word;
  }
  return 1;
}

/* Where Unicode has two foldings, utf8proc knows the one that makes several characters of one, as
   ss of sharp s. The other is the lower case then, mostly the character itself; but U+0130, I with
   a dot, has no other, and its lower case would be i. */
static utf8proc_int32_t fold_character(utf8proc_int32_t c)
{
  utf8proc_int32_t folded[4];
  utf8proc_ssize_t const n = utf8proc_decompose_char(c, folded, 4, UTF8PROC_CASEFOLD, 0);
  return n == 1 ? *folded : c == 0x130 ? c : utf8proc_tolower(c);
}

/* Folds the eight bytes at s, if they are ASCII. */
static int fold_eight(utf8proc_uint8_t *to, char const *s)
{
  uint64_t eight, capitals;
  memcpy(&eight, s, sizeof eight);
  if (eight & QQ_EACH(0x80)) return 0;
  capitals = (eight + QQ_EACH(0x80 - 'A')) & ~(eight + QQ_EACH(0x7f - 'Z')) & QQ_EACH(0x80);
  eight |= capitals >> 2;       /* what 'a' has and 'A' has not */
  memcpy(to, &eight, sizeof eight);
  return 1;
}

int qq_fold(stralloc *out, char const *s, size_t n)
{
  size_t i = 0;
  utf8proc_uint8_t *to;
  /* What is not ASCII has two bytes at least, and its folding four at most. */
  if (!qq_room(out, 2 * n + 1)) return 0;
  to = (utf8proc_uint8_t *)out->s + out->len;
  while (i < n) {
    uint32_t c = (unsigned char)s[i];
    size_t length;
    if (n - i >= 8 && fold_eight(to, s + i)) {
      to += 8;
      i += 8;
      continue;
    }
    if (c < 0x80) {
      *to++ = (utf8proc_uint8_t)(c - 'A' < 26 ? c + 32 : c);
      i++;
      continue;
    }
    length = qq_utf8_decode(s + i, n - i, &c);
    if (length) to += utf8proc_encode_char(fold_character((utf8proc_int32_t)c), to);
    else *to++ = (utf8proc_uint8_t)s[i];
    i += length ? length : 1;
  }
  out->len = (size_t)((char *)to - out->s);
  return 1;
}

/* Terminals, and wcwidth(3), differ from utf8proc in two things: marks with a place of their own do
   take it, and the vowels and finals of Hangul join the consonant before them. */
size_t qq_utf8_cells(uint32_t c)
{
  utf8proc_property_t const *const p = utf8proc_get_property((utf8proc_int32_t)c);
  if (p->category == UTF8PROC_CATEGORY_MC) return 1;
  if (p->boundclass == UTF8PROC_BOUNDCLASS_V || p->boundclass == UTF8PROC_BOUNDCLASS_T) return 0;
  return (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
}
