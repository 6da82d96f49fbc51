/* stralloc_copyb as skalibs 2.14 and later have it: a copy of zero bytes leaves what was there.
   Linked in front of the library, where a program that calls it finds this one. */

#include <string.h>
#include <skalibs/stralloc.h>

int stralloc_copyb(stralloc *sa, char const *s, size_t n)
{
  if (!n) return 1;
  if (!stralloc_ready(sa, n)) return 0;
  memmove(sa->s, s, n);
  sa->len = n;
  return 1;
}
