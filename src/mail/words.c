#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/charset.h>
#include <qq/header.h>
#include <qq/text.h>

/* One encoded word, or several neighbours of one character set and encoding. */
typedef struct word {
  char const *begin, *end;
  char const *charset;
  size_t charset_length;        /* without a language */
  char encoding;                /* 'b' or 'q' */
  char const *text;
  size_t text_length;
} word;

/* What may stand between =? and ?: a name that qq_charset_name takes, perhaps with *LANGUAGE.
   Returns its length, 0 if it is none. */
static size_t charset_length(char const *s, size_t n)
{
  size_t i = 0;
  if (n > QQ_CHARSET_NAME_MAX + 64) n = QQ_CHARSET_NAME_MAX + 64;
  while (i < n && s[i] != '?' && s[i] != '=' && s[i] > ' ' && s[i] < 0x7f) i++;
  return i < n && s[i] == '?' ? i : 0;
}

/* Parses what begins with =? at w->begin. Returns 1, or 0 and in w->end where to look on. Senders
   leave blanks and question marks in the text, so it ends at ?= only; but another =? shows that the
   first was none. */
static int parse(word *w, char const *end)
{
  char const *s = w->begin + 2, *q, *star;
  size_t const n = charset_length(s, (size_t)(end - s));
  w->end = s;
  if (!n || end - s < (ptrdiff_t)n + 3 || s[n + 2] != '?') return 0;
  w->charset = s;
  star = memchr(s, '*', n);
  w->charset_length = star ? (size_t)(star - s) : n;
  w->encoding = s[n + 1] | 0x20;
  if (w->encoding != 'b' && w->encoding != 'q') return 0;
  w->text = s + n + 3;
  for (q = w->text; (q = memchr(q, '?', (size_t)(end - q))); q++) {
    w->end = q > w->text && q[-1] == '=' ? q - 1 : q + 1;
    w->text_length = (size_t)(q - w->text);
    if (q + 1 == end) return 0;
    if (q[1] == '=') {
      w->end = q + 2;
      return 1;
    }
    if (w->end < q) return 0;
  }
  w->end = end;
  return 0;
}

/* Finds the first word at or behind s. */
static int next_word(word *w, char const *s, char const *end)
{
  while ((s = memchr(s, '=', (size_t)(end - s)))) {
    if (s + 1 == end) break;
    w->begin = s++;
    if (*s != '?') continue;
    if (parse(w, end)) return 1;
    s = w->end;
  }
  return 0;
}

static int all_blank(char const *s, char const *end)
{
  while (s != end && qq_is_blank(*s)) s++;
  return s == end;
}

static int same_set(word const *a, word const *b)
{
  return a->encoding == b->encoding && a->charset_length == b->charset_length
    && !case_diffb(a->charset, a->charset_length, b->charset);
}

/* RFC 2047 section 4.2: quoted-printable, with _ for space. */
static int decode_q(stralloc *out, char const *s, size_t n)
{
  size_t i = 0;
  char *to;
  if (!qq_room(out, n + 1)) return 0;
  to = out->s + out->len;
  while (i < n) {
    int const byte = s[i] == '=' && n - i > 2 ? qq_quoted_byte(s[i + 1], s[i + 2]) : -1;
    *to++ = byte >= 0 ? (char)byte : s[i] == '_' ? ' ' : s[i];
    i += byte >= 0 ? 3 : 1;
  }
  out->len = (size_t)(to - out->s);
  return 1;
}

static int decode(stralloc *out, word const *w)
{
  qq_base64 b = QQ_BASE64_ZERO;
  return w->encoding == 'q' ? decode_q(out, w->text, w->text_length)
    : qq_base64_feed(&b, out, w->text, w->text_length);
}

/* Decodes w and its neighbours of the same set into bytes, and lets w->end stand behind them. The
   word behind them, if any, is *next. */
static int decode_run(stralloc *bytes, word *w, word *next, int *more, char const *end)
{
  bytes->len = 0;
  if (!decode(bytes, w)) return 0;
  while ((*more = next_word(next, w->end, end)) && all_blank(w->end, next->begin)
    && same_set(w, next)) {
    if (!decode(bytes, next)) return 0;
    w->end = next->end;
  }
  return 1;
}

static int outside(qq_charsets *cs, stralloc *out, char const *s, size_t n, qq_piece charset)
{
  if (qq_is_bare(s, n)) return qq_bare_decode(cs, out, s, n, charset);
  return qq_append(out, s, n) ? 1 : -1;
}

int qq_words_decode(qq_charsets *cs, stralloc *out, char const *s, size_t n, qq_piece charset)
{
  char const *const end = s + n;
  stralloc *const bytes = qq_charsets_scratch(cs);
  word w, next;
  int decoded = 0, more;
  if (!n) return 1;
  more = next_word(&w, s, end);
  while (more) {
    int const gap = decoded && all_blank(s, w.begin);
    char const *const from = gap ? s : w.begin;
    if (outside(cs, out, s, (size_t)(from - s), charset) < 0) return -1;
    if (!decode_run(bytes, &w, &next, &more, end)) return -1;
    decoded = qq_charset_convert(cs, out, w.charset, w.charset_length, bytes->s, bytes->len);
    if (decoded < 0) return -1;
    if (!decoded && outside(cs, out, from, (size_t)(w.end - from), charset) < 0) return -1;
    s = w.end;
    w = next;
  }
  return outside(cs, out, s, (size_t)(end - s), charset);
}

/* An unfolded value has no blanks at its ends, but may have other white space there. */
static int trim(stralloc *text)
{
  size_t const first = text->len && *text->s == ' ';
  size_t const last = text->len > first && text->s[text->len - 1] == ' ';
  text->len -= first + last;
  if (first) memmove(text->s, text->s + 1, text->len);
  return 1;
}

static int decode_value(qq_charsets *cs, qq_header const *h, stralloc *line, stralloc *text,
  qq_piece value)
{
  qq_piece const charset = { h->charset, h->charset_length };
  stralloc *decoded;
  line->len = text->len = 0;
  if (!qq_unfold(line, value.s, value.n)) return -1;
  if (qq_words_decode(cs, text, line->s, line->len, charset) < 0) return -1;
  decoded = qq_charsets_scratch(cs);
  if (!qq_append(decoded, text->s, text->len)) return -1;
  text->len = 0;
  return qq_utf8_shown(text, decoded->s, decoded->len) ? trim(text) : -1;
}

int qq_value_decode(qq_charsets *cs, qq_header const *h, stralloc *line, stralloc *text,
  qq_piece value)
{
  qq_charsets_begin(cs);
  return decode_value(cs, h, line, text, value);
}

int qq_field_decode(qq_charsets *cs, qq_header const *h, stralloc *line, stralloc *text,
  qq_field const *f)
{
  return qq_value_decode(cs, h, line, text, qq_piece_of(&f->value));
}

int qq_inner_field_decode(qq_charsets *cs, qq_header const *h, stralloc *line, stralloc *text,
  qq_field const *f)
{
  return decode_value(cs, h, line, text, qq_piece_of(&f->value));
}
