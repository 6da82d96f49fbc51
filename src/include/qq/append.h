/* Appending to strallocs, and copying into them, that mostly have room already: inline, where skalibs' calls would cost more than the copy. */

#ifndef QQ_APPEND_H
#define QQ_APPEND_H

#include <string.h>
#include <skalibs/stralloc.h>
#include <qq/append.h>

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

/* Makes sa these n bytes, which are no part of it; s may be null if n is 0. Returns 1, and sa->s is not null, or 0 with
   errno ENOMEM. Instead of skalibs' stralloc_copy, copyb and copys: since 2.14, zero bytes leave the old length. */
static inline int qq_copy(stralloc *sa, char const *s, size_t n)
{
  sa->len = 0;
  return qq_room(sa, n) && qq_append(sa, s, n);
}

/* Makes sa the string s and the NUL behind it. Returns 1, or 0 with errno ENOMEM. */
static inline int qq_copy_string(stralloc *sa, char const *s)
{
  return qq_copy(sa, s, strlen(s) + 1);
}

#endif
