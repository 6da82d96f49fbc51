/* Bounces: the same recipients and reasons in pieces as in one piece, whatever their form. */

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

static void note(void *p, qq_qsbmf const *q)
{
  stralloc *out = p;
  promise(qq_append(out, q->address.s, q->address.len) && stralloc_append(out, 0)
    && qq_append(out, q->reason.s, q->reason.len) && stralloc_append(out, 0), "memory");
}

static void read_report(stralloc *out, fuzz_input const *in, int whole)
{
  static qq_report r;
  size_t done = 0;
  int e = 1;
  out->len = 0;
  qq_report_start(&r);
  for (; done < in->n && e == 1; done += fuzz_piece(in, done, whole))
    e = qq_report_feed(&r, in->s + done, fuzz_piece(in, done, whole), note, out);
  if (e == 1) e = qq_report_feed(&r, 0, 0, note, out);
  promise(e == 2, "a report ends");
  promise(r.is_understood || !out->len, "what tells of somebody is understood");
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
  read_report(&a, &in, 1);
  read_report(&b, &in, 0);
  same(&a, &b, "pieces do not matter for a report");
  stralloc_free(&a);
  stralloc_free(&b);
  return 0;
}
