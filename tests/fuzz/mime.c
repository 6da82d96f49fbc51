/* MIME: the same text in pieces as in one piece. */

#include <qq/mime.h>
#include "fuzz.h"

static void read_all(qq_mime *m, stralloc *out, fuzz_input const *in, int whole)
{
  size_t done = 0;
  qq_mime_start(m);
  for (; done < in->n; done += fuzz_piece(in, done, whole))
    promise(qq_mime_feed(m, out, in->s + done, fuzz_piece(in, done, whole)) == 1, "memory");
  promise(qq_mime_feed(m, out, 0, 0) == 1, "memory");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static qq_charsets *cs;
  static qq_mime *m;
  fuzz_input const in = fuzz_cut(data, size);
  stralloc a = STRALLOC_ZERO, b = STRALLOC_ZERO;
  if (!cs) cs = qq_charsets_new();
  if (cs && !m) m = qq_mime_new(cs);
  if (!m) return 0;
  read_all(m, &a, &in, 1);
  read_all(m, &b, &in, 0);
  same(&a, &b, "pieces do not matter");
  promise(!a.len || a.s[a.len - 1] == '\n', "the text ends with a LF");
  stralloc_free(&a);
  stralloc_free(&b);
  return 0;
}
