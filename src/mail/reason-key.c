/* A reason to count by: the words of one line that are the same for every message. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/qsbmf.h>

/* How lines and blanks are written. */
typedef struct form { char const *said; char newline, blank; } form;
static form const plain = { "Remote host said: ", '\n', ' ' };
static form const logged = { "Remote_host_said:_", '/', '_' };

static qq_piece best_line(qq_piece text, form const *f)
{
  char const *at = qq_piece_find(text, f->said), *end;
  if (at) qq_piece_skip(&text, (size_t)(at - text.s) + strlen(f->said));
  end = text.n ? memchr(text.s, f->newline, text.n) : 0;
  if (end) text.n = (size_t)(end - text.s);
  return text;
}

/* ---- words ---- */

/* What a word has, one or several of each. */
#define IN_WORD (QQ_REASON_LETTER | QQ_REASON_DIGIT | QQ_REASON_DOT | QQ_REASON_HYPHEN \
  | QQ_REASON_AT | QQ_REASON_SIGN)

static inline unsigned int class_of(char c)
{
  return qq_reason_classes[(unsigned char)c] & IN_WORD;
}

/* Takes the next word off the text. Returns what it has. */
static unsigned int take_word(qq_piece *text, qq_piece *word)
{
  unsigned int bits = 0, c;
  size_t n = 0;
  while (n < text->n && (c = class_of(text->s[n]))) {
    bits |= c;
    n++;
  }
  word->s = text->s;
  word->n = n;
  qq_piece_skip(text, n);
  while (word->n && (word->s[word->n - 1] == '.' || word->s[word->n - 1] == '-')) word->n--;
  return bits;
}

/* Bytes with that class, in all, or the most of them in a row. */
static size_t count_of(qq_piece word, unsigned int class)
{
  size_t i, n = 0;
  for (i = 0; i < word.n; i++) n += class_of(word.s[i]) == class;
  return n;
}

static size_t most_in_a_row(qq_piece word, unsigned int class)
{
  size_t i, n = 0, most = 0;
  for (i = 0; i < word.n; i++) {
    n = class_of(word.s[i]) == class ? n + 1 : 0;
    if (n > most) most = n;
  }
  return most;
}

/* A name with a dot, whose last label has letters alone, two of them at least. */
static int is_host(qq_piece word)
{
  size_t n = word.n;
  while (n && class_of(word.s[n - 1]) == QQ_REASON_LETTER) n--;
  return word.n - n > 1 && n > 1 && word.s[n - 1] == '.';
}

/* Addresses of IP, numbers, or what is left of numbers and fractions; but 550, and 5.1.1. */
static int is_number(qq_piece word)
{
  size_t const dots = count_of(word, QQ_REASON_DOT);
  return dots > 2 || most_in_a_row(word, QQ_REASON_DIGIT) > 3
    || (dots == 1 && word.n == 1 + count_of(word, QQ_REASON_DIGIT));
}

/* Of letters and digits, as long as that: shorter ones are codes, as S3150. */
#define ID_LENGTH 8

static int differs_between_messages(qq_piece word, unsigned int bits)
{
  if (bits & QQ_REASON_AT) return 1;
  if (bits & QQ_REASON_LETTER)
    return (bits & QQ_REASON_DIGIT && word.n >= ID_LENGTH)
      || (bits & QQ_REASON_DOT && is_host(word));
  return bits & QQ_REASON_DIGIT && is_number(word);
}

/* The length of hexadecimal digits with two colons or more among them, or 0: an address of IPv6, or
   a time of day. */
static size_t colons_length(char const *s, size_t n)
{
  size_t i = 0, colons = 0;
  while (i < n && (s[i] == ':' || class_of(s[i]) == QQ_REASON_DIGIT
    || (class_of(s[i]) == QQ_REASON_LETTER && (s[i] | 0x20) <= 'f'))) colons += s[i++] == ':';
  return colons >= 2 ? i : 0;
}

/* ---- the key ---- */

static int is_recipient(qq_piece recipient, qq_piece word)
{
  return recipient.n && recipient.n == word.n && case_equalb(word.s, word.n, recipient.s);
}

/* Blanks become blanks. */
static int append(stralloc *out, char const *s, size_t n, form const *f)
{
  size_t i = out->len;
  if (!qq_append(out, s, n)) return 0;
  if (f->blank != ' ') for (; i < out->len; i++) if (out->s[i] == f->blank) out->s[i] = ' ';
  return 1;
}

static int append_key(stralloc *out, qq_piece text, qq_piece recipient, form const *f)
{
  qq_piece left = best_line(text, f), word;
  char const *done = left.s;
  while (left.n) {
    unsigned int const bits = take_word(&left, &word);
    size_t const colons = left.n && *left.s == ':' && word.n < 5
      ? colons_length(word.s, word.n + left.n) : 0;
    int const is_known = !colons && is_recipient(recipient, word);
    if (colons || is_known || differs_between_messages(word, bits)) {
      if (colons) qq_piece_skip(&left, colons - word.n);
      if (!append(out, done, (size_t)(word.s - done), f)
        || !stralloc_cats(out, is_known ? "ADDRESS" : "#")) return 0;
      done = colons ? left.s : word.s + word.n;
    }
    if (left.n && !class_of(*left.s)) qq_piece_skip(&left, 1);
  }
  return append(out, done, (size_t)(left.s - done), f);
}

int qq_reason_key(stralloc *out, qq_piece text, qq_piece recipient)
{
  return append_key(out, text, recipient, &plain);
}

int qq_reason_key_logged(stralloc *out, qq_piece text, qq_piece recipient)
{
  return append_key(out, text, recipient, &logged);
}
