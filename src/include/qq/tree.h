/* A tree of the queue that is not split, as bounce/ is. */

#ifndef QQ_TREE_H
#define QQ_TREE_H

#include <skalibs/genalloc.h>
#include <qq/queue.h>

/* Appends the ids in the tree to numbers (of uint64_t), sorted from where it began. Returns 1, or -1 with errno. */
int qq_tree_numbers(genalloc *numbers, qq_queue const *, unsigned int tree);

#endif
