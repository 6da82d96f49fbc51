/* Named messages, those of one split directory after those of the other, so that its directories are opened once. */

#ifndef QQ_EACH_H
#define QQ_EACH_H

#include <stddef.h>
#include <qq/id.h>
#include <qq/queue.h>

typedef struct qq_each {
  qq_id const *ids;
  size_t count, next;
  unsigned int split, number, step;
} qq_each;

/* Starts over ids, which belong to the caller. */
void qq_each_begin(qq_each *, qq_queue const *, qq_id const *ids, size_t count);

/* Of the directories, takes only this share (from 0 on) of so many: one for each thread. */
void qq_each_share(qq_each *, unsigned int share, unsigned int of);

/* Sets *index to the next one's. Returns 1, or 0 after the last. */
int qq_each_next(qq_each *, size_t *index);

#endif
