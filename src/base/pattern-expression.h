/* Globs and regular expressions among the patterns (private to pattern.c). */

#ifndef QQ_PATTERN_EXPRESSION_H
#define QQ_PATTERN_EXPRESSION_H

#include <qq/pattern.h>

/* Checks the expression and appends it, as a regular expression, to text. Returns 1, or -1 with why and errno. */
int qq_expression_add(stralloc *text, qq_pattern_kind kind, char const *s, size_t n, stralloc *why);

/* As qq_match. */
int qq_expression_match(qq_matcher *m, char const *s, size_t n);

#endif
