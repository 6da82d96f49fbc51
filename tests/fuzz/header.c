/* Headers: the same fields in pieces as in one piece. */

#include <qq/header.h>
#include "fuzz.h"

#define COUNT 3

typedef struct reading {
  qq_field fields[COUNT];
  qq_header header;
  int result;
} reading;

static void read_all(reading *r, fuzz_input const *in, int whole)
{
  static reading const fresh = { { QQ_FIELD("Subject"), QQ_FIELD("a"),
                                     { "received", STRALLOC_ZERO, 0, 1 } },
    QQ_HEADER_ZERO, 0 };
  size_t done = 0;
  *r = fresh;
  qq_header_start(&r->header, r->fields, COUNT);
  while (done < in->n && r->result != 1) {
    size_t const piece = fuzz_piece(in, done, whole);
    int const before = r->result;
    r->result = qq_header_feed(&r->header, in->s + done, piece);
    promise(r->result >= 0 && (before != 2 || r->result), "the result grows");
    done += piece;
  }
  promise(r->header.size <= done && (r->result == 1 || r->header.size == done), "size");
  qq_header_end(&r->header);
}

static void check_unfold(char const *s, size_t n)
{
  stralloc out = STRALLOC_ZERO;
  promise(qq_unfold(&out, s, n), "memory");
  promise(out.len <= n, "unfolded is not longer");
  if (out.len) {
    promise(!memchr(out.s, '\n', out.len) && !memchr(out.s, '\r', out.len), "unfolded is one line");
    promise(!strchr(" \t", *out.s) || !*out.s, "no blank at the beginning");
    promise(!strchr(" \t", out.s[out.len - 1]) || !out.s[out.len - 1], "no blank at the end");
  }
  stralloc_free(&out);
}

/* Each occurrence is one field: its lines but the first begin with a blank. */
static void check_every(qq_field const *f)
{
  qq_piece values = qq_piece_of(&f->value), value;
  size_t i;
  while (qq_field_next(&values, &value))
    for (i = 0; i < value.n; i++)
      promise(value.s[i] != '\n' || (i + 1 < value.n && strchr(" \t", value.s[i + 1])
                                      && value.s[i + 1]),
          "an occurrence is one field");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  fuzz_input const in = fuzz_cut(data, size);
  reading a, b;
  size_t i;
  read_all(&a, &in, 1);
  read_all(&b, &in, 0);
  promise(a.result == b.result && a.header.size == b.header.size, "pieces do not matter");
  for (i = 0; i < COUNT; i++) {
    promise(a.fields[i].found == b.fields[i].found, "pieces do not matter to what is found");
    same(&a.fields[i].value, &b.fields[i].value, "pieces do not matter to values");
    check_unfold(a.fields[i].value.s, a.fields[i].value.len);
  }
  check_every(&a.fields[2]);
  check_unfold(in.s, in.n);
  qq_header_free(&a.header);
  qq_header_free(&b.header);
  return 0;
}
