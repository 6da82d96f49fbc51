/* Counting by key: how many messages of each key, and of which age. */

#ifndef QQ_TALLY_H
#define QQ_TALLY_H

#include <stddef.h>
#include <stdint.h>

/* Age buckets: up to 5, 10, 20, ... 1280 minutes, and older. */
#define QQ_TALLY_AGES 10
#define QQ_TALLY_FIRST_MINUTES 5

typedef struct qq_count {
  char *key;
  size_t length;
  uint64_t total;
  uint64_t ages[QQ_TALLY_AGES];
} qq_count;

/* A search tree of qq_count (tsearch(3)); null: empty. One thread's. */
typedef void *qq_tally;

/* The bucket of an age in nanoseconds. */
unsigned int qq_tally_bucket(uint64_t age);

/* Counts one more of the key. Out of memory ends the program. */
void qq_tally_add(qq_tally *, char const *key, size_t n, unsigned int bucket);

/* Adds all counts of from to to, and frees from. */
void qq_tally_merge(qq_tally *to, qq_tally *from);

/* All counts, most first, then by key: an array that the caller frees, with its length in *n. The keys stay the tally's. */
qq_count const **qq_tally_sorted(qq_tally const *, size_t *n);

#endif
