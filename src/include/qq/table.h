/* Columns for people: text fitted to a width in character cells. */

#ifndef QQ_TABLE_H
#define QQ_TABLE_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Cells that s takes on a terminal; s is UTF-8 that is safe to show. */
size_t qq_cells(char const *s, size_t n);

/* Appends s, made safe, in exactly width cells: padded behind, or cut with an ellipsis. */
void qq_cell(stralloc *, char const *s, size_t n, size_t width);

/* The same padded in front. */
void qq_cell_right(stralloc *, char const *s, size_t n, size_t width);

/* Columns to fill: the terminal's on standard output, else $COLUMNS, else 0: as many as it takes. */
size_t qq_columns(void);

#endif
