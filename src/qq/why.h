/* What qq-why knows of each recipient that waits: from the queue, then from the log. */

#ifndef QQ_WHY_H
#define QQ_WHY_H

#include <qq/options.h>
#include "show.h"

/* What the log knows of a message; the greater counts. */
typedef enum {
  QQ_WHY_NO_LINE,
  QQ_WHY_OTHER,                 /* only of another one with its number */
  QQ_WHY_BY_NUMBER,             /* deliveries: it had the number before the log begins */
  QQ_WHY_SEVERAL,               /* such deliveries in two streams: no telling which */
  QQ_WHY_TIED                   /* the same number, qp and time */
} qq_why_tie;

typedef struct qq_why_message qq_why_message;

typedef struct qq_waiting {
  qq_why_message *message;
  qq_piece address;             /* as it stands in the queue */
  qq_piece plain;               /* the same without what virtualdomains has put in front */
  qq_piece logged;              /* the same as qmail-send logs it */
  int channel;                  /* -1: the message is new */
  uint64_t next;                /* when it is tried again, or QQ_LOG_UNKNOWN */
  /* of the log: */
  uint32_t attempts;
  uint64_t first, last, under_way_since;        /* or QQ_LOG_UNKNOWN */
  int is_cut;                   /* the last attempt was */
  int is_over;                  /* it has ended since we looked at the queue */
  qq_piece reason;              /* as logged; empty: none */
} qq_waiting;

struct qq_why_message {
  qq_id id;
  uint64_t qp;                  /* of its first line Received; 0: none */
  qq_why_tie tie;
  int is_over;                  /* as of a recipient */
  qq_waiting *recipients;
  size_t count;
};

/* Shared by the files of qq-why: the queue, and the recipients that the criteria ask for, in order:
   those with the most attempts last. */
typedef struct qq_why {
  qq_reading reading;
  qq_show show;
  genalloc messages;            /* of qq_why_message *, by number */
  genalloc meant;               /* of qq_waiting * */
  uint64_t begins;              /* the moment of the log's first line, or QQ_LOG_UNKNOWN */
  stralloc log;                 /* what the log is called, a string */
} qq_why;
extern qq_why qq_why_is;

/* ---- the queue ---- */

/* As root, by the status of files alone: the moment at which the oldest message of the whole queue
   was queued; UNKNOWN: there is none. */
uint64_t qq_why_oldest(void);

/* Reads what waits of the messages that are asked for, and returns the same moment of these. */
uint64_t qq_why_read_queue(void);

/* The message with that number, or null. */
qq_why_message *qq_why_find(uint64_t number);

/* ---- the log ---- */

qq_option_take qq_why_take_log;
extern int qq_why_verbose;

/* As root: opens the log that --log, the environment or what runs names, as far as it may speak of
   what was queued at that moment or later. */
void qq_why_open_log(uint64_t oldest);

/* Reads it, but for files that are older than that moment, and ties the messages to what it
   says. */
void qq_why_read_log(uint64_t oldest);

/* Appends why the log has no reason for the recipient. */
void qq_why_note(stralloc *, qq_waiting const *);

/* ---- criteria ---- */

enum { QQ_WHY_TO, QQ_WHY_HOST, QQ_WHY_REASON, QQ_WHY_PATTERNS };
qq_option_take qq_why_take_pattern;
extern uint64_t qq_why_min_attempts;

void qq_why_criteria_ready(void);

/* Fills meant. */
void qq_why_choose(void);

/* The host that the reason names; else, if it is not local, the domain of the address; else
   empty. */
qq_piece qq_why_host(qq_waiting const *);

/* ---- forms: each prints what is meant ---- */

#define QQ_WHY_BY "host|reason|to-domain"
enum { QQ_WHY_BY_HOST, QQ_WHY_BY_REASON, QQ_WHY_BY_TO_DOMAIN };

void qq_why_rows(stralloc *);
void qq_why_tsv(stralloc *);
void qq_why_long(stralloc *);
void qq_why_json(stralloc *);
void qq_why_ids(stralloc *);
void qq_why_by_text(stralloc *, int by);
void qq_why_by_tsv(stralloc *, int by);
void qq_why_by_json(stralloc *, int by);

/* Calls print for each message that has a recipient which is meant, in order, with the first of
   these and how many there are. */
void qq_why_each(stralloc *, void (*print)(stralloc *, qq_waiting *const *, size_t));

#endif
