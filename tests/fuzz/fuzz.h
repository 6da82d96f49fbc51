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

#endif
