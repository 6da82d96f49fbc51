/* Encoded words: what is none stays; the same with character sets that are kept open. */

#include <qq/header.h>
#include <qq/text.h>
#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static qq_piece const koi = { "koi8-r", 6 }, none = { "", 0 };
  static qq_charsets *kept;
  qq_charsets *const fresh = qq_charsets_new();
  stralloc a = STRALLOC_ZERO, b = STRALLOC_ZERO;
  char const *const s = (char const *)data;
  qq_piece const set = size & 1 ? koi : none;
  if (!kept) kept = qq_charsets_new();
  if (kept) qq_charsets_begin(kept);
  promise(kept && fresh && qq_words_decode(kept, &a, s, size, set) == 1
          && qq_words_decode(fresh, &b, s, size, set) == 1,
      "memory");
  same(&a, &b, "earlier texts do not matter");
  promise(qq_utf8_valid(a.s, a.len), "all becomes UTF-8");
  if (!size || (!memchr(s, '?', size) && !qq_is_bare(s, size)))
    promise(a.len == size && (!size || !memcmp(a.s, s, size)), "what is no word stays");
  stralloc_free(&a);
  stralloc_free(&b);
  qq_charsets_free(fresh);
  return 0;
}
