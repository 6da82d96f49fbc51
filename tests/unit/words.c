/* words - encoded words of a header field (RFC 2047) as UTF-8. */

#include <stdlib.h>
#include <qq/header.h>
#include "tap.h"

#define BAD "\xef\xbf\xbd"
#define AE "\xc3\xa4"
#define NIHON "\xe6\x97\xa5\xe6\x9c\xac"

static qq_piece const none = { "", 0 };

static struct { char const *name, *text, *expected; } const table[] = {
  { "nothing", "", "" },
  { "no word", "a =b ?= = ?", "a =b ?= = ?" },
  { "Q", "=?iso-8859-1?Q?G=FCnstig?=", "G\xc3\xbcnstig" },
  { "q", "=?UTF-8?q?=c3=a4?=", AE },
  { "underscore", "=?utf-8?q?a_b=5Fc?=", "a b_c" },
  { "B", "=?utf-8?B?w6Q=?=", AE },
  { "b without its end", "=?utf-8?b?w6R4eA?=", AE "xx" },
  { "language", "=?utf-8*de?q?=C3=A4?=", AE },
  { "text around", "a =?utf-8?q?=C3=A4?= b", "a " AE " b" },
  { "text right around", "a=?utf-8?q?=C3=A4?=b", "a" AE "b" },
  { "in quotes", "\"=?utf-8?q?=C3=A4?=\" <a@b>", "\"" AE "\" <a@b>" },
  { "blanks between words", "=?utf-8?q?a?= \t =?utf-8?q?b?=  c", "ab  c" },
  { "no blank between words", "=?utf-8?q?a?==?utf-8?q?b?=", "ab" },
  { "blanks between words of different sets",
      "=?utf-8?q?a?= =?iso-8859-1?q?=E4?= =?utf-8?b?Yg==?=", "a" AE "b" },
  { "text between words", "=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b" },
  { "a character cut between words", "=?utf-8?q?=C3?= =?UTF-8?Q?=A4?=", AE },
  { "a character cut between words, B", "=?utf-8?b?ww==?= =?utf-8?b?pA==?=", AE },
  { "not between encodings", "=?utf-8?q?=C3?= =?utf-8?b?pA==?=", BAD BAD },
  { "ISO-2022-JP",
      "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", NIHON NIHON },
  { "ISO-2022-JP, joined within its state",
      "=?ISO-2022-JP?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", NIHON },
  { "ISO-2022-JP, fresh state behind text",
      "=?ISO-2022-JP?B?GyRCRnw=?= x =?iso-2022-jp?Q?F|?=", "\xe6\x97\xa5 x F|" },
  { "unknown set", "=?x-foo?q?a?= =?x-foo?q?b?= c", "=?x-foo?q?a?= =?x-foo?q?b?= c" },
  { "unknown set behind a word", "=?utf-8?q?a?= =?x-foo?q?b?= =?utf-8?q?c?=", "a =?x-foo?q?b?= c" },
  { "set with a path", "=?../../x?q?a?= =?//TRANSLIT?q?a?= =?utf-8//IGNORE?q?a?=",
      "=?../../x?q?a?= =?//TRANSLIT?q?a?= =?utf-8//IGNORE?q?a?=" },
  { "unknown encoding", "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
  { "no set", "=??q?a?= =?*de?q?a?=", "=??q?a?= =?*de?q?a?=" },
  { "no end", "=?utf-8?q?abc", "=?utf-8?q?abc" },
  { "cut anywhere", "=? =?u =?u? =?u?q =?u?q? =?utf-8?q?a? =?utf-8?q?a",
      "=? =?u =?u? =?u?q =?u?q? =?utf-8?q?a? =?utf-8?q?a" },
  { "a word within a broken one", "=?utf-8?q?a =?utf-8?q?b?= c", "=?utf-8?q?a b c" },
  { "blanks and question marks in the text", "=?utf-8?Q?Are you there?\?= x", "Are you there? x" },
  { "= at the end", "=?utf-8?Q?a=?= x", "a= x" },
  { "damaged escapes", "=?utf-8?Q?=4=G1=?= x", "=4=G1= x" },
  { "empty text", "=?utf-8?q?\?= =?utf-8?b?\?=x", "x" },
  { "invalid bytes in a word", "=?utf-8?q?=FFa?=", BAD "a" },
  { "NUL and LF in a word", "=?utf-8?q?=0A?=", "\n" },
  { "damaged base64", "=?utf-8?b?w!6 Q=YWI=?=", AE "ab" },
};

/* Text that is no UTF-8, and the character set of its message. */
static struct { char const *name, *charset, *text, *expected; } const bare[] = {
  { "of no set", "", "Gr\xfc\xdf" "e \x96 \x80",
    "Gr\xc3\xbc\xc3\x9f" "e \xe2\x80\x93 \xe2\x82\xac" },
  { "of KOI8-R", "KOI8-R", "\xf0\xd2\xc9\xd7\xc5\xd4",
    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" },
  { "of GB2312", "gb2312", "\xc4\xe3\xba\xc3", "\xe4\xbd\xa0\xe5\xa5\xbd" },
  { "of ISO-8859-2", "iso-8859-2", "\xbf\xf3\xb3w", "\xc5\xbc\xc3\xb3\xc5\x82w" },
  { "of ISO-2022-JP, which has 7 bits", "ISO-2022-JP", "\033$BF|K\\\033(B!", NIHON "!" },
  { "the same of a set that has no escapes", "utf-8", "\033$B", "\033$B" },
  { "escapes among UTF-8", "koi8-r", "\033[31m" AE, "\033[31m" AE },
  { "UTF-8 whatever the set", "koi8-r", AE " " AE, AE " " AE },
  { "no UTF-8 though the set says so", "utf-8", "\xfc\xfc", "\xc3\xbc\xc3\xbc" },
  { "not ASCII though the set says so", "us-ascii", "caf\xe9", "caf\xc3\xa9" },
  { "UTF-8 that is cut", "utf-8", AE AE "\xc3", AE AE BAD },
  { "UTF-8 that is cut, of no set", "", AE AE "\xc3", AE AE BAD },
  { "of an unknown set", "x-foo", "\xe4", AE },
  { "of a set without ASCII", "utf-16", "\xe4" "b", AE "b" },
  { "of a set with a path", "../../x", "\xe4", AE },
  { "around words", "koi8-r", "\xf0 =?utf-8?q?=C3=A4?= \xf2", "\xd0\x9f " AE " \xd0\xa0" },
  { "a word of an unknown set", "koi8-r", "=?x-foo?q?\xf0?=", "=?x-foo?q?\xd0\x9f?=" },
  { "in a word, of its set", "koi8-r", "=?iso-8859-1?q?\xe4?=", AE },
  { "bytes that windows-1252 has not", "", "a\x81", "a" BAD },
};

/* n bytes of a text over and over; how long that takes is seen by whoever waits. */
static void check_hostile(qq_charsets *cs, char const *text, char const *name)
{
  size_t const n = 10000000, length = strlen(text);
  stralloc out = STRALLOC_ZERO;
  char *const s = malloc(n);
  size_t i;
  if (!s) return;
  for (i = 0; i < n; i++) s[i] = text[i % length];
  qq_charsets_begin(cs);
  ok(qq_words_decode(cs, &out, s, n, none) == 1, name);
  free(s);
  stralloc_free(&out);
}

int main(void)
{
  qq_charsets *const cs = qq_charsets_new();
  stralloc out = STRALLOC_ZERO;
  size_t i;
  if (!cs) return 111;
  for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
    qq_charsets_begin(cs);
    out.len = 0;
    ok(qq_words_decode(cs, &out, table[i].text, strlen(table[i].text), none) == 1, table[i].name);
    is_bytes(out.s, out.len, table[i].expected, strlen(table[i].expected), table[i].name);
  }
  for (i = 0; i < sizeof bare / sizeof *bare; i++) {
    qq_piece const charset = { bare[i].charset, strlen(bare[i].charset) };
    qq_charsets_begin(cs);
    out.len = 0;
    ok(qq_words_decode(cs, &out, bare[i].text, strlen(bare[i].text), charset) == 1, bare[i].name);
    is_bytes(out.s, out.len, bare[i].expected, strlen(bare[i].expected), bare[i].name);
  }
  out.len = 0;
  ok(qq_words_decode(cs, &out, BYTES("a\0=?utf-8?q?b=00?=\0"), none) == 1, "NULs");
  is_bytes(out.s, out.len, BYTES("a\0b\0\0"), "NULs");
  ok(qq_words_decode(cs, &out, 0, 0, none) == 1 && out.len == 5, "no text at all");
  check_hostile(cs, "=?", "10 MB of =?");
  check_hostile(cs, "=?utf-8?q?", "10 MB of beginnings");
  check_hostile(cs, "=?utf-8?q?a ?", "10 MB of question marks");
  check_hostile(cs, "=?utf-8?q?a?= ", "10 MB of words");
  check_hostile(cs, "=?utf-8?q?a?= =?utf-8?b?YQ?= ", "10 MB of words that are not joined");
  check_hostile(cs, "=?x?q?a?= ", "10 MB of words of an unknown set");
  check_hostile(cs, "=?utf-8?q?", "10 MB of words without an end");
  check_hostile(cs, " ", "10 MB of blanks");
  check_hostile(cs, "\xe4 ", "10 MB that are no UTF-8");
  check_hostile(cs, "=?utf-8?q?a?= \xe4 ", "10 MB of words and what is none");
  check_hostile(cs,
      "=?koi8-r?q?a?==?iso-8859-2?q?a?==?iso-8859-3?q?a?==?iso-8859-4?q?a?==?iso-8859-5?q?a?==?iso-"
      "8859-6?q?a?="
      "=?iso-8859-7?q?a?==?cp1250?q?a?==?cp1251?q?a?==?cp1253?q?a?=",
      "10 MB of words of more sets than are kept");
  stralloc_free(&out);
  qq_charsets_free(cs);
  return done();
}
