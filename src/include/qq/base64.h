/* base64 (RFC 2045 section 6.8), decoded as it comes. */

#ifndef QQ_BASE64_H
#define QQ_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

typedef struct qq_base64 {
  uint32_t bits;
  unsigned int count;           /* of bits that wait for company */
} qq_base64;
#define QQ_BASE64_ZERO { 0, 0 }

/* Appends the bytes that s completes. What is not of the alphabet is skipped; a `=` ends a group, another may follow.
   There is nothing to do at the end: bits that make no whole byte are lost. Returns 1, or 0 with errno ENOMEM. */
int qq_base64_feed(qq_base64 *, stralloc *out, char const *s, size_t n);

#endif
