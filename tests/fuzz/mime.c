/* MIME: the same text in pieces as in one piece, to search and to read. */

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

static void read_readable(qq_readable *r, stralloc *out, fuzz_input const *in, int whole)
{
  size_t done = 0;
  qq_readable_start(r);
  out->len = 0;
  for (; done < in->n; done += fuzz_piece(in, done, whole))
    promise(qq_readable_feed(r, out, in->s + done, fuzz_piece(in, done, whole)) == 1, "memory");
  promise(qq_readable_feed(r, out, 0, 0) == 1, "memory");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static qq_charsets *cs;
  static qq_mime *m;
  static qq_readable *r;
  fuzz_input const in = fuzz_cut(data, size);
  stralloc a = STRALLOC_ZERO, b = STRALLOC_ZERO;
  if (!cs) cs = qq_charsets_new();
  if (cs && !m) m = qq_mime_new(cs);
  if (m && !r) r = qq_readable_new(cs);
  if (!r) return 0;
  read_all(m, &a, &in, 1);
  read_all(m, &b, &in, 0);
  same(&a, &b, "pieces do not matter");
  promise(!a.len || a.s[a.len - 1] == '\n', "the text ends with a LF");
  read_readable(r, &a, &in, 1);
  read_readable(r, &b, &in, 0);
  same(&a, &b, "pieces do not matter for reading");
  promise(!a.len || a.s[a.len - 1] == '\n', "what is read ends with a LF");
  stralloc_free(&a);
  stralloc_free(&b);
  return 0;
}
