/* Transfer encodings of mail. */

#ifndef QQ_TRANSFER_H
#define QQ_TRANSFER_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* base64 (RFC 2045 section 6.8), decoded as it comes. */

typedef struct qq_base64 {
  uint32_t bits;
  unsigned int count;           /* of bits that wait for company */
} qq_base64;
#define QQ_BASE64_ZERO { 0, 0 }

/* Appends the bytes that s completes. What is not of the alphabet is skipped; a `=` ends a group,
   another may follow. There is nothing to do at the end: bits that make no whole byte are lost.
   Returns 1, or 0 with errno ENOMEM. */
int qq_base64_feed(qq_base64 *, stralloc *out, char const *s, size_t n);

/* quoted-printable (RFC 2045 section 6.7), decoded as it comes. */

/* Blanks at the end of a line, up to so many, are transport padding and taken away. More of them
   are text. */
#define QQ_QUOTED_BLANKS_MAX 256

typedef struct qq_quoted {
  char held[1 + QQ_QUOTED_BLANKS_MAX + 1];      /* bytes whose meaning the next ones decide */
  size_t held_length;
  int long_run;                 /* in a run of more blanks than that */
} qq_quoted;

void qq_quoted_start(qq_quoted *);
/* Appends what s decides. Line ends stay as they are; an `=` that begins neither an escape nor a
   soft line break is text. Returns 1, or 0 with errno ENOMEM. */
int qq_quoted_feed(qq_quoted *, stralloc *out, char const *s, size_t n);
/* Ends the text: what is held is text, but for blanks and a soft line break. Returns 1, or 0 with
   errno ENOMEM. */
int qq_quoted_end(qq_quoted *, stralloc *out);

/* Whichever a part has, as it comes. */

typedef enum { QQ_ENCODING_IDENTITY, QQ_ENCODING_BASE64, QQ_ENCODING_QUOTED } qq_encoding;

typedef struct qq_transfer {
  qq_encoding encoding;
  qq_base64 base64;
  qq_quoted quoted;
} qq_transfer;

void qq_transfer_start(qq_transfer *, qq_encoding);
/* Appends the bytes that s completes; n == 0 ends the part. Returns 1, or 0 with errno ENOMEM. */
int qq_transfer_feed(qq_transfer *, stralloc *out, char const *s, size_t n);

/* The value of the byte that two hexadecimal digits name, or -1. */
int qq_quoted_byte(char high, char low);

#endif
