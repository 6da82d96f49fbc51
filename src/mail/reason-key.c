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
enum { LETTER = 1, DIGIT = 2, DOT = 4, AT = 8, OTHER = 16 };

static unsigned char const classes[256] = {
  ['a'] = LETTER, ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER, ['e'] = LETTER, ['f'] = LETTER,
  ['g'] = LETTER, ['h'] = LETTER, ['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER,
  ['m'] = LETTER, ['n'] = LETTER, ['o'] = LETTER, ['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER,
  ['s'] = LETTER, ['t'] = LETTER, ['u'] = LETTER, ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER,
  ['y'] = LETTER, ['z'] = LETTER, ['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER,
  ['E'] = LETTER, ['F'] = LETTER, ['G'] = LETTER, ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER,
  ['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER, ['O'] = LETTER, ['P'] = LETTER,
  ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER, ['U'] = LETTER, ['V'] = LETTER,
  ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER, ['Z'] = LETTER, ['0'] = DIGIT, ['1'] = DIGIT,
  ['2'] = DIGIT, ['3'] = DIGIT, ['4'] = DIGIT, ['5'] = DIGIT, ['6'] = DIGIT, ['7'] = DIGIT,
  ['8'] = DIGIT, ['9'] = DIGIT, ['.'] = DOT, ['@'] = AT, ['-'] = OTHER, ['+'] = OTHER,
  ['='] = OTHER
};

static inline unsigned int class_of(char c)
{
  return classes[(unsigned char)c];
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
  while (n && class_of(word.s[n - 1]) == LETTER) n--;
  return word.n - n > 1 && n > 1 && word.s[n - 1] == '.';
}

/* Addresses of IP, numbers, or what is left of numbers and fractions; but 550, and 5.1.1. */
static int is_number(qq_piece word)
{
  size_t const dots = count_of(word, DOT);
  return dots > 2 || most_in_a_row(word, DIGIT) > 3 || (dots == 1 && word.n == 1 + count_of(word,
    DIGIT));
}

/* Of letters and digits, as long as that: shorter ones are codes, as S3150. */
#define ID_LENGTH 8

static int differs_between_messages(qq_piece word, unsigned int bits)
{
  if (bits & AT) return 1;
  if (bits & LETTER)
    return (bits & DIGIT && word.n >= ID_LENGTH) || (bits & DOT && is_host(word));
  return bits & DIGIT && is_number(word);
}

/* The length of hexadecimal digits with two colons or more among them, or 0: an address of IPv6, or
   a time of day. */
static size_t colons_length(char const *s, size_t n)
{
  size_t i = 0, colons = 0;
  while (i < n && (s[i] == ':' || class_of(s[i]) == DIGIT
    || (class_of(s[i]) == LETTER && (s[i] | 0x20) <= 'f'))) colons += s[i++] == ':';
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
