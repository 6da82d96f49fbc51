/* What qq-stat counts: totals; keys, and tallies of them. */

#ifndef QQ_STAT_H
#define QQ_STAT_H

#include <stdint.h>
#include <qq/header.h>
#include <qq/message.h>
#include <qq/text.h>

/* What qq-stat --by counts by. */
#define QQ_KEY_HEADER "header:NAME"
#define QQ_KEYS "from|from-domain|to|to-domain|subject|" QQ_KEY_HEADER \
  "|uid|ip|login|channel|age|size"

/* The same, as it was given. */
typedef struct qq_by {
  int kind;                     /* its place in QQ_KEYS; -1: not given */
  char const *field;            /* of header: its name; else null */
  int counts_recipients;        /* those that wait, beside the messages */
} qq_by;

/* The NAME in a value that is QQ_KEY_HEADER; null if it is another. */
char const *qq_by_field(char const *value);

/* Says whether each recipient has a key of its own, so that they must be counted. */
int qq_by_recipients(qq_by const *);

/* Says whether it is asked where messages came from (qq_reading_smtp_users). */
int qq_by_origin(qq_by const *);

typedef struct qq_key {
  qq_piece text;                /* the first: a key compares as its text */
  uint64_t recipients;          /* that wait and have it; 0 where they are not counted */
} qq_key;

/* The keys of one message. A thread's. Zeroed to begin with, but for the first two. */
typedef struct qq_keyer {
  qq_by const *by;
  uint64_t now;                 /* what ages count from */
  genalloc keys;                /* of qq_key, sorted, each once */
  uint64_t recipients;          /* that wait; 0 where they are not counted */
  unsigned long claims;         /* messages so far whose key is there, but not to be believed */
  /* private from here */
  genalloc ends;                /* of size_t: where each ends in text */
  stralloc text, line;
  qq_charsets *charsets;
  qq_header header;
  qq_field field;
} qq_keyer;

/* Finds the keys of a pinned message: its sender, the domains of its undelivered recipients, its
   channels, ... What a message does not have is `-`. Returns what the questions return. */
int qq_keyer_read(qq_keyer *, qq_message *);

/* Appends a domain as it counts: without case, Punycode spelled out; `-` if it is empty. Out of
   memory ends the program. */
void qq_key_domain(stralloc *, qq_piece);

/* Counting by key: how many messages of each key, of which age, and for how many recipients. */

/* Age buckets: up to 5, 10, 20, ... 1280 minutes, and older. */
#define QQ_TALLY_AGES 10
#define QQ_TALLY_FIRST_MINUTES 5

typedef struct qq_count {
  qq_piece key;                 /* the first: a count compares as its key */
  uint64_t total, recipients;
  uint64_t ages[QQ_TALLY_AGES];
} qq_count;

/* A search tree of qq_count (tsearch(3)); null: empty. Not for two threads at once. */
typedef void *qq_tally;

/* The bucket of an age in nanoseconds. */
unsigned int qq_tally_bucket(uint64_t age);

/* Counts one more, for that many recipients; of the key. Out of memory ends the program. */
void qq_count_add(qq_count *, unsigned int bucket, uint64_t recipients);
void qq_tally_add(qq_tally *, qq_piece const *key, unsigned int bucket, uint64_t recipients);

/* How counts are put in order: most first, of messages, or of recipients and then messages; those
   that are equal by key. */
typedef int qq_count_order(void const *, void const *);
qq_count_order qq_most_messages, qq_most_recipients;

/* Appends all counts (as qq_count const *), which stay the tally's, to the empty list. */
void qq_tally_list(qq_tally const *, genalloc *counts, qq_count_order *);

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
void qq_figures_json(stralloc *, qq_figures const *, qq_queue const *, int whole, uint64_t now);

/* For Prometheus, beside those figures: what it asks and they do not have. Not for two threads at
   once. */
void qq_metrics_begin(unsigned int channels);

/* Adds a message. Needs what qq_figures_add needs. */
void qq_metrics_add(qq_message const *, uint64_t now);

/* is_up: as qq_reading_is_up returns it. Of a queue that lacks a directory there are no figures:
   they would be too low. */
void qq_metrics_print(stralloc *, qq_figures const *, qq_queue const *, int is_up, uint64_t now);

/* What ends them; alone, when the queue could not be opened. is_whole: nothing was left out for
   being damaged. */
void qq_metrics_put_success(stralloc *, int is_whole);

/* The first n counts against age buckets, recipients only where they were counted. total may be
   null. */
void qq_ages_text(stralloc *, qq_by const *, qq_count const *total, qq_count const *const *counts,
  size_t n);
/* Before that: the form is one of QQ_ROWS. */
void qq_ages_begin(int form, qq_by const *);
void qq_ages_json(stralloc *, qq_by const *, qq_count const *const *counts, size_t n);

#endif
