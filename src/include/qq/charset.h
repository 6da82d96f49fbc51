/* Foreign character sets to UTF-8, through iconv(3) of libc.

   A qq_charsets belongs to one thread. It keeps the last few conversions open, because opening one costs more than
   converting a subject. Names come from mail: only letters, digits and - _ . : + ( ) up to 64 bytes are passed on to iconv,
   so that no name can reach a path or an option ("//"). Names that mail uses and iconv does not know
   (x-sjis, ks_c_5601-1987, iso-8859-8-i, utf8, windows-31j, cp-850, ...) are mapped. */

#ifndef QQ_CHARSET_H
#define QQ_CHARSET_H

#include <stddef.h>
#include <skalibs/stralloc.h>

typedef struct qq_charsets qq_charsets;

/* Returns a new one, or null with errno ENOMEM. The caller frees it with qq_charsets_free. */
qq_charsets *qq_charsets_new(void);
void qq_charsets_free(qq_charsets *);

/* Appends s, of the character set NAME, to out as UTF-8. Bytes that the set does not have become U+FFFD.
   US-ASCII and UTF-8 are checked in the same way. Returns 1; 0 when the set is unknown (nothing appended); -1 with errno ENOMEM. */
int qq_charset_convert(qq_charsets *, stralloc *out, char const *name, size_t name_length, char const *s, size_t n);

/* The same for text that comes in pieces: a character may be cut between two of them.
   A piece with n == 0 ends the text: what is left of a cut character becomes U+FFFD. At most one stream is open in a qq_charsets.
   qq_charset_stream_start returns 1, 0 for an unknown set, -1; qq_charset_stream 1 or -1 with errno ENOMEM. */
int qq_charset_stream_start(qq_charsets *, char const *name, size_t name_length);
int qq_charset_stream(qq_charsets *, stralloc *out, char const *s, size_t n);

#endif
