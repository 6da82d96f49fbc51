/* What the fuzz targets share. A broken promise aborts. */

#ifndef QQ_FUZZ_H
#define QQ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/stralloc.h>

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static inline void promise(int kept, char const *what)
{
  if (kept) return;
  fprintf(stderr, "broken: %s\n", what);
  abort();
}

static inline void same(stralloc const *a, stralloc const *b, char const *what)
{
  promise(a->len == b->len && (!a->len || !memcmp(a->s, b->s, a->len)), what);
}

/* The input: where to cut, as two bytes say, and the text behind them. */
typedef struct fuzz_input {
  char const *s;
  size_t n;
  size_t cut;                   /* 0 to n; a cut of 0 means pieces of one byte */
} fuzz_input;

static inline fuzz_input fuzz_cut(uint8_t const *data, size_t size)
{
  fuzz_input in = { "", 0, 0 };
  if (size < 3) return in;
  in.s = (char const *)data + 2;
  in.n = size - 2;
  in.cut = (size_t)(data[0] << 8 | data[1]) % (in.n + 1);
  return in;
}

/* The length of the piece at s + done. */
static inline size_t fuzz_piece(fuzz_input const *in, size_t done, int whole)
{
  if (whole) return in->n - done;
  if (!in->cut) return 1;
  return done < in->cut ? in->cut - done : in->n - done;
}

/* Says whether s names a character set in which glibc reads wrong text now so, now so, as the
   pieces fall: its UHC takes bytes that it refuses, its UTF-7 goes into another state with them. */
static inline int fuzz_unsteady(char const *s, size_t n)
{
  static char const *const names[] = { "f7", "unicode", "kr", "ks", "korean", "5601", "149", "949",
    "uhc" };
  char squashed[9] = "";
  size_t i, k, length = 0;
  for (i = 0; i < n; i++) {
    int const digit = s[i] >= '0' && s[i] <= '9';
    char const c = digit ? s[i] : (char)(s[i] | 0x20);
    if (!digit && !(c >= 'a' && c <= 'z')) continue;
    if (length == 8) memmove(squashed, squashed + 1, length--);
    squashed[length++] = c;
    squashed[length] = 0;
    for (k = 0; k < sizeof(names) / sizeof(*names); k++)
      if (strstr(squashed, names[k])) return 1;
  }
  return 0;
}

#endif
