/* The text of a message: its type, its parts, each part decoded (RFC 2045, RFC 2046). */

#ifndef QQ_MIME_H
#define QQ_MIME_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>
#include <qq/header.h>
#include <qq/text.h>

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

/* Bytes kept of a type; RFC 6838 section 4.2 gives each half 127, and registers none so long. */
#define QQ_TYPE_MAX 80

typedef struct qq_content {
  qq_content_kind kind;
  char type[QQ_TYPE_MAX];       /* type/subtype in lower case, visible ASCII */
  size_t type_length;
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

/* A parameter of a field (section 5.1). */
typedef struct qq_parameter {
  qq_piece name;
  char value[1024];             /* without quotes */
  size_t length;                /* if it is greater than that, value is not valid */
} qq_parameter;

/* Takes the next parameter off what is left of a field behind its value. Returns 1, or 0: there is
   none. */
int qq_parameter_next(qq_piece *rest, qq_parameter *);

/* Says whether the type is this one. */
int qq_content_is(qq_content const *, char const *type);

/* Appends the name of the file that an entity is, as these fields say it (RFC 2183, RFC 2231, and
   encoded words, as mail readers take them), as it is shown, at most QQ_FILE_NAME_MAX bytes before
   that; nothing if there is none. Returns 1, or -1 with errno, as qq_charset_convert. */
#define QQ_FILE_NAME_MAX 1024
int qq_file_name(qq_charsets *, stralloc *out, qq_piece disposition, qq_piece type);

/* The body of one text part, decoded as it comes: transfer encoding, character set, line ends. */

typedef struct qq_textpart {
  qq_charsets *cs;              /* the user's */
  qq_transfer transfer;
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

/* HTML as text, as it comes: tags are dropped, blocks begin lines, a link has its target behind it
   in brackets, an image is its alternative text, scripts and styles are not shown. It is for
   reading, not for a browser's eyes: what a style sheet hides is shown. */

#define QQ_HTML_ENTITY_MAX 15   /* bytes of an entity's name or number */
#define QQ_HTML_NAME_MAX 15     /* of a tag or an attribute */
#define QQ_HTML_VALUE_MAX 2048  /* kept of a target or an alternative text */

typedef struct qq_html {
  /* private */
  int state;
  char tag[QQ_HTML_NAME_MAX + 1];       /* the last one */
  int closes;                   /* it was </...> */
  char name[QQ_HTML_NAME_MAX + 1];      /* of an attribute, or an entity */
  size_t length;                /* of the name that is being read, or of what ends a comment */
  char quote;
  stralloc value;               /* of the attribute that is wanted */
  stralloc link;                /* the target of the link that is open */
  size_t same;                  /* as much of it is the text of the link */
  int lines, blank, begun;      /* line ends or a blank before the next text, if some was there */
  int preformatted;
} qq_html;

/* Starts a text; zeroed for the first. It keeps the memory of earlier ones. */
void qq_html_start(qq_html *);
void qq_html_free(qq_html *);
/* Appends the text that s, in UTF-8, adds; n == 0 ends it. The text does not end with a LF. Returns
   1, or -1 with errno ENOMEM. */
int qq_html_feed(qq_html *, stralloc *out, char const *s, size_t n);

/* Private: what html.c reads, html-text.c writes. */

static inline int qq_html_is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Each returns 1, or -1 with errno ENOMEM. */

/* Text without tags and entities; white space is one blank, but where it is preformatted. */
int qq_html_text(qq_html *, stralloc *out, char const *s, size_t n);

/* A tag, with the value that is wanted of it: the target of a link, the text of an image. */
int qq_html_tag(qq_html *, stralloc *out);

/* Says where the link leads that is open, if one is. */
int qq_html_end_link(qq_html *, stralloc *out);

/* Writes the character that an entity (without & and ;) names to `to`, in UTF-8. Returns its
   length, or 0 if there is no such entity. */
size_t qq_html_entity(char *to, char const *s, size_t n);

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

/* A message as a run of its entities. */

enum {
  QQ_ENTITY_TYPE, QQ_ENTITY_ENCODING, QQ_ENTITY_DISPOSITION, QQ_ENTITY_DATE, QQ_ENTITY_FROM,
  QQ_ENTITY_TO, QQ_ENTITY_CC, QQ_ENTITY_SUBJECT, QQ_ENTITY_FIELDS
};

typedef struct qq_entities {
  qq_parts parts;
  qq_content content;           /* of the entity that began last */
  qq_field fields[QQ_ENTITY_FIELDS];    /* of its header */
  qq_header header;
  int is_message;               /* it is the body of a message within another */
  /* private from here */
  int next, in_header, in_message, in_body, in_digest;
} qq_entities;

typedef enum {
  QQ_ENTITIES_MORE,             /* all was taken */
  QQ_ENTITIES_HEADER,           /* bytes of the header of a message within */
  QQ_ENTITIES_BEGIN,            /* content says of what; a multipart has parts of its own, and a
                                   message a header, instead of bytes */
  QQ_ENTITIES_BODY,             /* bytes of what began last */
  QQ_ENTITIES_END               /* it is over; or only the header of a message was there */
} qq_entities_event;

/* Starts a message; zeroed for the first. It keeps the memory of earlier ones. */
void qq_entities_start(qq_entities *);
void qq_entities_free(qq_entities *);

/* Returns what comes next in the piece, and takes it off. last: there is nothing behind the piece;
   when it is MORE then, all is over. -1: errno ENOMEM. */
int qq_entities_next(qq_entities *, qq_piece *, int last, qq_piece *bytes);

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

/* A message for reading: its text as above, HTML as text, and of the alternatives of a
   multipart/alternative the first one that has text. A text behind another one, or with a file
   name, has a line [note.txt, text/plain] before it, a message within [message/rfc822] and its main
   fields, decoded; of what is not shown there is a line [a.pdf, application/pdf, 9 bytes], the size
   as it is without its transfer encoding. Labels are safe to show. */

typedef struct qq_readable qq_readable;

/* These are as qq_mime_new and so on; one is not freed. */
qq_readable *qq_readable_new(qq_charsets *cs);
void qq_readable_start(qq_readable *);
int qq_readable_feed(qq_readable *, stralloc *out, char const *s, size_t n);

#endif
