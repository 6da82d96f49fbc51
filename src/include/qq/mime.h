/* The text of a message: its type, its parts, each part decoded (RFC 2045, RFC 2046). */

#ifndef QQ_MIME_H
#define QQ_MIME_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>
#include <qq/text.h>
#include <qq/transfer.h>

#define QQ_MIME_DEPTH_MAX 32

/* What an entity of MIME contains, as its header says (RFC 2045 sections 5 and 6). */

/* RFC 2046 section 5.1.1 says 70; a longer one than this is none. */
#define QQ_BOUNDARY_MAX 250

typedef enum {
  QQ_CONTENT_TEXT,              /* text/..., and reports that are text in all but name */
  QQ_CONTENT_MULTIPART,
  QQ_CONTENT_MESSAGE,           /* message/rfc822 */
  QQ_CONTENT_OTHER
} qq_content_kind;

typedef enum { QQ_ENCODING_IDENTITY, QQ_ENCODING_BASE64, QQ_ENCODING_QUOTED } qq_encoding;

typedef struct qq_content {
  qq_content_kind kind;
  int digest;                   /* its parts are messages unless they say otherwise */
  qq_encoding encoding;
  char charset[QQ_CHARSET_NAME_MAX];
  size_t charset_length;        /* 0: none was given */
  char boundary[QQ_BOUNDARY_MAX];
  size_t boundary_length;       /* not 0 if MULTIPART: without a usable one it is text */
} qq_content;

/* Reads the values of Content-Type and Content-Transfer-Encoding as they stand in the header; an
   absent one is empty. in_digest: the entity is a part of a multipart/digest. */
void qq_content_parse(qq_content *, qq_piece type, qq_piece encoding, int in_digest);

/* The body of one text part, decoded as it comes: transfer encoding, character set, line ends. */

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

/* Starts a part; no character set means UTF-8. Returns 1, or -1 with errno, as
   qq_charset_stream_start. */
int qq_textpart_start(qq_textpart *, qq_charsets *cs, qq_encoding,
  char const *charset, size_t charset_length);
/* Appends what s adds to the text. Returns 1, or -1 with errno ENOMEM. */
int qq_textpart_feed(qq_textpart *, stralloc *out, char const *s, size_t n);
/* Ends the part: a text that does not end with a LF gets one. Returns the same. */
int qq_textpart_end(qq_textpart *, stralloc *out);

/* A message cut at the boundaries of its multiparts (RFC 2046 section 5.1), as its bytes come.
   No line is held for longer than it may be a boundary line, so memory is constant. */

typedef struct qq_boundary {
  char text[QQ_BOUNDARY_MAX];
  size_t length;
  int digest;
} qq_boundary;

typedef struct qq_parts {
  qq_boundary open[QQ_MIME_DEPTH_MAX];  /* the innermost last */
  size_t depth;
  int by_line;                  /* the user's, see below */
  /* private from here */
  int state;
  int line_end;                 /* a LF that may belong to the boundary behind it */
  char held[2 + QQ_BOUNDARY_MAX + 2 + 66];      /* may become a boundary line with some blanks */
  size_t held_length;
} qq_parts;

typedef enum {
  QQ_PARTS_MORE,                /* all was taken */
  QQ_PARTS_CONTENT,             /* bytes of the part */
  QQ_PARTS_NEXT,                /* a boundary: the next part of open[depth - 1] begins */
  QQ_PARTS_CLOSE                /* a last boundary: depth has shrunk to the multiparts that go on */
} qq_parts_event;

void qq_parts_start(qq_parts *);

/* Opens a multipart: to be called between two events, at the beginning of its body. Returns 1, or 0
   if there are too many. */
int qq_parts_open(qq_parts *, qq_content const *);

/* Returns what comes next in the piece, and takes it off. last: there is nothing behind the piece.
   The LF before a boundary is no content. If by_line, every line comes apart, and all LFs are
   content: so it must be in headers, and may change at the beginning of a line only. */
qq_parts_event qq_parts_next(qq_parts *, qq_piece *, int last, qq_piece *content);

/* The text of a message: the bodies of its text parts, decoded (RFC 2045, RFC 2046).

   The message is fed from its first byte on, header included, in pieces of any size. Out comes the
   text of every text/... part (and of a message that says nothing about its type): base64 and
   quoted-printable decoded, in UTF-8, line ends LF, a LF behind each part that does not end with
   one. multipart/... is followed to any depth up to QQ_MIME_DEPTH_MAX, message/rfc822 and
   message/delivery-status parts too; their inner header lines belong to the text, those of the
   outermost message do not. Other parts are read past. Memory is constant whatever the size of the
   message. Damaged encodings yield what can be decoded, never an error. A part of an unknown
   character set is given out as its raw decoded bytes. */

typedef struct qq_mime qq_mime;

/* Returns a new reader that uses (and does not own) cs, or null with errno ENOMEM. */
qq_mime *qq_mime_new(qq_charsets *cs);
void qq_mime_free(qq_mime *);

/* Starts a message, keeping the memory of earlier ones. */
void qq_mime_start(qq_mime *);

/* Feeds n bytes and appends the text that they complete to out. n == 0 ends the message. Returns 1,
   or -1 with errno, as qq_charset_stream_start. */
int qq_mime_feed(qq_mime *, stralloc *out, char const *s, size_t n);

#endif
