/* Finding a queue's layout from its directories (private to queue.c). */

#ifndef QQ_LAYOUT_H
#define QQ_LAYOUT_H

#include <qq/queue.h>

/* Sets split, split_is_certain, todo_is_split, intd_is_split, missing and misplaced of a queue
   whose trees are open. Returns 1; or -1 with errno and why: what is missing for a queue, does not
   fit, or may not be read. */
int qq_layout_find(qq_queue *, stralloc *why);

#endif
