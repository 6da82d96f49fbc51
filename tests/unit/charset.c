/* charset - text in many character sets as UTF-8 (src/mail/charset.c): whole, and in pieces. */

#include <stdlib.h>
#include <qq/charset.h>
#include "tap.h"

#define BAD "\xef\xbf\xbd"

typedef struct expectation {
  char const *set, *text;
  size_t text_length;
  char const *expected;         /* null: the set is unknown */
} expectation;

static expectation const table[] = {
  { "utf-8", BYTES("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"),
      "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z" },
  { "UTF8", BYTES("\xc3"), BAD },
  { "utf-8", BYTES("\xe2\x82"), BAD BAD },
  { "utf-8", BYTES("\xe2\x82x\xf0\x9f\xe2\x82\xac\xed\xa0\x80"),
      BAD BAD "x" BAD BAD "\xe2\x82\xac" BAD BAD BAD },
  { "US-ASCII", BYTES("a\xc3\xa4\xe4"), "a\xc3\xa4" BAD },
  { "iso-8859-1", BYTES("G\xfcnstig \x93\x94 \x81"),
      "G\xc3\xbcnstig \xe2\x80\x9c\xe2\x80\x9d " BAD },
  { "ISO-8859-15", BYTES("\xa4"), "\xe2\x82\xac" },
  { "iso-8859-8-i", BYTES("\xf9"), "\xd7\xa9" },
  { "windows-1251", BYTES("\xcf\xf0\xe8"), "\xd0\x9f\xd1\x80\xd0\xb8" },
  { "win1251", BYTES("\xcf"), "\xd0\x9f" },
  { "x-cp1251", BYTES("\xcf"), "\xd0\x9f" },
  { "windows-1255", BYTES("\xe0\xe0"), "\xd7\x90\xd7\x90" },
  { "cp-850", BYTES("\x81"), "\xc3\xbc" },
  { "x-sjis", BYTES("\x93\xfa\x96\x7b"), "\xe6\x97\xa5\xe6\x9c\xac" },
  { "windows-31j", BYTES("\x87\x40"), "\xe2\x91\xa0" },
  { "shift_jis", BYTES("\x93"), BAD },
  { "ISO-2022-JP", BYTES("\x1b$BF|K\\\x1b(B!"), "\xe6\x97\xa5\xe6\x9c\xac!" },
  { "iso-2022-jp", BYTES("F|"), "F|" },
  { "gb2312", BYTES("\xc4\xe3\x81\x40"), "\xe4\xbd\xa0\xe4\xb8\x82" },
  { "ks_c_5601-1987", BYTES("\xb0\xa1"), "\xea\xb0\x80" },
  { "big5", BYTES("\xa4\xa4\xa4\xe5"), "\xe4\xb8\xad\xe6\x96\x87" },
  { "koi8-r", BYTES("\xf0\xd2"), "\xd0\x9f\xd1\x80" },
  { "utf-16be", BYTES("\x20\xac\xd8\x3d\xde\x00\xdc\x00\x00z"),
      "\xe2\x82\xac\xf0\x9f\x98\x80" BAD "z" },
  { "utf-16le", BYTES("a\0b\0c"), "ab" BAD },
  { "utf-7", BYTES("+AOQ-x"), "\xc3\xa4x" },
  { "", BYTES("a"), 0 },
  { "x-unknown", BYTES("a"), 0 },
  { "//TRANSLIT", BYTES("a"), 0 },
  { "iso-8859-1//IGNORE", BYTES("a"), 0 },
  { "../../x", BYTES("a"), 0 },
  { "char", BYTES("a"), 0 },
  { "wchar_t", BYTES("a"), 0 },
  { "INTERNAL", BYTES("a"), 0 },
  { "utf-8 ", BYTES("a"), 0 },
  { "utf-8,", BYTES("a"), 0 },
  { "\xc3\xa4", BYTES("a"), 0 },
  { "x-", BYTES("a"), 0 },
  { "-", BYTES("a"), 0 },
  { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      BYTES("a"), 0 },
};

static void check(qq_charsets *cs, expectation const *e)
{
  stralloc out = STRALLOC_ZERO;
  size_t piece;
  qq_charsets_begin(cs);
  ok(qq_charset_convert(cs, &out, e->set, strlen(e->set), e->text, e->text_length) == !!e->expected,
      e->set);
  if (e->expected) is_bytes(out.s, out.len, e->expected, strlen(e->expected), e->set);
  else is_number(out.len, 0, "nothing is appended");
  for (piece = 0; piece < TAP_PIECES; piece++) {
    char const *s = e->text;
    size_t n = e->text_length;
    int r = qq_charset_stream_start(cs, e->set, strlen(e->set));
    if (!e->expected) {
      ok(!r, "no stream either");
      break;
    }
    out.len = 0;
    while (n && r == 1) {
      size_t const take = tap_piece(piece, n);
      r = qq_charset_stream(cs, &out, s, take);
      s += take;
      n -= take;
    }
    ok(r == 1 && qq_charset_stream(cs, &out, "", 0) == 1, "stream");
    is_bytes(out.s, out.len, e->expected, strlen(e->expected), "stream in pieces");
  }
  stralloc_free(&out);
}

