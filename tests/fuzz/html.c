/* HTML: the same text in pieces as in one piece, and no more of it than there was. */

#include <qq/mime.h>
#include <qq/text.h>
#include "fuzz.h"

static void read_all(stralloc *out, fuzz_input const *in, int whole)
{
  static qq_html h;
  size_t done = 0;
  qq_html_start(&h);
  for (; done < in->n; done += fuzz_piece(in, done, whole))
    promise(qq_html_feed(&h, out, in->s + done, fuzz_piece(in, done, whole)) == 1, "memory");
  promise(qq_html_feed(&h, out, 0, 0) == 1, "memory");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  stralloc a = STRALLOC_ZERO, b = STRALLOC_ZERO;
  read_all(&a, &in, 1);
  read_all(&b, &in, 0);
  same(&a, &b, "pieces do not matter");
  if (qq_utf8_valid(in.s, in.n) && !memchr(in.s, '<', in.n))
    promise(qq_utf8_valid(a.s, a.len), "what is UTF-8 stays UTF-8");
  promise(a.len <= 2 * in.n + 2, "it does not grow");
  stralloc_free(&a);
  stralloc_free(&b);
  return 0;
}
