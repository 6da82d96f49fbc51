/* utf8 - letters in small, whatever the script (src/base/utf8.c); what is no UTF-8 stays. */

#include <qq/text.h>
#include "tap.h"

static struct {
  char const *name, *s;
  size_t n;
  char const *expected;
  size_t expected_length;
} const foldings[] = {
  { "nothing", BYTES(""), BYTES("") },
  { "ASCII", BYTES("@AZ[`az{ 0\0Q\x7f"), BYTES("@az[`az{ 0\0q\x7f") },
  { "Latin", BYTES("\xc3\x84\xc3\x9f\xc3\xa4"), BYTES("\xc3\xa4\xc3\x9f\xc3\xa4") },
  { "sharp s, the capital one too, is not ss", BYTES("\xe1\xba\x9e"), BYTES("\xc3\x9f") },
  { "every sigma", BYTES("\xce\xa3\xcf\x83\xcf\x82"), BYTES("\xcf\x83\xcf\x83\xcf\x83") },
  { "I with a dot and i without", BYTES("\xc4\xb0\xc4\xb1"), BYTES("\xc4\xb0\xc4\xb1") },
  { "the sign of kelvin, long s", BYTES("\xe2\x84\xaa\xc5\xbf"), BYTES("ks") },
  { "two bytes become three", BYTES("\xc8\xba"), BYTES("\xe2\xb1\xa5") },
  { "alpha with marks and a small iota", BYTES("\xe1\xbe\x88"), BYTES("\xe1\xbe\x80") },
  { "ligatures stay", BYTES("\xef\xac\x81"), BYTES("\xef\xac\x81") },
  { "Cherokee becomes capital", BYTES("\xea\xad\xb0"), BYTES("\xe1\x8e\xa0") },
  { "Deseret", BYTES("\xf0\x90\x90\x80"), BYTES("\xf0\x90\x90\xa8") },
  { "marks stay where they are", BYTES("A\xcc\x88"), BYTES("a\xcc\x88") },
  { "eight bytes at a time", BYTES("@AMZ[`az{M\x7f\0~IUE1AAAAAAA\xc3\x84" "BBBBBBBB"),
    BYTES("@amz[`az{m\x7f\0~iue1aaaaaaa\xc3\xa4" "bbbbbbbb") },
  { "what is no UTF-8 stays", BYTES("\xc3" "A\xff\xc0\x81\xed\xa0\x80\xf4\x90\x80\x80\xe2\x84"),
    BYTES("\xc3" "a\xff\xc0\x81\xed\xa0\x80\xf4\x90\x80\x80\xe2\x84") },
};

static struct { char const *name; uint32_t c; size_t cells; } const widths[] = {
  { "a letter", 'a', 1 }, { "a tab", '\t', 0 }, { "a letter with a mark", 0xe4, 1 },
  { "a mark", 0x308, 0 },
  { "a Devanagari vowel with a place of its own", 0x93e, 1 }, { "one without", 0x941, 0 },
  { "Han", 0x65e5, 2 }, { "fullwidth A", 0xff21, 2 }, { "halfwidth katakana", 0xff71, 1 },
  { "a Hangul syllable", 0xd55c, 2 }, { "its consonant", 0x1112, 2 },
  { "its vowel", 0x1161, 0 }, { "its final", 0x11ab, 0 },
  { "a face", 0x1f600, 2 }, { "one to choose its form", 0xfe0f, 0 }, { "a private one", 0xe000, 1 },
  { "one that is not assigned", 0xe01ff, 1 }, { "the last", 0x10ffff, 1 },
};

