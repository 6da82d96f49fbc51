/* Bounces: the same recipients and reasons in pieces as in one piece. */

#include <qq/qsbmf.h>
#include "fuzz.h"

static void read_all(stralloc *out, fuzz_input const *in, int whole, int message)
{
  qq_qsbmf q = QQ_QSBMF_ZERO;
  size_t done = 0;
  int r = 0;
  if (message) qq_qsbmf_start_message(&q);
  else qq_qsbmf_start_file(&q);
  while (r != 2) {
    size_t const piece = done < in->n ? fuzz_piece(in, done, whole) : 0;
    char const *s = in->s + done;
    size_t left = piece;
    while ((r = qq_qsbmf_feed(&q, &s, &left)) == 1) {
      promise(
          !q.address.len || !memchr(q.address.s, '\n', q.address.len), "an address is one line");
      promise(!q.reason.len || (*q.reason.s != '\n' && q.reason.s[q.reason.len - 1] != '\n'),
          "no line end around a reason");
      promise(left || !piece, "something is left behind a recipient");
      promise(stralloc_cats(out, "<") && stralloc_cat(out, &q.address) && stralloc_cats(out, ">:\n")
              && stralloc_cat(out, &q.reason) && stralloc_cats(out, q.reason.len ? "\n\n" : "\n"),
          "memory");
    }
    promise(r == 2 || (!r && piece && !left), "all is taken");
    done += piece;
  }
  qq_qsbmf_free(&q);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  stralloc a = STRALLOC_ZERO, b = STRALLOC_ZERO;
  int const message = size & 1;
  fuzz_input again;
  read_all(&a, &in, 1, message);
  read_all(&b, &in, 0, message);
  same(&a, &b, "pieces do not matter");
  again.s = a.len ? a.s : "";
  again.n = a.len;
  again.cut = 0;
  b.len = 0;
  read_all(&b, &again, 1, 0);
  same(&a, &b, "what was read reads the same when written as a file of bounce/");
  stralloc_free(&a);
  stralloc_free(&b);
  return 0;
}
