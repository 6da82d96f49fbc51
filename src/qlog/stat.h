/* What qlog-stat counts: figures by key. */

#ifndef QQ_QLOG_STAT_H
#define QQ_QLOG_STAT_H

#include "qlog.h"

/* What --by counts by. */
#define QLOG_KEYS \
  "from|from-domain|to|to-domain|host|reason|uid|ip|login|channel|result|hour|day"
enum {
  QLOG_BY_FROM, QLOG_BY_FROM_DOMAIN, QLOG_BY_TO, QLOG_BY_TO_DOMAIN, QLOG_BY_HOST, QLOG_BY_REASON,
  QLOG_BY_UID, QLOG_BY_IP, QLOG_BY_LOGIN, QLOG_BY_CHANNEL, QLOG_BY_RESULT, QLOG_BY_HOUR, QLOG_BY_DAY
};

/* In this order in all forms. */
enum {
  QLOG_MESSAGES, QLOG_RECIPIENTS, QLOG_DELIVERED, QLOG_FAILED, QLOG_DEFERRALS, QLOG_OPEN,
  QLOG_BYTES, QLOG_NUMBERS
};
#define QLOG_SORTS "messages|recipients|delivered|failed|deferrals|open|bytes|first|last|key"

typedef struct qlog_figures {
  qq_piece key;
  uint64_t n[QLOG_NUMBERS];
  uint64_t first, last;         /* moments, or QQ_LOG_UNKNOWN */
  uint64_t serial;              /* of the last message, and 1 */
  uint64_t hash;
} qlog_figures;

/* Figures by key; zeroed: empty. */
typedef struct qlog_tally { qlog_figures **slots; size_t size, count; } qlog_tally;

/* The figures of a key, made if it is new. */
qlog_figures *qlog_tally_find(qlog_tally *, char const *s, size_t n);

/* Appends the key of the life, or, if it is one of recipients, of the recipient; `-` for what the
   log does not say. */
void qlog_key(stralloc *, int by, qq_life const *, qq_served const *);

/* Says whether it is a key of recipients. */
int qlog_is_of_recipient(int by);

/* Counts the message, once; and a recipient. */
void qlog_figures_message(qlog_figures *, qq_life const *);
void qlog_figures_recipient(qlog_figures *, qq_served const *);

/* How long deliveries took, to within a hundredth; in nanoseconds. */
typedef struct qlog_delays { uint64_t counts[64 * 64]; uint64_t all; } qlog_delays;
void qlog_delays_add(qlog_delays *, uint64_t);
/* What so many in a hundred took at most. */
uint64_t qlog_delays_of(qlog_delays const *, unsigned int percent);

/* The figures in the order of QLOG_SORTS (below 0: the busiest first), top of them at most, in each
   form. */
typedef struct qlog_report {
  int by, sort, is_reversed;
  uint64_t top;
} qlog_report;
typedef void qlog_print(stralloc *, qlog_report const *, qlog_tally const *);
qlog_print qlog_print_text, qlog_print_json, qlog_print_tsv;

/* Totals. */
void qlog_totals_text(stralloc *, qlog_figures const *, qlog_delays const *);
void qlog_totals_json(stralloc *, qlog_figures const *, qlog_delays const *);
void qlog_totals_tsv(stralloc *, qlog_figures const *, qlog_delays const *);

/* The word for a key. */
char const *qlog_key_word(int by);

#endif
