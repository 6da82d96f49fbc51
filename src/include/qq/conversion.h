/* One conversion to UTF-8, by iconv(3) or, from UTF-8 itself, by qq/utf8.h. */

#ifndef QQ_CONVERSION_H
#define QQ_CONVERSION_H

#include <stddef.h>
#include <iconv.h>
#include <skalibs/stralloc.h>

/* Longer than any character of any set, so than what qq_conversion_run leaves. */
#define QQ_CONVERSION_TAIL_MAX 16

typedef struct qq_conversion {
  int utf8;                     /* if not 0, the rest does not matter */
  iconv_t iconv;
  size_t unit;                  /* bytes to skip where the text is wrong */
  int marked;                   /* a byte order mark may begin the text */
} qq_conversion;
#define QQ_CONVERSION_UTF8 { 1, (iconv_t)-1, 1, 0 }

/* Opens one from the set NAME (as of qq_charset_name). Returns 1, or 0 if there is no such set. */
int qq_conversion_open(qq_conversion *, char const *name);
void qq_conversion_close(qq_conversion *);

/* Converts s and appends it to out; every byte that is wrong becomes U+FFFD. *used says how much of s that was: all of it, if it is the
   last of the text, or all but a cut character at its end. Returns 1, or -1 with errno ENOMEM. */
int qq_conversion_run(qq_conversion *, stralloc *out, char const *s, size_t n, int last, size_t *used);

/* Puts it into its initial state, for another text. Returns 1, or 0 if that is no longer possible: then it is closed. */
int qq_conversion_restart(qq_conversion *, char const *name);

#endif
