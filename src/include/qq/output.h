/* Standard output, from any thread. */

#ifndef QQ_OUTPUT_H
#define QQ_OUTPUT_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/id.h>
#include <qq/piece.h>

/* Size that a worker lets its own buffer grow to before it hands it over. */
#define QQ_OUTPUT_BATCH 65536

/* Writes all of s at once, undivided by other threads. A failure ends the program with 111. */
void qq_output(char const *s, size_t n);

/* Writes what the buffer holds and empties it, if it holds limit bytes or more. */
void qq_output_batch(stralloc *, size_t limit);

/* Writes a number as a line. */
void qq_output_count(uint64_t);

/* Appends the token of a message with its end (NUL or newline, as the options say). */
void qq_output_token(stralloc *, qq_id const *);

/* Appends the pieces (of qq_piece) that only one of two lists has, in their order: what after lacks
   behind minus, then what before lacks behind plus, each a line and made safe. Returns how many. */
size_t qq_differing_pieces(stralloc *out, char const *minus, char const *plus,
  genalloc const *before, genalloc const *after);

/* Writes `change NAME' and the lines that only one of two texts has, each with - or + in front. */
void qq_output_difference(char const *name, qq_piece const *before, qq_piece const *after);

/* Says whether standard output is a terminal. */
int qq_output_is_terminal(void);

#endif
