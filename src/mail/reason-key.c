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

qq_piece qq_reason_told(qq_piece text)
{
  return best_line(text, &logged);
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
static inline unsigned int take_word(qq_piece *text, qq_piece *word)
{
  char const *s = text->s, *const end = s + text->n;
  unsigned int bits = 0, c;
  for (; s < end && (c = class_of(*s)); s++) bits |= c;
  word->s = text->s;
  text->s = s;
  text->n = (size_t)(end - s);
  if (bits & (QQ_REASON_DOT | QQ_REASON_HYPHEN))
    while (s > word->s && (s[-1] == '.' || s[-1] == '-')) s--;
  word->n = (size_t)(s - word->s);
  return bits;
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
  size_t i, dots = 0, digits = 0, row = 0;
  for (i = 0; i < word.n && dots < 3 && row < 4; i++) {
    unsigned int const c = class_of(word.s[i]);
    row = c == QQ_REASON_DIGIT ? row + 1 : 0;
    digits += c == QQ_REASON_DIGIT;
    dots += c == QQ_REASON_DOT;
  }
  return dots > 2 || row > 3 || (dots == 1 && word.n == 1 + digits);
}

/* As 550 (RFC 5321 section 4.2); other numbers count seconds or tries. */
static int is_reply_code(qq_piece word)
{
  return word.n == 3 && (*word.s == '2' || *word.s == '4' || *word.s == '5');
}

/* Of letters and digits, as long as that: shorter ones are codes, as S3150. */
#define ID_LENGTH 8

static int differs_between_messages(qq_piece word, unsigned int bits)
{
  if (bits & QQ_REASON_AT) return 1;
  if (bits & QQ_REASON_LETTER)
    return (bits & QQ_REASON_DIGIT && word.n >= ID_LENGTH)
      || (bits & QQ_REASON_DOT && is_host(word));
  if (bits == QQ_REASON_DIGIT) return !is_reply_code(word);
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

/* What the word is told as, which may become longer; or null: as it is. */
static char const *stand_in(qq_piece *word, unsigned int bits, qq_piece left, qq_piece recipient)
{
  size_t const colons = left.n && *left.s == ':' && word->n < 5
    ? colons_length(word->s, word->n + left.n) : 0;
  if (colons) {
    word->n = colons;
    return "#";
  }
  if (is_recipient(recipient, *word)) return "ADDRESS";
  return differs_between_messages(*word, bits) ? "#" : 0;
}

/* Most words need no second look. */
static inline int may_differ(qq_piece word, unsigned int bits, qq_piece left, qq_piece recipient)
{
  return bits & (QQ_REASON_DIGIT | QQ_REASON_DOT | QQ_REASON_AT) || word.n == recipient.n
    || (left.n && *left.s == ':');
}

static int append_key(stralloc *out, qq_piece text, qq_piece recipient, form const *f)
{
  size_t const from = out->len;
  qq_piece left = best_line(text, f), word;
  char const *done = left.s, *said;
  while (left.n) {
    unsigned int const bits = take_word(&left, &word);
    if (may_differ(word, bits, left, recipient)
      && (said = stand_in(&word, bits, left, recipient))) {
      if (!qq_append(out, done, (size_t)(word.s - done))
        || !qq_append(out, said, strlen(said))) return 0;
      done = word.s + word.n;
      if (done > left.s) qq_piece_skip(&left, (size_t)(done - left.s));
    }
    if (left.n && !class_of(*left.s)) qq_piece_skip(&left, 1);
  }
  if (!qq_append(out, done, (size_t)(left.s - done))) return 0;
  if (f->blank != ' ') qq_reason_replace(out->s + from, out->len - from, f->blank, ' ');
  return 1;
}

int qq_reason_key(stralloc *out, qq_piece text, qq_piece recipient)
{
  return append_key(out, text, recipient, &plain);
}

int qq_reason_key_logged(stralloc *out, qq_piece text, qq_piece recipient)
{
  return append_key(out, text, recipient, &logged);
}
