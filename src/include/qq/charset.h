/* Foreign character sets to UTF-8, through iconv(3) of libc.

   A qq_charsets belongs to one thread. It keeps the last few conversions open, because opening one costs more than
   converting a subject. Names come from mail: only letters, digits and - _ . : + ( ) up to 64 bytes are passed on to iconv,
   so that no name can reach a path or an option ("//"). Names that mail uses and iconv does not know, or that senders use for more
   than they mean, are mapped (qq/charset_name.h): US-ASCII is read as UTF-8, ISO-8859-1 as windows-1252, GB2312 as GB18030. */

#ifndef QQ_CHARSET_H
#define QQ_CHARSET_H

#include <stddef.h>
#include <skalibs/stralloc.h>

typedef struct qq_charsets qq_charsets;

/* Returns a new one, or null with errno ENOMEM. The caller frees it with qq_charsets_free. */
qq_charsets *qq_charsets_new(void);
void qq_charsets_free(qq_charsets *);

/* A text, that is a header field or a message's body, may name so many sets, and use those with a byte order mark so often; more are unknown.
   With glibc an iconv_open and its iconv_close take 0.1 ms: mail that names thousands of sets must not cost seconds. */
#define QQ_CHARSETS_A_TEXT 14
#define QQ_CHARSETS_MARKED 64

/* Another text begins. */
void qq_charsets_begin(qq_charsets *);

/* Empty memory for whoever uses cs, good until the next call of this. */
stralloc *qq_charsets_scratch(qq_charsets *);

/* Appends s, of the character set NAME, to out as UTF-8. Bytes that the set does not have become U+FFFD, each its own.
   Returns 1; 0 when the set is unknown (nothing appended); -1 with errno ENOMEM. */
int qq_charset_convert(qq_charsets *, stralloc *out, char const *name, size_t name_length, char const *s, size_t n);

/* The same for text that comes in pieces: a character may be cut between two of them.
   A piece with n == 0 ends the text: what is left of a cut character becomes U+FFFD. At most one stream is open in a qq_charsets;
   qq_charset_convert may be used beside it. qq_charset_stream_start returns 1, or 0 for an unknown set; qq_charset_stream 1, or -1 with errno ENOMEM. */
int qq_charset_stream_start(qq_charsets *, char const *name, size_t name_length);
int qq_charset_stream(qq_charsets *, stralloc *out, char const *s, size_t n);

#endif
