/* What qq-stat counts: totals; keys, and tallies of them. */

#ifndef QQ_STAT_H
#define QQ_STAT_H

#include <stddef.h>
#include <stdint.h>
#include <qq/message.h>

/* What qq-stat --by counts by. */

typedef enum { QQ_KEY_FROM, QQ_KEY_FROM_DOMAIN, QQ_KEY_TO_DOMAIN, QQ_KEY_UID, QQ_KEY_IP, QQ_KEY_CHANNEL, QQ_KEY_AGE, QQ_KEY_SIZE } qq_key;
#define QQ_KEYS "from|from-domain|to-domain|uid|ip|channel|age|size"

typedef struct qq_key_text { char const *s; size_t length; } qq_key_text;

/* The keys of one message. A thread's. Zeroed to begin with, but for now. */
typedef struct qq_keyer {
  uint64_t now;                 /* what ages count from */
  genalloc keys;                /* of qq_key_text, sorted, each once */
  /* private from here */
  genalloc starts;              /* of size_t: where each begins in text */
  size_t start;
  stralloc text;
} qq_keyer;

/* Finds the keys of a pinned message: its sender, the domains of its undelivered recipients, its
   channels, ... Domains are folded to lower case; what a message does not have is `-`. Returns what
   the questions return. */
int qq_keyer_read(qq_keyer *, qq_key, qq_message *);

/* Counting by key: how many messages of each key, and of which age. */

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

/* All counts, most first, then by key: an array that the caller frees, with its length in *n. The
   keys stay the tally's. */
qq_count const **qq_tally_sorted(qq_tally const *, size_t *n);

/* Figures of qq-stat, and how it prints them. */

typedef struct qq_figures {
  uint64_t mess_files, todo_files;      /* as qmail-qstat counts them */
  uint64_t messages, fresh, bounces, double_bounces, failing, held, over, bytes;
  uint64_t oldest;                      /* stamp; 0: no message */
  uint64_t *channels;                   /* messages with an undelivered recipient in each */
  qq_tally total;                       /* of --by: all messages by age, under the empty key */
} qq_figures;

/* Makes room for the channels in zeroed figures. */
void qq_figures_init(qq_figures *, unsigned int channels);

/* Adds a message that is not over. Needs stat, recipients and failing. */
void qq_figures_add(qq_figures *, qq_message const *);

void qq_figures_sum(qq_figures *to, qq_figures const *from, unsigned int channels);

/* For people and as JSON; whole: with the figures of qmail-qstat. */
void qq_figures_text(stralloc *, qq_figures const *, qq_queue const *, int whole, uint64_t now);
void qq_figures_json(stralloc *, qq_figures const *, qq_queue const *, int whole);

/* Counts against age buckets. total may be null. */
void qq_ages_text(stralloc *, qq_count const *total, qq_count const **counts, size_t n);
void qq_ages_json(stralloc *, qq_count const **counts, size_t n);

#endif
