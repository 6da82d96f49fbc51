/* A piece of a text that belongs to somebody else, and sorted lists of them. */

#ifndef QQ_PIECE_H
#define QQ_PIECE_H

#include <stddef.h>
#include <skalibs/genalloc.h>

typedef struct qq_piece { char const *s; size_t n; } qq_piece;

/* Takes the first line off the text, and sets line to it, the newline not counted; the last line
   need not have one. Returns 1, or 0: the text was empty. */
int qq_piece_line(qq_piece *text, qq_piece *line);

/* How two pieces compare, byte by byte; a beginning comes first. Returns less than 0, 0 or more, for qsort(3). */
int qq_piece_compare(void const *, void const *);

/* The same, where ASCII letters of both cases are equal. */
int qq_piece_compare_case(void const *, void const *);

/* Sorts pieces (of qq_piece). */
void qq_pieces_sort(genalloc *pieces, int (*compare)(void const *, void const *));

/* Says whether one of the pieces, sorted by it, is equal. */
int qq_pieces_have(genalloc const *pieces, qq_piece const *, int (*compare)(void const *, void const *));

#endif
