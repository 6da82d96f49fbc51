/* Text: sentences for people, pieces, what is built in a stralloc, UTF-8. */

#ifndef QQ_TEXT_H
#define QQ_TEXT_H

#ifndef QQ_WITHOUT_LIBINTL
#include <libintl.h>
#endif
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#if defined(__GNUC__) || defined(__clang__)
#define QQ_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define QQ_FORMATS __attribute__((format_arg(1), format_arg(2)))
#else
#define QQ_PRINTF(text, first)
#define QQ_FORMATS
#endif

/* Sentences for people pass through _(); ids, JSON and what scripts parse never do. N_() marks a
   sentence in a table. Where there is no gettext(3), all is in English. */

#ifdef QQ_WITHOUT_LIBINTL
#define gettext(s) (s)
QQ_FORMATS static inline char const *ngettext(char const *one, char const *many, unsigned long n)
{
  return n == 1 ? one : many;
}
#endif
#define _(s) gettext(s)
#define N_(s) s

/* A word of a table that means different things in different places, which translators are told
   (msgctxt); QQ_IN alone is translated at once, with QQ_N_IN it is by qq_said, as N_ words are. */
#define QQ_N_IN(place, s) place "\004" s
#define QQ_IN(place, s) qq_said(QQ_N_IN(place, s))
static inline char const *qq_said(char const *s)
{
  char const *const said = gettext(s), *const end = said == s ? strchr(s, 4) : 0;
  return end ? end + 1 : said;
}

/* A piece of a text that belongs to somebody else, and sorted lists of them. */

typedef struct qq_piece { char const *s; size_t n; } qq_piece;

/* Says whether the character is white space within a line. */
static inline int qq_is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* Takes the first line off the text, and sets line to it, the newline not counted; the last line
   need not have one. Returns 1, or 0: the text was empty. */
int qq_piece_line(qq_piece *text, qq_piece *line);

/* Where the word, which is not empty, stands in the piece first, or null. Of a piece: for who looks
   for the same one in many places, or has no string. */
char const *qq_piece_find(qq_piece, char const *word);
static inline char const *qq_piece_find_piece(qq_piece p, qq_piece word)
{
  char const *s = p.s, *const end = p.s + p.n;
  while ((size_t)(end - s) >= word.n
    && (s = memchr(s, *word.s, (size_t)(end - s) - word.n + 1))) {
    if (!memcmp(s, word.s, word.n)) return s;
    s++;
  }
  return 0;
}

/* Takes the word up to the next blank, or the end, off the text, with that blank. */
qq_piece qq_piece_word(qq_piece *text);

