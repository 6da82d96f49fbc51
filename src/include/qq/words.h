/* Encoded words in header fields (RFC 2047, with the language suffix of RFC 2231 section 5). */

#ifndef QQ_WORDS_H
#define QQ_WORDS_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>

/* Appends the unfolded field value s to out, with each encoded word replaced by its text in UTF-8.
   White space between two encoded words is dropped; neighbouring words of the same character set and encoding are decoded
   together, because senders cut characters between words. Words are also taken inside quotes and without blanks around them, as
   mail readers do. A word that is malformed or of an unknown character set stays as it is. Bytes outside of words are copied exactly,
   valid UTF-8 or not. Returns 1, or -1 with errno ENOMEM. */
int qq_words_decode(qq_charsets *, stralloc *out, char const *s, size_t n);

#endif
