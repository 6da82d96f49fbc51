/* The Test Anything Protocol, for the programs of this directory. Each is one source file, so all
   is static. */

#ifndef QQ_TAP_H
#define QQ_TAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int tap_tests, tap_failures;

static inline int ok(int good, char const *name)
{
  tap_failures += !good;
  printf("%sok %u - %s\n", good ? "" : "not ", ++tap_tests, name);
  return good;
}

/* Shows bytes behind a failed test. */
static inline void tap_show(char const *what, char const *s, size_t n)
{
  size_t i;
  printf("# %s: %lu bytes: ", what, (unsigned long)n);
  for (i = 0; i < n && i < 300; i++) {
    unsigned char const c = (unsigned char)s[i];
    if (c == '\n') printf("\\n");
    else if (c >= 32 && c < 127 && c != '\\') putchar(c);
    else printf("\\x%02x", c);
  }
  printf(n > 300 ? "...\n" : "\n");
}

static inline int is_bytes(
    char const *s, size_t n, char const *expected, size_t expected_length, char const *name)
{
  int const good = ok(n == expected_length && (!n || !memcmp(s, expected, n)), name);
  if (!good) {
    tap_show("got", s, n);
    tap_show("expected", expected, expected_length);
  }
  return good;
}

static inline int is_number(unsigned long long n, unsigned long long expected, char const *name)
{
  int const good = ok(n == expected, name);
  if (!good) printf("# got %llu, expected %llu\n", n, expected);
  return good;
}

/* n bytes: a beginning, and behind it a text over and over. The caller frees them. */
static inline char *tap_repeated(size_t n, char const *beginning, char const *text)
{
  size_t const start = strlen(beginning), length = strlen(text);
  char *const s = malloc(n);
  size_t i;
  if (!s) exit(111);
  memcpy(s, beginning, start);
  for (i = 0; start + i < n; i++) s[start + i] = text[i % length];
  return s;
}

/* To be returned by main. */
static inline int done(void)
{
  printf("1..%u\n", tap_tests);
  return tap_failures ? 1 : 0;
}

/* Sizes of the pieces in which tests feed their input; 0 is the whole. */
static size_t const tap_pieces[] = { 0, 1, 2, 3, 7 };
#define TAP_PIECES (sizeof(tap_pieces) / sizeof(*tap_pieces))

static inline size_t tap_piece(size_t which, size_t left)
{
  size_t const n = tap_pieces[which];
  return n && n < left ? n : left;
}

/* A literal and its length, which may contain NULs. */
#define BYTES(s) (s), sizeof(s) - 1

#endif