static void check_limit(qq_charsets *cs)
{
  stralloc out = STRALLOC_ZERO;
  char name[] = "iso-8859-0";
  unsigned int i;
  int sum = 0;
  qq_charsets_begin(cs);
  for (i = 1; i <= QQ_CHARSETS_A_TEXT; i++) {
    name[9] = (char)('0' + i % 10);
    name[8] = i < 10 ? '-' : 'x';
    sum += qq_charset_convert(cs, &out, name, strlen(name), "a", 1) == 1;
  }
  is_number((size_t)sum, 9, "as many as a text may name, those that do not exist among them");
  ok(qq_charset_convert(cs, &out, BYTES("koi8-r"), "a", 1) == 0, "one more is unknown");
  ok(qq_charset_convert(cs, &out, BYTES("iso-8859-3"), "a", 1) == 1, "what was named is known");
  qq_charsets_begin(cs);
  ok(qq_charset_convert(cs, &out, BYTES("koi8-r"), "a", 1) == 1, "until the next text");
  for (i = 0; i < QQ_CHARSETS_MARKED; i++)
    qq_charset_convert(cs, &out, BYTES("utf-16"), BYTES("\xfe\xff\0a"));
  ok(qq_charset_convert(cs, &out, BYTES("utf-16"), BYTES("\0a")) == 0,
      "byte order marks have a limit too");
  qq_charsets_begin(cs);
  stralloc_free(&out);
}

/* A stream keeps its state while other texts, of its set too, are converted. */
static void check_beside(qq_charsets *cs)
{
  static char const *const sets[] = { "koi8-r", "iso-8859-2", "iso-8859-3", "iso-8859-4",
    "iso-8859-5", "iso-8859-6", "iso-8859-7", "big5", "euc-jp" };
  stralloc out = STRALLOC_ZERO, other = STRALLOC_ZERO;
  size_t i;
  ok(qq_charset_stream_start(cs, BYTES("iso-2022-jp"))
          && qq_charset_stream(cs, &out, BYTES("\x1b$BF")) == 1,
      "a stream");
  ok(qq_charset_convert(cs, &other, BYTES("iso-2022-jp"), BYTES("F|")) == 1, "its set");
  for (i = 0; i < 2 * sizeof(sets) / sizeof(*sets); i++)
    if (qq_charset_convert(cs, &other, sets[i / 2], strlen(sets[i / 2]), "a", 1) != 1)
      ok(0, sets[i / 2]);
  is_bytes(other.s, other.len, BYTES("F|aaaaaaaaaaaaaaaaaa"), "other sets");
  ok(qq_charset_stream(cs, &out, BYTES("|")) == 1 && qq_charset_stream(cs, &out, "", 0) == 1,
      "the stream goes on");
  is_bytes(out.s, out.len, BYTES("\xe6\x97\xa5"), "where it was");
  stralloc_free(&out);
  stralloc_free(&other);
}

/* Every byte is wrong, or every other. (No more of them, because the iconv of the address sanitizer
   looks at all that is left each time.) */
static void check_hostile(qq_charsets *cs, char const *set, char const *pair)
{
  size_t const n = 100000;
  stralloc out = STRALLOC_ZERO;
  char *const s = malloc(n);
  qq_charsets_begin(cs);
  size_t i;
  if (!s) return;
  for (i = 0; i < n; i++) s[i] = pair[i % 2];
  ok(qq_charset_convert(cs, &out, set, strlen(set), s, n) == 1 && out.len >= n, set);
  free(s);
  stralloc_free(&out);
}

/* The table is sorted if every key finds itself; a few that could get lost. */
static void check_names(void)
{
  static char const *const names[] = { "5601", "8bit", "ansi", "wchar_t", "x-x-big5", "windows-874",
    "dos-866", "x-mac-ce", "us", "x-utf-8", "l5", "646", "eucgb2312_cn", "big5_tw", "windows-31j",
    "wchar_t" };
  size_t i;
  for (i = 0; i < sizeof(names) / sizeof(*names); i++)
    ok(!!qq_charset_alias_of(names[i]), names[i]);
  ok(!qq_charset_alias_of("iso-8859-5") && !qq_charset_alias_of("") && !qq_charset_alias_of("zzzz"),
      "names without an alias");
}

int main(void)
{
  qq_charsets *const cs = qq_charsets_new();
  size_t i;
  if (!cs) return 111;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++) check(cs, table + i);
  check_limit(cs);
  check_beside(cs);
  check_hostile(cs, "utf-8", "\xff\xff");
  check_hostile(cs, "windows-1252", "\x81\x81");
  check_hostile(cs, "utf-16be", "\xd8\xd8");
  check_hostile(cs, "gb18030", "\xff\xff");
  check_hostile(cs, "iso-2022-jp", "\x1b\xff");
  check_names();
  qq_charsets_free(cs);
  return done();
}
