/* The numbers that are names in a directory: messages, or the directories of a split tree. */

#ifndef QQ_NUMBERS_H
#define QQ_NUMBERS_H

#include <stdint.h>
#include <skalibs/genalloc.h>
#include <qq/queue.h>

/* Appends the names in the open directory fd that are canonical numbers to numbers (of uint64_t), sorted from where it began;
   at most limit of them are read, 0: all. Other names are no messages to qmail either (readsubdir.c:readsubdir_next). fd stays open, its
   offset is at the end afterwards. Returns 1, or -1 with errno. */
int qq_numbers_read(genalloc *numbers, int fd, size_t limit);

/* The same for a tree of the queue that is not split, as bounce/ is. */
int qq_numbers_read_tree(genalloc *numbers, qq_queue const *, unsigned int tree);

/* Says whether the sorted numbers have u. */
int qq_numbers_have(genalloc const *numbers, uint64_t u);

#endif