static struct {
  char const *name, *s;
  size_t n;
  char const *expected;
  size_t expected_length;
} const shown[] = {
  { "nothing", BYTES(""), BYTES("") },
  { "ASCII", BYTES("a b"), BYTES("a b") },
  { "blanks in long text",
    BYTES("one two  three four   five sixsixsix seventeen  eight nine  "),
    BYTES("one two three four five sixsixsix seventeen eight nine ") },
  { "all single", BYTES("seven by seven a b c d e f g, "),
    BYTES("seven by seven a b c d e f g, ") },
  { "eight, and a blank", BYTES("eightbyt eightbyt  eightby  z e\xcc\x81"),
    BYTES("eightbyt eightbyt eightby z \xc3\xa9") },
  { "a long word goes on", BYTES("first of allallallalle\xcc\x81"),
    BYTES("first of allallallall\xc3\xa9") },
  { "a control in long text", BYTES("a control \tin it, b\x7fig"),
    BYTES("a control in it, b\x7fig") },
  { "white space",
    BYTES(" \t\r\na \xc2\xa0\xe2\x80\x83 b\xe3\x80\x80\xe2\x80\xa8\xc2\x85"),
    BYTES(" a b ") },
  { "composed", BYTES("Gu\xcc\x88nstig e\xcc\x81"), BYTES("G\xc3\xbcnstig \xc3\xa9") },
  { "marks put in order", BYTES("a\xcc\x88\xcc\xa3"), BYTES("\xe1\xba\xa1\xcc\x88") },
  { "Hangul", BYTES("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), BYTES("\xed\x95\x9c") },
  { "Angstrom is A with a ring", BYTES("\xe2\x84\xab"), BYTES("\xc3\x85") },
  { "zero width, soft hyphen, order, marks of bytes",
    BYTES("V\xe2\x80\x8bi\xc2\xad" "a\xe2\x80\xae" "g\xef\xbb\xbfra"),
    BYTES("Viagra") },
  { "a word of these alone", BYTES("a \xe2\x80\x8b b"), BYTES("a b") },
  { "ligatures and wide letters stay",
    BYTES("\xef\xac\x81 \xef\xbc\xa1"),
    BYTES("\xef\xac\x81 \xef\xbc\xa1") },
  { "controls stay", BYTES("a\033[b\0\x7f"), BYTES("a\033[b\0\x7f") },
  { "what is no UTF-8 stays", BYTES("\xffu\xcc\x88\xc3 \x85"), BYTES("\xff\xc3\xbc\xc3 \x85") },
};

/* A megabyte of marks that are in the wrong order, which must not take the square of that. */
static void check_marks(stralloc *out)
{
  stralloc s = STRALLOC_ZERO;
  while (s.len < 1048576 && stralloc_cats(&s, "\xcc\x88\xcc\xa3")) continue;
  out->len = 0;
  ok(qq_utf8_shown(out, s.s, s.len) && out->len == s.len, "many marks");
  stralloc_free(&s);
}

/* Writes c as UTF-8, also what must not be decoded. Returns its length. */
static size_t encode(char *s, uint32_t c)
{
  static unsigned int const marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
  size_t const n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  size_t i;
  for (i = n; i > 1; i--, c >>= 6) s[i - 1] = (char)(0x80 | (c & 0x3f));
  s[0] = (char)(marks[n] | c);
  return n;
}

/* Each character is decoded, and folds to one that folds to itself; its cells are 0, 1 or 2. */
static int check_character(stralloc *once, stralloc *twice, uint32_t c)
{
  char s[4];
  size_t const n = encode(s, c);
  uint32_t back = 0;
  int const valid = c < 0xd800 || c >= 0xe000;
  once->len = twice->len = 0;
  if (qq_utf8_decode(s, n, &back) != (valid ? n : 0) || (valid && back != c)) return 0;
  if (qq_utf8_decode(s, n - 1, &back) || qq_utf8_cells(c) > 2) return 0;
  if (!qq_fold(once, s, n) || !qq_fold(twice, once->s, once->len)) return 0;
  if (once->len != twice->len || memcmp(once->s, twice->s, once->len)) return 0;
  return !valid || qq_utf8_decode(once->s, once->len, &back) == once->len;
}

int main(void)
{
  stralloc out = STRALLOC_ZERO, again = STRALLOC_ZERO;
  size_t i;
  uint32_t c;
  for (i = 0; i < sizeof foldings / sizeof *foldings; i++) {
    out.len = 0;
    ok(stralloc_append(&out, ' ') && qq_fold(&out, foldings[i].s, foldings[i].n), "memory");
    is_bytes(out.s + 1, out.len - 1, foldings[i].expected, foldings[i].expected_length,
      foldings[i].name);
  }
  for (i = 0; i < sizeof shown / sizeof *shown; i++) {
    out.len = 0;
    ok(stralloc_append(&out, ' ') && qq_utf8_shown(&out, shown[i].s, shown[i].n), "memory");
    is_bytes(out.s + 1, out.len - 1, shown[i].expected, shown[i].expected_length, shown[i].name);
  }
  check_marks(&out);
  for (i = 0; i < sizeof widths / sizeof *widths; i++)
    is_number(qq_utf8_cells(widths[i].c), widths[i].cells, widths[i].name);
  for (c = 0; c < 0x110000 && check_character(&out, &again, c); c++) continue;
  is_number(c, 0x110000, "all characters");
  stralloc_free(&out);
  stralloc_free(&again);
  return done();
}
