/* UTF-8 (RFC 3629). */

#ifndef QQ_UTF8_H
#define QQ_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#define QQ_UTF8_REPLACEMENT "\xef\xbf\xbd"      /* U+FFFD */

/* Decodes the character at s. Returns its length, 1 to 4, and sets *c;
   or 0 when the bytes there are no complete, shortest-form character (surrogates and what is above U+10FFFF are none). n must be at least 1. */
size_t qq_utf8_decode(char const *s, size_t n, uint32_t *c);

/* Writes c (below U+110000) at s, which has room for 4 bytes. Returns the length. */
size_t qq_utf8_encode(char *s, uint32_t c);

/* How many bytes at the end of s may begin a character that goes on behind them: 0 to 3. */
size_t qq_utf8_cut(char const *s, size_t n);

/* Says whether all of s is UTF-8. */
int qq_utf8_valid(char const *s, size_t n);

/* Appends s, with every byte that is no part of a character replaced by U+FFFD. Returns 1, or 0 with errno ENOMEM. */
int qq_utf8_repair(stralloc *out, char const *s, size_t n);

#endif
