/* Appending to strallocs that mostly have room already: inline, where skalibs' calls would cost more than the copy. */

#ifndef QQ_APPEND_H
#define QQ_APPEND_H

#include <string.h>
#include <skalibs/stralloc.h>

/* Makes room for n more bytes. Returns 1, or 0 with errno ENOMEM. */
static inline int qq_room(stralloc *sa, size_t n)
{
  return (sa->s && sa->a - sa->len >= n) || stralloc_readyplus(sa, n);
}

/* Appends n bytes; s may be null if n is 0. Returns 1, or 0 with errno ENOMEM. */
static inline int qq_append(stralloc *sa, char const *s, size_t n)
{
  if (!n) return 1;
  if (!qq_room(sa, n)) return 0;
  memcpy(sa->s + sa->len, s, n);
  sa->len += n;
  return 1;
}

#endif
