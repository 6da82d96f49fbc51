/* What an entity of MIME contains, as its header says (RFC 2045 sections 5 and 6). */

#ifndef QQ_CONTENT_H
#define QQ_CONTENT_H

#include <stddef.h>
#include <qq/charset_name.h>

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
  int digest;                   /* multipart/digest: its parts are messages unless they say otherwise */
  qq_encoding encoding;
  char charset[QQ_CHARSET_NAME_MAX];
  size_t charset_length;        /* 0: none was given */
  char boundary[QQ_BOUNDARY_MAX];
  size_t boundary_length;       /* not 0 if MULTIPART: what has no usable boundary is taken as text */
} qq_content;

/* Reads the values of Content-Type and Content-Transfer-Encoding as they stand in the header; an absent one is empty.
   in_digest: the entity is a part of a multipart/digest. */
void qq_content_parse(qq_content *, char const *type, size_t type_length, char const *encoding, size_t encoding_length, int in_digest);

#endif
