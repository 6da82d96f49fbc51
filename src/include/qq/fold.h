/* Text without case: Unicode simple case folding (CaseFolding.txt, status C and S), whatever the locale. */

#ifndef QQ_FOLD_H
#define QQ_FOLD_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* The folded form of one character. */
uint32_t qq_fold_character(uint32_t c);

/* Appends s folded; bytes that are no UTF-8 are copied. Returns 1, or 0 with errno ENOMEM. */
int qq_fold(stralloc *out, char const *s, size_t n);

#endif
