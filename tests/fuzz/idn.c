/* Domains: what has no label in Punycode stays; what is spelled out is UTF-8. */

#include <qq/text.h>
#include "fuzz.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  stralloc out = STRALLOC_ZERO;
  char const *const s = (char const *)data;
  promise(qq_idn_spell(&out, s, size) == 1, "memory");
  if (qq_utf8_valid(s, size)) promise(qq_utf8_valid(out.s, out.len), "labels become UTF-8");
  if (!qq_idn_is_in(s, size))
    promise(out.len == size && (!size || !memcmp(out.s, s, size)), "what has none stays");
  stralloc_free(&out);
  return 0;
}
