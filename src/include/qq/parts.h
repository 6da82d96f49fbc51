/* A message cut at the boundaries of its multiparts (RFC 2046 section 5.1), as its bytes come.
   No line is held for longer than it may be a boundary line, so memory is constant. */

#ifndef QQ_PARTS_H
#define QQ_PARTS_H

#include <stddef.h>
#include <qq/content.h>
#include <qq/mime.h>

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
  char held[2 + QQ_BOUNDARY_MAX + 2 + 66];      /* what may become a boundary line, with some blanks behind it */
  size_t held_length;
} qq_parts;

typedef enum {
  QQ_PARTS_MORE,                /* all was taken */
  QQ_PARTS_CONTENT,             /* bytes of the part */
  QQ_PARTS_NEXT,                /* a boundary: the next part of open[depth - 1] begins */
  QQ_PARTS_CLOSE                /* a last boundary: depth has shrunk to the multiparts that go on */
} qq_parts_event;

void qq_parts_start(qq_parts *);

/* Opens a multipart: to be called between two events, at the beginning of its body. Returns 1, or 0 if there are too many. */
int qq_parts_open(qq_parts *, qq_content const *);

/* Returns what comes next in *s, n bytes; moves *s and *n past what it took. last: there is nothing behind *s.
   The LF before a boundary is no content. If by_line, every line comes apart, and all LFs are content: so it must be in headers,
   and may change at the beginning of a line only. */
qq_parts_event qq_parts_next(qq_parts *, char const **s, size_t *n, int last, char const **content, size_t *content_length);

#endif
