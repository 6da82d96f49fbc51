/* What qq-stat counts: totals; keys, and tallies of them. */

#ifndef QQ_STAT_H
#define QQ_STAT_H

#include <stddef.h>
#include <stdint.h>
#include <qq/message.h>
#include <qq/text.h>

/* What qq-stat --by counts by. */
#define QQ_KEYS "from|from-domain|to-domain|uid|ip|channel|age|size"

/* The keys of one message. A thread's. Zeroed to begin with, but for now. */
typedef struct qq_keyer {
  uint64_t now;                 /* what ages count from */
  genalloc keys;                /* of qq_piece, sorted, each once */
  /* private from here */
  genalloc ends;                /* of size_t: where each ends in text */
  stralloc text;
} qq_keyer;

/* Finds the keys of a pinned message: its sender, the domains of its undelivered recipients, its
   channels, ...; by says which, in the order of QQ_KEYS. Domains are folded to lower case; what a
   message does not have is `-`. Returns what the questions return. */
int qq_keyer_read(qq_keyer *, int by, qq_message *);

/* Appends the domain of an address, what is behind its last @, without case; `-` if there is none.
   Out of memory ends the program. */
void qq_key_domain(stralloc *, char const *s, size_t n);

/* Counting by key: how many messages of each key, and of which age. */

/* Age buckets: up to 5, 10, 20, ... 1280 minutes, and older. */
#define QQ_TALLY_AGES 10
#define QQ_TALLY_FIRST_MINUTES 5

typedef struct qq_count {
  qq_piece key;                 /* the first: a count compares as its key */
  uint64_t total;
  uint64_t ages[QQ_TALLY_AGES];
} qq_count;

/* A search tree of qq_count (tsearch(3)); null: empty. Not for two threads at once. */
typedef void *qq_tally;

/* The bucket of an age in nanoseconds. */
unsigned int qq_tally_bucket(uint64_t age);

/* Counts one more; of the key. Out of memory ends the program. */
void qq_count_add(qq_count *, unsigned int bucket);
void qq_tally_add(qq_tally *, qq_piece const *key, unsigned int bucket);

/* Appends all counts (as qq_count const *), which stay the tally's, to the empty list: most first,
   then by key. */
void qq_tally_list(qq_tally const *, genalloc *counts);

/* Figures of qq-stat, and how it prints them. Not for two threads at once. */

enum {
  QQ_FIGURE_NEW, QQ_FIGURE_BOUNCES, QQ_FIGURE_DOUBLE_BOUNCES, QQ_FIGURE_FAILING, QQ_FIGURE_HELD,
  QQ_FIGURE_OVER, QQ_FIGURE_BYTES, QQ_FIGURES
};

typedef struct qq_figures {
  uint64_t mess_files, todo_files;      /* as qmail-qstat counts them */
  uint64_t left;                        /* that are being written, or are left over */
  uint64_t messages, n[QQ_FIGURES];
  uint64_t oldest;                      /* stamp; 0: no message */
  uint64_t *channels;                   /* messages with an undelivered recipient in each */
} qq_figures;

/* Makes room for the channels in zeroed figures. */
void qq_figures_init(qq_figures *, unsigned int channels);

/* Adds a message. Needs stat; and if it is not over, recipients and failing. */
void qq_figures_add(qq_figures *, qq_message const *);

/* For people and as JSON; whole: with the figures of qmail-qstat. */
void qq_figures_text(stralloc *, qq_figures const *, qq_queue const *, int whole, uint64_t now);
void qq_figures_json(stralloc *, qq_figures const *, qq_queue const *, int whole);

/* The first n counts against age buckets. total may be null. */
void qq_ages_text(stralloc *, qq_count const *total, qq_count const *const *counts, size_t n);
void qq_ages_json(stralloc *, qq_count const *const *counts, size_t n);

#endif
