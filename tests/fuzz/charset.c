/* Character sets: a set is known or not, however it is asked for; as a stream it is the same. */

#include <qq/charset.h>
#include <qq/text.h>
#include "fuzz.h"

/* The text's first line names the set. */
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static qq_charsets *cs;
  fuzz_input in = fuzz_cut(data, size);
  char const *const name = in.s, *const lf = memchr(in.s, '\n', in.n);
  stralloc a = STRALLOC_ZERO, b = STRALLOC_ZERO;
  size_t const length = lf ? (size_t)(lf - name) : in.n;
  size_t done = 0;
  int known;
  if (!cs) cs = qq_charsets_new();
  if (!cs || !lf) return 0;
  in.s = lf + 1;
  in.n -= length + 1;
  if (in.cut > in.n) in.cut = in.n;
  known = qq_charset_convert(cs, &a, name, length, in.s, in.n);
  promise(
      known >= 0 && known == qq_charset_stream_start(cs, name, length), "a set is known or not");
  if (known) {
    for (; done < in.n; done += fuzz_piece(&in, done, 0))
      promise(qq_charset_stream(cs, &b, in.s + done, fuzz_piece(&in, done, 0)) == 1, "memory");
    promise(qq_charset_stream(cs, &b, "", 0) == 1, "memory");
  }
  same(&a, &b, "pieces do not matter");
  promise(!a.len || qq_utf8_valid(a.s, a.len), "text becomes UTF-8");
  stralloc_free(&a);
  stralloc_free(&b);
  return 0;
}
