/* What qq-show shows; what listings notice; why recipients failed. */

#ifndef QQ_SHOW_H
#define QQ_SHOW_H

#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>
#include <qq/header.h>
#include <qq/instance.h>
#include <qq/message.h>
#include <qq/output.h>
#include <qq/qsbmf.h>
#include <qq/when.h>
#include "reading.h"

/* What a listing notices on its way, on any thread, and warns about at its end. */

/* Notices whether a removal began on the message and did not end. Returns what the question
   returned. */
int qq_notice_interruption(qq_message *);

/* Notices whether the message is from the future. The same. */
int qq_notice_future(qq_message *);

/* Notices whether the message's hold runs out soon, or has run out: then qmail-send makes a failure
   of what the hold refuses. queuelifetime is in seconds. Needs stat and envelope. The same. */
int qq_notice_hold(qq_message *, uint64_t queuelifetime);

/* Notices that so many messages say what is asked, but are not to be believed (qq/header.h). */
void qq_notice_claims(unsigned long);

/* Warns of what was noticed. */
void qq_notices_warn(void);

/* How qq-show shows messages: as JSON, as rows of the table, in full; in an order, or as they are
   met. */

typedef enum {
  QQ_ORDER_DATE, QQ_ORDER_SIZE, QQ_ORDER_FROM, QQ_ORDER_TO, QQ_ORDER_RECIPIENTS, QQ_ORDER_ID
} qq_order_key;
#define QQ_ORDER_KEYS "date|size|from|to|recipients|id"

typedef struct qq_view qq_view;

/* What is to be shown. */
typedef struct qq_show {
  int over;                     /* messages that are over, else those that are not */
  qq_order_key key;
  int is_reversed;
  uint64_t top;                 /* so many, the first of the order */
  int (*form)(qq_view *, qq_message *, stralloc *out);  /* one of those below */
  void (*print)(stralloc const *texts, size_t count);   /* gets many at a time, in order */
  uint64_t queuelifetime, now;
  int is_running;               /* qmail-send does */
  int sees_deliveries;          /* the processes were to be seen */
  genalloc deliveries;          /* of qq_delivery; of the whole queue */
} qq_show;

/* Header fields that are shown. */
enum {
  QQ_SHOW_SUBJECT, QQ_SHOW_FROM, QQ_SHOW_TO, QQ_SHOW_MESSAGE_ID, QQ_SHOW_DATE, QQ_SHOW_FIELDS
};

/* What one thread needs to show messages. */
struct qq_view {
  qq_show const *show;
  qq_charsets *charsets;
  qq_header header;
  qq_field fields[QQ_SHOW_FIELDS];
  qq_calendar calendar;
  stralloc line, text, out;     /* out: the caller's */
};

/* Prepares the reading's walk for visit, with a view as each worker. Out of memory ends the
   program. */
void qq_view_prepare(qq_reading *, qq_show const *, int (*visit)(void *view, qq_message *));

/* Looks which processes work on the queue: sets what show has of them. */
void qq_show_look(qq_show *, qq_queue const *);

/* Sets due to when the message is tried next on the channel, as qq_schedule_due says it. Needs
   birth. Returns 1; or 0: it waits for nothing there, or that it cannot be seen was said. */
int qq_show_due(qq_show const *, qq_message *, unsigned int channel, uint64_t *due);

/* Sets d to the message's next delivery that is under way; null before the first. Returns 1, or 0
   after the last. */
int qq_show_next_delivery(qq_view const *, qq_message const *, qq_delivery const **d);

/* Appends a pinned message, in its form, to out, and notices what there is to notice. Returns what
   the questions return; nothing is appended but after 1. */
int qq_view_render(qq_view *, qq_message *, stralloc *out);

/* Shows the reading's messages: gathers those that are meant with their keys, sorts them, then
   shows them one behind the other, rendered by several threads. Warns about named ids that are
   gone. */
void qq_show_in_order(qq_reading *, qq_show const *);

/* Reads all that is known about a pinned message: its files and the header fields. Returns what the
   questions return. */
int qq_view_load(qq_view *, qq_message *);

/* Decodes a field of the header that was read: *exact is the unfolded value, *text its decoded
   form; both valid until the next call. Returns 0 if the message has no such field. */
int qq_view_field(qq_view *, unsigned int field, stralloc const **exact, stralloc const **text);

/* `held remote double bounce` and the like. Needs stat, envelope and recipients. */
void qq_show_type(stralloc *out, qq_message const *);

/* The first recipient that waits, and how many more do; null: none does. Needs recipients. */
qq_recipient const *qq_show_waiting(qq_message const *, size_t *more);

/* Each appends the message to out and returns what its questions returned. qq_show_row: the cells
   of a row, each with a NUL behind it. */
int qq_show_json(qq_view *, qq_message *, stralloc *out);
int qq_show_row(qq_view *, qq_message *, stralloc *out);
int qq_show_tsv(qq_view *, qq_message *, stralloc *out);
int qq_show_long(qq_view *, qq_message *, stralloc *out);
void qq_show_long_begin(void);          /* before it: how wide its labels are */

/* Prints the names of qq_show_tsv's fields. */
void qq_show_tsv_heading(void);

/* Writes the fields id and token; bounce. */
void qq_show_put_id(qq_json *, qq_id);
void qq_show_put_bounce(qq_json *, qq_message const *);

/* Prints count rows, each the cells of qq_show_row, fitted to the terminal; an empty text is no
   row. The first call settles the columns' widths and prints the headings. */
void qq_show_rows(stralloc const *rows, size_t count);

/* Why recipients failed. */

/* Appends the reason in one line: its lines joined with /, as in qmail's log, made safe. */
void qq_reason_line(stralloc *, qq_qsbmf const *);

/* Appends a JSON object: which message, whether the recipient is one of its own, and the reason
   with its lines as they are. Needs stat and envelope. */
#define QQ_REASON_TITLES "id\ttoken\tbounce\tpending\taddress\treason"
void qq_reason_json(stralloc *, qq_message const *, int is_pending, qq_qsbmf const *);

/* Counts it by the key of its reason and by its host, on any thread; key is the thread's, to build
   keys in. Out of memory ends the program. */
void qq_reasons_count(stralloc *key, qq_qsbmf const *);
/* Prints the two lists of what was counted; as JSON, with a line for each reason and host. */
void qq_reasons_print(void);
#define QQ_REASONS_TITLES "by\tkey\trecipients"
void qq_reasons_print_json(void);

#endif
