/* controltext - lines, numbers and entries of control files (src/control). */

#include <qq/home.h>
#include "tap.h"

static void line(char const *s, size_t n, char const *expected, char const *name)
{
  is_bytes(s, qq_controltext_line(s, n), expected, strlen(expected), name);
}

static struct { char const *text; int read; long value; } const numbers[] = {
  { "12\n", 1, 12 },
  { "12", 1, 12 },
  { "12abc\n", 1, 12 },
  { "0x10\n", 1, 0 },
  { "007 \t\n", 1, 7 },
  { "5\n6\n", 1, 5 },
  { "12\r\n", 1, 12 },
  { "", 0, 0 },
  { "\n", 0, 0 },
  { " 12\n", 0, 0 },
  { "\n12\n", 0, 0 },
  { "-1\n", 0, 0 },
  { "+1\n", 0, 0 },
  { "#1\n", 0, 0 },
  { "abc\n", 0, 0 },
  { "2147483647\n", 1, 2147483647 },
  { "2147483648\n", 1, -2147483647 - 1 },
  { "4294967295\n", 1, -1 },
  { "4294967296\n", 1, 0 },
  { "4294967306\n", 1, 10 },
  { "18446744073709551615\n", 1, -1 },
  { "18446744073709551616\n", 1, 0 },
  { "18446744073709551626\n", 1, 10 },
  { "99999999999999999999\n", 1, 1661992959 },
};

/* Each entry as LINE<ENTRY>. */
static void entries(char const *s, size_t n, char const *expected, char const *name)
{
  char found[200];
  size_t at = 0;
  qq_entries e;
  qq_entries_begin(&e, s, n);
  while (qq_entries_next(&e))
    at += (size_t)snprintf(
        found + at, sizeof found - at, "%zu<%.*s>", e.line, (int)e.entry.n, e.entry.s);
  is_bytes(found, at, expected, strlen(expected), name);
  ok(!qq_entries_next(&e), "the last is the last");
}

int main(void)
{
  size_t i;
  line(BYTES("a.example\n"), "a.example", "a line");
  line(BYTES("a.example"), "a.example", "without a newline");
  line(BYTES(" a b \t \nc\n"), " a b", "blanks go at the end alone");
  line(BYTES("a\r\n"), "a\r", "a CR stays");
  line(BYTES("\na\n"), "", "an empty first line");
  line("", 0, "", "an empty file");
  line(0, 0, "", "nothing at all");
  for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    int32_t value = 0;
    int const read = qq_controltext_integer(numbers[i].text, strlen(numbers[i].text), &value);
    if (!ok(read == numbers[i].read && (!read || value == numbers[i].value), "a number"))
      tap_show(numbers[i].text, numbers[i].text, strlen(numbers[i].text));
  }
  {
    int32_t value = 0;
    ok(qq_controltext_integer(BYTES("1\0002\n"), &value) && value == 1, "a NUL ends a number");
    ok(!qq_controltext_integer(0, 0, &value), "no number");
  }
  entries(BYTES("a\n# b\n\n c # d \t\n#\ne"), "1<a>4< c # d>6<e>", "entries");
  entries(BYTES("a\0b\n\0c\nd\0\ne\0\0f\0#\n"), "1<a>1<b>3<d>3<>4<e>4<>4<f>4<#>", "NULs");
  entries(BYTES("d\0 \t\ne \0"), "1<d>1<>2<e >2<>", "NULs and blanks");
  entries(BYTES("\n\n \t\n"), "", "nothing but blanks");
  entries("", 0, "", "an empty file");
  entries(0, 0, "", "nothing at all");
  entries(BYTES("a\r\n\r\n"), "1<a\r>2<\r>", "CRs");
  return done();
}
