/* Sets of patterns that text is searched for. Thousands of substrings, whole texts, globs or
   regular expressions cost about as much as one.

   Text is compared without case (qq/text.h) unless exact is set. An empty pattern is refused. */

#ifndef QQ_PATTERN_H
#define QQ_PATTERN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <regex.h>
#include <skalibs/stralloc.h>
#include <skalibs/genalloc.h>
#include <qq/text.h>

typedef enum {
  QQ_PATTERN_SUBSTRING,
  QQ_PATTERN_WHOLE,             /* the text is the pattern */
  QQ_PATTERN_GLOB,              /* * ? [...] and \ ; the whole text */
  QQ_PATTERN_REGEX,             /* POSIX extended, somewhere in the text */
  QQ_PATTERN_REGEX_WHOLE
} qq_pattern_kind;

typedef struct qq_patterns {
  qq_pattern_kind kind;         /* set, as the next three, before the first qq_patterns_add */
  int exact;
  int is_shown;                 /* texts are as qq_utf8_shown makes them, and so are
                                   patterns that are no expressions */
  int idn;                      /* what is in Punycode, in text and patterns, counts as what it
                                   spells, too (qq/text.h) */
  /* private from here */
  stralloc text;                /* all patterns, one behind the other */
  genalloc list;                /* of qq_piece, in text once the set is ready */
  uint32_t *from;               /* many substrings: where in the sorted list those begin that begin
                                   with two given bytes */
  unsigned char single[256];    /* substrings of one byte */
} qq_patterns;
#define QQ_PATTERNS_ZERO { QQ_PATTERN_SUBSTRING, 0, 0, 0, STRALLOC_ZERO, GENALLOC_ZERO, 0, { 0 } }

/* Adds a pattern. Returns 1; -1 with the reason in why and errno EINVAL (empty; a bad expression)
   or ENOMEM. */
int qq_patterns_add(qq_patterns *, char const *s, size_t n, stralloc *why);

/* Adds every line of the open file fd, whose name is for diagnostics, without what nobody sees at
   its ends (blanks, no-break spaces, a byte order mark); empty lines are skipped.
   Returns 1, or -1 with the reason in why and errno; a file without a pattern is EINVAL. */
int qq_patterns_add_lines(qq_patterns *, int fd, char const *name, stralloc *why);

/* Makes the set ready; nothing is added afterwards. Returns 1, or -1 with errno ENOMEM. */
int qq_patterns_ready(qq_patterns *);

/* How many were added (after qq_patterns_ready: how many are left). */
size_t qq_patterns_count(qq_patterns const *);

/* What one thread needs to search: scratch space, and expressions of its own, because regexec(3)
   locks them. */
typedef struct qq_matcher {
  qq_patterns const *patterns;
  stralloc spelled, folded;
  regex_t expression;
  int compiled;
} qq_matcher;
#define QQ_MATCHER_ZERO(set) { (set), STRALLOC_ZERO, STRALLOC_ZERO, { 0 }, 0 }

/* Says whether the text matches one of the patterns: 1 or 0; -1 with errno ENOMEM. The set must be
   ready. */
int qq_match(qq_matcher *, char const *s, size_t n);

/* ---- private: globs and regular expressions among the patterns ---- */

/* Checks the expression and appends it, as a regular expression, to text. Returns 1, or -1 with why
   and errno. */
int qq_expression_add(stralloc *text, qq_pattern_kind kind, char const *s, size_t n, stralloc *why);

/* As qq_match. */
int qq_expression_match(qq_matcher *m, char const *s, size_t n);

#endif
