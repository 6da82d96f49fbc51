/* The text of a message: the bodies of its text parts, decoded (RFC 2045, RFC 2046).

   The message is fed from its first byte on, header included, in pieces of any size. Out comes the text of every text/... part
   (and of a message that says nothing about its type): base64 and quoted-printable decoded, in UTF-8, line ends LF, a LF behind each
   part that does not end with one.
   multipart/... is followed to any depth up to QQ_MIME_DEPTH_MAX, message/rfc822 and message/delivery-status parts too;
   their inner header lines belong to the text, those of the outermost message do not. Other parts are read past.
   Memory is constant whatever the size of the message. Damaged encodings yield what can be decoded, never an error. A part of an unknown
   character set is given out as its raw decoded bytes. */

#ifndef QQ_MIME_H
#define QQ_MIME_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>

#define QQ_MIME_DEPTH_MAX 32
typedef struct qq_mime qq_mime;

/* Returns a new reader that uses (and does not own) cs, or null with errno ENOMEM. */
qq_mime *qq_mime_new(qq_charsets *cs);
void qq_mime_free(qq_mime *);

/* Starts a message, keeping the memory of earlier ones. */
void qq_mime_start(qq_mime *);

/* Feeds n bytes and appends the text that they complete to out. n == 0 ends the message. Returns 1, or -1 with errno ENOMEM. */
int qq_mime_feed(qq_mime *, stralloc *out, char const *s, size_t n);

#endif
