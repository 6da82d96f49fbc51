/* The body of one text part, decoded as it comes: transfer encoding, character set, line ends. */

#ifndef QQ_TEXTPART_H
#define QQ_TEXTPART_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/base64.h>
#include <qq/charset.h>
#include <qq/content.h>
#include <qq/quoted.h>

typedef struct qq_textpart {
  qq_charsets *cs;              /* the user's */
  qq_encoding encoding;
  qq_base64 base64;
  qq_quoted quoted;
  stralloc bytes;               /* without transfer encoding */
  int raw;                      /* of an unknown character set */
  int cr;                       /* a CR waits for its LF */
  char last;                    /* byte that was given out; LF if none was */
} qq_textpart;

/* Starts a part; no character set means UTF-8. */
void qq_textpart_start(qq_textpart *, qq_charsets *cs, qq_encoding, char const *charset, size_t charset_length);
/* Appends what s adds to the text. Returns 1, or -1 with errno ENOMEM. */
int qq_textpart_feed(qq_textpart *, stralloc *out, char const *s, size_t n);
/* Ends the part: a text that does not end with a LF gets one. Returns 1, or -1 with errno ENOMEM. */
int qq_textpart_end(qq_textpart *, stralloc *out);

#endif
