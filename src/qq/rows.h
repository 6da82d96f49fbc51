/* The table of qq-show: rows fitted to the terminal. */

#ifndef QQ_ROWS_H
#define QQ_ROWS_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Prints count rows, each the cells of qq_show_row; an empty text is no row. The first call settles the columns' widths and prints the headings. */
void qq_rows_print(stralloc const *rows, size_t count);

#endif
