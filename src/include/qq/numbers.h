/* The numbers that are names in a directory: messages, the directories of a split tree, changes that can be undone. */

#ifndef QQ_NUMBERS_H
#define QQ_NUMBERS_H

#include <stdint.h>
#include <skalibs/genalloc.h>

/* Appends the names in the open directory fd that are canonical numbers to numbers (of uint64_t), sorted from where it began;
   at most limit of them are read, 0: all. Other names are no messages to qmail either (readsubdir.c:readsubdir_next). fd stays open, its
   offset is at the end afterwards. Returns 1, or -1 with errno. */
int qq_numbers_read(genalloc *numbers, int fd, size_t limit);

/* Says whether the sorted numbers have u. */
int qq_numbers_have(genalloc const *numbers, uint64_t u);

#endif
