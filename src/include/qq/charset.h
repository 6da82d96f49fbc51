/* What text of mail is encoded in: character sets, as UTF-8, and transfer encodings. */

#ifndef QQ_CHARSET_H
#define QQ_CHARSET_H

#include <iconv.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* The names by which mail calls character sets. */

#define QQ_CHARSET_NAME_MAX 64

typedef struct qq_charset_alias {
  char const *best;             /* what to ask iconv for; "utf-8" needs none, "" is no set */
  char const *other;            /* where iconv has no best (musl), or null */
  char const *keys;             /* letters and digits of each of its names, between blanks;
                                   windows1251 and the like are cp1251 */
} qq_charset_alias;

/* Writes s in lower case, with a NUL, to name, which has room for QQ_CHARSET_NAME_MAX + 1 bytes.
   Returns 1, or 0 if s is empty, too long, or holds other bytes than letters, digits and - _ . : +
   ( ). */
int qq_charset_name(char *name, char const *s, size_t n);

/* Returns the alias for such a name, or null: it stands for itself. */
qq_charset_alias const *qq_charset_alias_of(char const *name);

/* One conversion to UTF-8, by iconv(3) or, from UTF-8 itself, by qq/text.h. */

/* More than what qq_conversion_run leaves. */
#define QQ_CONVERSION_REST_MAX 1024

typedef struct qq_conversion {
  int utf8;                     /* if not 0, the rest does not matter */
  iconv_t iconv;
  size_t unit;                  /* bytes to skip where the text is wrong */
  int marked;                   /* a byte order mark may begin the text */
} qq_conversion;

/* Opens one from the set NAME (as of qq_charset_name). Returns 1; 0 if there is no such set; -1
   with errno if that cannot be told, because iconv could not read its files or has no memory. */
int qq_conversion_open(qq_conversion *, char const *name);
void qq_conversion_close(qq_conversion *);

/* Converts s and appends it to out; every byte that is wrong becomes U+FFFD. *used says how much of
   s that was: all of it, if it is the last of the text; else the rest, which may be all, is to come
   before what follows.
   Returns 1, or -1 with errno ENOMEM. */
int qq_conversion_run(qq_conversion *, stralloc *out, char const *s, size_t n, int last,
  size_t *used);

/* Puts it into its initial state, for another text. Returns 1, or what qq_conversion_open does:
   then it is closed. */
int qq_conversion_restart(qq_conversion *, char const *name);

/* Foreign character sets to UTF-8, through iconv(3) of libc.

   A qq_charsets belongs to one thread. It keeps the last few conversions open, because opening one
   costs more than converting a subject. Names come from mail: only letters, digits and - _ . : + (
   ) up to 64 bytes are passed on to iconv, so that no name can reach a path or an option ("//").
   Names that mail uses and iconv does not know, or that senders use for more than they mean, are
   mapped: US-ASCII is read as UTF-8, ISO-8859-1 as windows-1252, GB2312 as GB18030. */

typedef struct qq_charsets qq_charsets;

/* Returns a new one, or null with errno ENOMEM. The caller frees it with qq_charsets_free. */
qq_charsets *qq_charsets_new(void);
void qq_charsets_free(qq_charsets *);

/* A text, that is a header field or a message's body, may name so many sets, and use those with a
   byte order mark so often; more are unknown. With glibc an iconv_open and its iconv_close take 0.1
   ms: mail that names thousands of sets must not cost seconds. */
#define QQ_CHARSETS_A_TEXT 14
#define QQ_CHARSETS_MARKED 64

/* Another text begins. */
void qq_charsets_begin(qq_charsets *);

/* Empty memory for whoever uses cs, good until the next call of this. */
stralloc *qq_charsets_scratch(qq_charsets *);

/* Appends s, of the character set NAME, to out as UTF-8. Bytes that the set does not have become
   U+FFFD, each its own. Returns 1; 0 when the set is unknown (nothing appended); -1 with errno, as
   qq_conversion_open. */
int qq_charset_convert(qq_charsets *, stralloc *out, char const *name, size_t name_length,
  char const *s, size_t n);

/* The same for text that comes in pieces: a character may be cut between two of them. A piece with
   n == 0 ends the text: what is left of a cut character becomes U+FFFD. At most one stream is open
   in a qq_charsets; qq_charset_convert may be used beside it. qq_charset_stream_start returns 1, 0
   for an unknown set, -1 with errno; qq_charset_stream 1, or -1 with errno ENOMEM. */
int qq_charset_stream_start(qq_charsets *, char const *name, size_t name_length);
int qq_charset_stream(qq_charsets *, stralloc *out, char const *s, size_t n);

/* Transfer encodings of mail. */

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
