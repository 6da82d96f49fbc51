/* words - encoded words of a header field (RFC 2047) as UTF-8. */

#include <stdlib.h>
#include <qq/header.h>
#include "tap.h"

#define BAD "\xef\xbf\xbd"
#define AE "\xc3\xa4"
#define NIHON "\xe6\x97\xa5\xe6\x9c\xac"

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
  { "invalid bytes outside", "\xff =?utf-8?q?a?= \xff", "\xff a \xff" },
  { "NUL and LF in a word", "=?utf-8?q?=0A?=", "\n" },
  { "damaged base64", "=?utf-8?b?w!6 Q=YWI=?=", AE "ab" },
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
  ok(qq_words_decode(cs, &out, s, n) == 1, name);
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
    out.len = 0;
    ok(qq_words_decode(cs, &out, table[i].text, strlen(table[i].text)) == 1, table[i].name);
    is_bytes(out.s, out.len, table[i].expected, strlen(table[i].expected), table[i].name);
  }
  out.len = 0;
  ok(qq_words_decode(cs, &out, BYTES("a\0=?utf-8?q?b=00?=\0")) == 1, "NULs");
  is_bytes(out.s, out.len, BYTES("a\0b\0\0"), "NULs");
  ok(qq_words_decode(cs, &out, 0, 0) == 1 && out.len == 5, "no text at all");
  check_hostile(cs, "=?", "10 MB of =?");
  check_hostile(cs, "=?utf-8?q?", "10 MB of beginnings");
  check_hostile(cs, "=?utf-8?q?a ?", "10 MB of question marks");
  check_hostile(cs, "=?utf-8?q?a?= ", "10 MB of words");
  check_hostile(cs, "=?utf-8?q?a?= =?utf-8?b?YQ?= ", "10 MB of words that are not joined");
  check_hostile(cs, "=?x?q?a?= ", "10 MB of words of an unknown set");
  check_hostile(cs, "=?utf-8?q?", "10 MB of words without an end");
  check_hostile(cs, " ", "10 MB of blanks");
  check_hostile(cs,
      "=?koi8-r?q?a?==?iso-8859-2?q?a?==?iso-8859-3?q?a?==?iso-8859-4?q?a?==?iso-8859-5?q?a?==?iso-"
      "8859-6?q?a?="
      "=?iso-8859-7?q?a?==?cp1250?q?a?==?cp1251?q?a?==?cp1253?q?a?=",
      "10 MB of words of more sets than are kept");
  stralloc_free(&out);
  qq_charsets_free(cs);
  return done();
}
