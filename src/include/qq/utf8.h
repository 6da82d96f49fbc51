/* Text in UTF-8 (RFC 3629), and what Unicode says of its characters, whatever the locale. */

#ifndef QQ_UTF8_H
#define QQ_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

#define QQ_UTF8_REPLACEMENT "\xef\xbf\xbd"      /* U+FFFD */

/* Decodes the character at s. Returns its length, 1 to 4, and sets *c; or 0 when the bytes there
   are no complete, shortest-form character (surrogates and what is above U+10FFFF are none), or n
   is 0. */
size_t qq_utf8_decode(char const *s, size_t n, uint32_t *c);

/* Writes the character to s, 1 to 4 bytes. Returns how many. */
size_t qq_utf8_encode(char *s, uint32_t c);

/* How many bytes at the end of s may begin a character that goes on behind them: 0 to 3. */
size_t qq_utf8_cut(char const *s, size_t n);

/* Says whether all of s is UTF-8. */
int qq_utf8_valid(char const *s, size_t n);

/* Appends s, with every byte that is no part of a character replaced by U+FFFD. Returns 1, or 0
   with errno ENOMEM. */
int qq_utf8_repair(stralloc *out, char const *s, size_t n);

/* Appends s as it is shown in a line: each run of white space (PropList.txt, White_Space) is one
   space; characters that are not shown, soft hyphens, zero-width and bidirectional ones
   (Default_Ignorable_Code_Point), are left out; marks are composed with their letters (NFC; of a
   word without ASCII that is longer than 512 bytes, in pieces). What is no UTF-8 is copied. Returns
   1, or 0 with errno ENOMEM. */
int qq_utf8_shown(stralloc *out, char const *s, size_t n);

/* Appends s without case: each character folded to one (CaseFolding.txt, status C and S); bytes
   that are no UTF-8 are copied. Returns 1, or 0 with errno ENOMEM. */
int qq_fold(stralloc *out, char const *s, size_t n);

/* Domains in other letters than ASCII. A label of those has, for the DNS, a name that begins with
   `xn--` (RFC 5890 section 2.3.2.1; Punycode, RFC 3492). libidn2 would do the same at 330 KB for
   each program, with the whole of IDNA around it; here only two spellings are to be equal. */

/* Says whether there may be such a label. */
int qq_idn_is_in(char const *s, size_t n);

/* Appends s with each such label as it is spelled: `xn--bcher-kva.example` as `bücher.example`. A
   label is a run of ASCII letters, digits and dashes; what is none stays. Returns 1, or 0 with
   errno ENOMEM. */
int qq_idn_spell(stralloc *out, char const *s, size_t n);

/* Cells that a character takes on a terminal: 0 (controls, too), 1 (if not assigned, too), 2. */
size_t qq_utf8_cells(uint32_t c);

#endif
