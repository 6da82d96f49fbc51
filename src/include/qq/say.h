/* Text for people, built with printf(3) formats (so that it can be translated) and safe to look at. */

#ifndef QQ_SAY_H
#define QQ_SAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <skalibs/stralloc.h>

#if defined(__GNUC__) || defined(__clang__)
#define QQ_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define QQ_PRINTF(text, first)
#endif

/* Appends the formatted text; the NUL behind it does not count. Returns 1, or 0 with errno ENOMEM. */
int qq_say(stralloc *, char const *format, ...) QQ_PRINTF(2, 3);
int qq_vsay(stralloc *, char const *format, va_list) QQ_PRINTF(2, 0);

/* Appends the text, which says what could not be done, with `: ' and what errno stands for behind it, and where they may
   help, root's rights. Returns -1; errno stays. */
int qq_unable(stralloc *, char const *format, ...) QQ_PRINTF(2, 3);
int qq_vunable(stralloc *, char const *format, va_list) QQ_PRINTF(2, 0);

/* For who fails and says why: appends the formatted text. Returns -1, with errno e. */
int qq_refuse(stralloc *why, int e, char const *format, ...) QQ_PRINTF(3, 4);

/* Says whether the character steers instead of showing: C0 and C1 controls, bidirectional controls (UAX #9), zero-width ones, line and
   paragraph separators, interlinear annotation, tags, noncharacters. */
int qq_steers(uint32_t c);

/* Appends s so that it can do nothing to a terminal: what is no UTF-8 becomes \xNN; control characters \n, \t, \xNN or \u{N};
   bidirectional controls, line and paragraph separators, and characters without a picture of their own \u{N}. A backslash stays
   as it is. Returns 1, or 0 with errno ENOMEM. */
int qq_safe(stralloc *out, char const *s, size_t n);

#endif
