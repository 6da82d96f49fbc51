/* charsets - every character set of this system's iconv(3): what a text becomes depends neither on
   the pieces that it comes in, nor on the room that there is for it, nor on what was converted
   before it (src/mail/conversion.c). */

#include <stdio.h>
#include <stdlib.h>
#include <iconv.h>
#include <qq/charset.h>
#include <qq/text.h>
#include "tap.h"

#define TEXTS 4
#define LENGTH 2600             /* of a text: more than two windows */

/* What the set has of several scripts, each character for itself. */
static void encode(stralloc *text, char const *set)
{
  static char const sample[] = "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xd0\x9f\xd1\x80\xd0\xb8 "
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe3\x81\x8b\xe3\x82\x9a \xed\x95\x9c\xea\xb5\xad "
    "\xe0\xae\x95\xe0\xaf\x8d\xe0\xae\xb7\xe0\xaf\x86\xe0\xae\xb0\xe0\xaf\x8a "
    "\xd7\xa9\xd6\xbc\xd7\x81 a\xcc\x80\xc6\xb0\xcc\xa3 \xc3\xaa\xcc\x8c \xd5\xa5\xd6\x82 "
    "\xf0\x9f\x98\x80 \xe0\xb8\x81\xe0\xb8\xb3\n";
  iconv_t const to = iconv_open(set, "UTF-8");
  if (to == (iconv_t)-1) return;
  while (text->len < LENGTH) {
    size_t const before = text->len;
    char const *s = sample;
    while (*s) {
      char character[4], room[64], *in = character, *out = room;
      size_t length = 1, left, free = sizeof room;
      while ((s[length] & 0xc0) == 0x80) length++;
      memcpy(character, s, length);
      left = length;
      if (iconv(to, &in, &left, &out, &free) != (size_t)-1)
        qq_append(text, room, (size_t)(out - room));
      s += length;
    }
    if (text->len == before) break;
  }
  iconv_close(to);
}

static void scatter(stralloc *text, unsigned int mask, unsigned int base)
{
  unsigned int x = 1;
  while (text->len < LENGTH) {
    char c;
    x = x * 1103515245 + 12345;
    c = (char)(base + (x >> 16 & mask));
    qq_append(text, &c, 1);
  }
}

static void as_stream(qq_charsets *cs, stralloc *out, char const *set, stralloc const *text,
  size_t piece)
{
  size_t done = 0;
  if (qq_charset_stream_start(cs, set, strlen(set)) != 1) return;
  for (; done < text->len; done += piece)
    qq_charset_stream(cs, out, text->s + done, text->len - done < piece ? text->len - done : piece);
  qq_charset_stream(cs, out, "", 0);
}

static int equal(stralloc const *a, stralloc const *b)
{
  return a->len == b->len && (!a->len || !memcmp(a->s, b->s, a->len));
}

/* Converts the text with what has converted much before, whole and in pieces. */
static int is_steady(qq_charsets *used, char const *set, stralloc const *text)
{
  static size_t const pieces[] = { 1, 2, 3, 7, 1000 };
  qq_charsets *const fresh = qq_charsets_new();
  stralloc expected = STRALLOC_ZERO, got = STRALLOC_ZERO;
  size_t i;
  int same;
  if (!fresh) exit(111);
  qq_charset_convert(fresh, &expected, set, strlen(set), text->s, text->len);
  qq_charsets_begin(used);
  qq_charset_convert(used, &got, set, strlen(set), text->s, text->len);
  same = equal(&expected, &got) && qq_utf8_valid(got.s, got.len);
  if (!same) printf("# %s: %zu bytes, after others %zu\n", set, expected.len, got.len);
  for (i = 0; i < sizeof pieces / sizeof *pieces; i++) {
    got.len = 0;
    as_stream(used, &got, set, text, pieces[i]);
    if (equal(&expected, &got)) continue;
    same = 0;
    printf("# %s: %zu bytes, in pieces of %zu %zu\n", set, expected.len, pieces[i], got.len);
  }
  qq_charsets_free(fresh);
  stralloc_free(&expected);
  stralloc_free(&got);
  return same;
}

/* Euro signs of UTF-8 with another label, in buffers that have little room, or more. */
static int has_room(qq_charsets *used, char const *set)
{
  static char const text[] = "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
  stralloc expected = STRALLOC_ZERO;
  size_t room;
  int same = 1;
  for (room = 8; room < 600 && same; room += 5) {
    stralloc got = STRALLOC_ZERO;
    if (!stralloc_ready(&got, room)) exit(111);
    qq_charsets_begin(used);
    qq_charset_convert(used, &got, set, strlen(set), BYTES(text));
    same = room == 8 || equal(&expected, &got);
    if (room == 8) qq_append(&expected, got.s, got.len);
    stralloc_free(&got);
  }
  if (!same) printf("# %s: another text with room for %zu bytes\n", set, room);
  stralloc_free(&expected);
  return same;
}

static void check(qq_charsets *cs, char const *set)
{
  stralloc texts[TEXTS] = { STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO };
  size_t i;
  int same = has_room(cs, set);
  encode(&texts[0], set);
  scatter(&texts[1], 0xff, 0);
  scatter(&texts[2], 0x7f, 0x80);
  scatter(&texts[3], 0x3f, 0x20);
  for (i = 0; i < TEXTS; i++) {
    same &= is_steady(cs, set, &texts[i]);
    stralloc_free(&texts[i]);
  }
  ok(same, set);
}

/* As `iconv -l' has them: in words, with commas or slashes behind. */
int main(void)
{
  qq_charsets *const cs = qq_charsets_new();
  FILE *const list = popen("iconv -l", "r");
  char word[256];
  if (!cs || !list) return 111;
  while (fscanf(list, "%255s", word) == 1) {
    word[strcspn(word, "/,")] = 0;
    if (*word && strlen(word) <= QQ_CHARSET_NAME_MAX) check(cs, word);
  }
  pclose(list);
  check(cs, "windows-1258");
  qq_charsets_free(cs);
  return done();
}
