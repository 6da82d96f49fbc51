/* The bytes of a control file as qmail reads them (control.c). */

#ifndef QQ_CONTROLTEXT_H
#define QQ_CONTROLTEXT_H

#include <qq/text.h>

/* The length of the line that a file of one line says: the first, without the blanks at its end
   (control.c:control_readline). */
size_t qq_controltext_line(char const *s, size_t n);

/* The number that a file says: the digits at its beginning, modulo 2 to the 32, as an int
   (control.c:control_readint, scan_ulong.c). Returns 1; or 0: qmail ignores the file. */
int qq_controltext_integer(char const *s, size_t n, int32_t *value);

/* The entries of a file of several, one after the other (control.c:control_readfile): lines without
   the blanks at their end, but not empty ones and comments. A NUL within a line ends an entry and
   begins another (constmap.c). */
typedef struct qq_entries {
  qq_piece entry;               /* of the text */
  size_t line;                  /* its number, from 1 */
  qq_piece rest, text;          /* private: what is behind the entry in its line, from the NUL on;
                                   the lines behind that one */
} qq_entries;

void qq_entries_begin(qq_entries *, char const *s, size_t n);

/* Turns to the next entry. Returns 1, or 0 after the last. */
int qq_entries_next(qq_entries *);

/* Appends all entries of the text s to pieces (of qq_piece). Returns 1, or -1 with errno ENOMEM. */
int qq_entries_pieces(char const *s, size_t n, genalloc *pieces);

#endif
