/* Finding a queue's layout from its directories (private to queue.c). */

#ifndef QQ_LAYOUT_H
#define QQ_LAYOUT_H

#include <qq/queue.h>

/* Says with why and errno what is missing for a queue, or that it may not be read. */
int qq_layout_check(qq_queue const *, stralloc *why);

/* Sets split, split_is_certain, todo_is_split and intd_is_split. Returns 1, or -1 with why and
   errno. */
int qq_layout_find(qq_queue *, stralloc *why);

#endif
