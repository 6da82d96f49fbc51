/* Standard output, from any thread. */

#ifndef QQ_OUTPUT_H
#define QQ_OUTPUT_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/id.h>

/* Size that a worker lets its own buffer grow to before it hands it over. */
#define QQ_OUTPUT_BATCH 65536

/* Writes all of s at once, undivided by other threads. A failure ends the program with 111. */
void qq_output(char const *s, size_t n);

/* Writes what the buffer holds and empties it, if it holds limit bytes or more. */
void qq_output_batch(stralloc *, size_t limit);

/* Appends the token of a message with its end (NUL or newline, as the options say). */
void qq_output_token(stralloc *, qq_id const *);

/* Writes `change NAME' and the lines that only one of two texts has, each with - or + in front. */
void qq_output_difference(char const *name, char const *before, size_t before_length, char const *after, size_t after_length);

/* Says whether standard output is a terminal. */
int qq_output_is_terminal(void);

#endif