/* Each byte of eight. */
#define QQ_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes as a number, the first of them lowest. */
static inline uint64_t qq_eight_at(char const *s)
{
  unsigned char const *b = (unsigned char const *)s;
  return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24
    | (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

/* Says whether n bytes are equal; where n is known to the compiler, without a call for any below
   nine, as memcmp(3) is for some of them only. */
static inline int qq_is_same_word(char const *a, char const *b, size_t n)
{
  if (n > 4 && n < 8) return !memcmp(a, b, 4) && !memcmp(a + n - 4, b + n - 4, 4);
  return !memcmp(a, b, n);
}

/* Takes n of its bytes off the beginning. */
static inline void qq_piece_skip(qq_piece *p, size_t n)
{
  p->s += n;
  p->n -= n;
}

/* Says whether both have the same bytes; the beginning of an empty one may be null. */
static inline int qq_piece_same(qq_piece a, qq_piece b)
{
  return a.n == b.n && (!a.n || !memcmp(a.s, b.s, a.n));
}

/* Says whether it is that string. */
static inline int qq_piece_is(qq_piece p, char const *s)
{
  size_t const n = strlen(s);
  return p.n == n && !memcmp(p.s, s, n);
}

/* Says whether it ends so, and has something in front of that. */
static inline int qq_piece_ends(qq_piece p, char const *s)
{
  size_t const n = strlen(s);
  return p.n > n && !memcmp(p.s + p.n - n, s, n);
}

/* Takes the string off its beginning, if it stands there. Returns 1 or 0. */
static inline int qq_piece_take(qq_piece *p, char const *s)
{
  size_t const n = strlen(s);
  if (p->n < n || !qq_is_same_word(p->s, s, n)) return 0;
  qq_piece_skip(p, n);
  return 1;
}

/* Takes the blanks off its beginning. */
static inline void qq_piece_skip_blanks(qq_piece *p)
{
  while (p->n && qq_is_blank(*p->s)) qq_piece_skip(p, 1);
}

/* How two pieces compare: byte by byte, or where ASCII letters of both cases are equal; a beginning
   comes first. Returns less than 0, 0 or more, for qsort(3). */
typedef int qq_piece_order(void const *, void const *);
qq_piece_order qq_piece_compare, qq_piece_compare_case;

/* Sorts pieces (of qq_piece). */
void qq_pieces_sort(genalloc *pieces, qq_piece_order *);

/* Says whether one of the pieces, sorted in that order, is equal. */
int qq_pieces_have(genalloc const *pieces, qq_piece const *, qq_piece_order *);

/* Appending to strallocs, and copying into them, that mostly have room already: inline, where
   skalibs' calls would cost more than the copy. */

/* Makes room for n more bytes. Returns 1, or 0 with errno ENOMEM. */
static inline int qq_room(stralloc *sa, size_t n)
{
  return (sa->s && sa->a - sa->len >= n) || stralloc_readyplus(sa, n);
}

/* Appends n bytes; s may be null if n is 0. Returns 1, or 0 with errno ENOMEM. */
static inline int qq_append(stralloc *sa, char const *s, size_t n)
{
  if (!n) return 1;
  if (!qq_room(sa, n)) return 0;
  memcpy(sa->s + sa->len, s, n);
  sa->len += n;
  return 1;
}

/* The same, but sa grows to limit bytes at most: what is behind that is left out. */
static inline int qq_append_up_to(stralloc *sa, char const *s, size_t n, size_t limit)
{
  size_t const room = sa->len < limit ? limit - sa->len : 0;
  return qq_append(sa, s, n < room ? n : room);
}

/* Makes sa these n bytes, which are no part of it; s may be null if n is 0. Returns 1, and sa->s is
   not null, or 0 with errno ENOMEM. Instead of skalibs' stralloc_copy, copyb and copys: since 2.14,
   zero bytes leave the old length. */
static inline int qq_copy(stralloc *sa, char const *s, size_t n)
{
  sa->len = 0;
  return qq_room(sa, n) && qq_append(sa, s, n);
}

/* Makes sa the string s and the NUL behind it. Returns 1, or 0 with errno ENOMEM. */
static inline int qq_copy_string(stralloc *sa, char const *s)
{
  return qq_copy(sa, s, strlen(s) + 1);
}

/* What sa holds, until it changes. */
static inline qq_piece qq_piece_of(stralloc const *sa)
{
  qq_piece const piece = { sa->s, sa->len };
  return piece;
}

/* Which of some names somebody meant who mistyped one. Begins as QQ_NEAREST(given, length); steps
   is private. */
typedef struct qq_nearest {
  qq_piece given;
  char const *nearest;          /* null: none comes near */
  size_t steps;
} qq_nearest;
#define QQ_NEAREST(s, n) { { (s), (n) }, 0, 0 }

/* Looks at one more name, which is not copied. As near as with one slip is one that begins with
   what was given. Of several that come as near, the first is taken. */
void qq_nearest_look(qq_nearest *, char const *name);

/* Text for people, built with printf(3) formats (so that it can be translated) and safe to look
   at. */


/* Appends the formatted text; the NUL behind it does not count. Returns 1, or 0 with errno
   ENOMEM. */
int qq_fmt(stralloc *, char const *format, ...) QQ_PRINTF(2, 3);
int qq_vfmt(stralloc *, char const *format, va_list) QQ_PRINTF(2, 0);

/* Appends the text, which says what could not be done, with `: ' and what errno stands for behind
   it, and where they may help, root's rights. Returns -1; errno stays. */
int qq_unable(stralloc *, char const *format, ...) QQ_PRINTF(2, 3);
int qq_vunable(stralloc *, char const *format, va_list) QQ_PRINTF(2, 0);

/* The same for a text that is the caller's: name stands in the place of its `%s'. */
int qq_unable_with(stralloc *, char const *text, char const *name);

/* For who fails and says why: appends the formatted text. Returns -1, with errno e. */
int qq_refuse(stralloc *why, int e, char const *format, ...) QQ_PRINTF(3, 4);

/* Says whether the character steers instead of showing: C0 and C1 controls, bidirectional controls
   (UAX #9), zero-width ones, line and paragraph separators, interlinear annotation, tags,
   noncharacters. */
int qq_steers(uint32_t c);

/* How many bytes at the beginning of s are ASCII that shows: 0x20 to 0x7e. */
size_t qq_plain_length(char const *s, size_t n);

/* Appends s so that it can do nothing to a terminal: what is no UTF-8 becomes \xNN; control
   characters \n, \t, \xNN or \u{N}; bidirectional controls, line and paragraph separators, and
   characters without a picture of their own \u{N}. A backslash stays as it is. s may be null if n
   is 0. Returns 1, or 0 with errno ENOMEM. */
int qq_safe(stralloc *out, char const *s, size_t n);

/* UTF-8 (RFC 3629), and what Unicode says of its characters, whatever the locale. */

#define QQ_UTF8_REPLACEMENT "\xef\xbf\xbd"      /* U+FFFD */

/* Decodes the character at s. Returns its length, 1 to 4, and sets *c; or 0 when the bytes there
   are no complete, shortest-form character (surrogates and what is above U+10FFFF are none), or n
   is 0. */
size_t qq_utf8_decode(char const *s, size_t n, uint32_t *c);

/* Writes the character to s, 1 to 4 bytes. Returns how many. */
size_t qq_utf8_encode(char *s, uint32_t c);

/* How many bytes at the end of s may begin a character that goes on behind them: 0 to 3. */
size_t qq_utf8_cut(char const *s, size_t n);

/* Says whether all of s is UTF-8. */
int qq_utf8_valid(char const *s, size_t n);

/* Appends s, with every byte that is no part of a character replaced by U+FFFD. Returns 1, or 0
   with errno ENOMEM. */
int qq_utf8_repair(stralloc *out, char const *s, size_t n);

/* Appends s as it is shown in a line: each run of white space (PropList.txt, White_Space) is one
   space; characters that are not shown, soft hyphens, zero-width and bidirectional ones
   (Default_Ignorable_Code_Point), are left out; marks are composed with their letters (NFC; of a
   word without ASCII that is longer than 512 bytes, in pieces). What is no UTF-8 is copied. Returns
   1, or 0 with errno ENOMEM. */
int qq_utf8_shown(stralloc *out, char const *s, size_t n);

/* Appends s without case: each character folded to one (CaseFolding.txt, status C and S); bytes
   that are no UTF-8 are copied. Returns 1, or 0 with errno ENOMEM. */
int qq_fold(stralloc *out, char const *s, size_t n);

/* Domains in other letters than ASCII. A label of those has, for the DNS, a name that begins with
   `xn--` (RFC 5890 section 2.3.2.1; Punycode, RFC 3492). libidn2 would do the same at 330 KB for
   each program, with the whole of IDNA around it; here only two spellings are to be equal. */

/* Says whether there may be such a label. */
int qq_idn_is_in(char const *s, size_t n);

/* Appends s with each such label as it is spelled: `xn--bcher-kva.example` as `bücher.example`. A
   label is a run of ASCII letters, digits and dashes; what is none stays. Returns 1, or 0 with
   errno ENOMEM. */
int qq_idn_spell(stralloc *out, char const *s, size_t n);

/* Cells that a character takes on a terminal: 0 (controls, too), 1 (if not assigned, too), 2. */
size_t qq_utf8_cells(uint32_t c);

#endif
