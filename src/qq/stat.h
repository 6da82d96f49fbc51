/* Figures of qq-stat, and how it prints them. */

#ifndef QQ_STAT_H
#define QQ_STAT_H

#include <qq/message.h>
#include "tally.h"

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
