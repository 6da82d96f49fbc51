/* What qq-show shows: an order, notes of each message, rows, everything of one. */

#ifndef QQ_SHOW_H
#define QQ_SHOW_H

#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/charset.h>
#include <qq/header.h>
#include <qq/message.h>
#include <qq/when.h>
#include "reading.h"

/* What a listing notices on its way and warns about at its end. Any thread may take a note. */

/* Notes whether a removal began on the message and did not end. Returns what the question returned. */
int qq_notes_interrupted(qq_message *);

/* Notes whether the message's hold runs out soon, or has run out: then qmail-send makes a failure
   of what the hold refuses. queuelifetime is in seconds. Needs stat and envelope. The same. */
int qq_notes_hold(qq_message *, uint64_t queuelifetime);

/* Warns of what was noted. */
void qq_notes_warn(void);

/* Messages in an order: all of them gathered with a key, sorted, then shown one behind the other by
   several threads. */

typedef enum { QQ_ORDER_DATE, QQ_ORDER_SIZE, QQ_ORDER_FROM, QQ_ORDER_TO, QQ_ORDER_RECIPIENTS, QQ_ORDER_ID } qq_order_key;
#define QQ_ORDER_KEYS "date|size|from|to|recipients|id"

/* Walks the reading's messages and keeps those that are over, or those that are not, with their
   keys; then walks them in that order, in groups: render makes each message's text (in any order,
   on any thread), print gets the texts in order. Both get what they would get from the walk. render
   returns as a walk's visit does. reverse turns the order round. Warns about named ids that are
   gone. */
void qq_order_show(qq_reading *, qq_order_key, int reverse, int over,
  int (*render)(void *worker, qq_message *, stralloc *out), size_t worker_size, void (*start)(void *worker), void (*print)(stralloc const *texts, size_t count));

/* How qq-show shows a message: as JSON, as a row of the table, in full. */

/* Header fields that are shown. */
enum { QQ_SHOW_SUBJECT, QQ_SHOW_FROM, QQ_SHOW_TO, QQ_SHOW_MESSAGE_ID, QQ_SHOW_DATE, QQ_SHOW_FIELDS };

/* What one thread needs to show messages. */
typedef struct qq_view {
  uint64_t queuelifetime, now;  /* for qq_show_long */
  int is_running;               /* somebody reads the trigger */
  qq_charsets *charsets;
  qq_header header;
  qq_field fields[QQ_SHOW_FIELDS];
  qq_calendar calendar;
  stralloc line, text;
} qq_view;

/* Sets up the view. Out of memory ends the program. */
void qq_view_init(qq_view *);

/* Reads all that is known about a pinned message: its files and the header fields. Returns what the
   questions return. */
int qq_view_load(qq_view *, qq_message *);

/* Decodes a field of the header that was read: *exact is the unfolded value, *text its decoded
   form; both valid until the next call. Returns 0 if the message has no such field. */
int qq_view_field(qq_view *, unsigned int field, stralloc const **exact, stralloc const **text);

/* `held remote double bounce` and the like. Needs stat, envelope and recipients. */
void qq_show_type(stralloc *out, qq_message const *);

/* Each appends the message to out and returns what its questions returned. qq_show_row: the cells
   of a row, each with a NUL behind it. */
int qq_show_json(qq_view *, qq_message *, stralloc *out);
int qq_show_row(qq_view *, qq_message *, stralloc *out);
int qq_show_long(qq_view *, qq_message *, stralloc *out);

/* The table of qq-show: rows fitted to the terminal. */

/* Prints count rows, each the cells of qq_show_row; an empty text is no row. The first call settles
   the columns' widths and prints the headings. */
void qq_rows_print(stralloc const *rows, size_t count);

#endif
