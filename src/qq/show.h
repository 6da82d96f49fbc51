/* How qq-show shows a message: as JSON, as a row of the table, in full. */

#ifndef QQ_SHOW_H
#define QQ_SHOW_H

#include <qq/charset.h>
#include <qq/header.h>
#include <qq/message.h>
#include <qq/when.h>

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

/* Reads all that is known about a pinned message: its files and the header fields. Returns what the questions return. */
int qq_view_load(qq_view *, qq_message *);

/* Decodes a field of the header that was read: *exact is the unfolded value, *text its decoded form; both valid until the next call. Returns 0
   if the message has no such field. */
int qq_view_field(qq_view *, unsigned int field, stralloc const **exact, stralloc const **text);

/* `held remote double bounce` and the like. Needs stat, envelope and recipients. */
void qq_show_type(stralloc *out, qq_message const *);

/* Each appends the message to out and returns what its questions returned. qq_show_row: the cells of a row, each with a NUL behind it. */
int qq_show_json(qq_view *, qq_message *, stralloc *out);
int qq_show_row(qq_view *, qq_message *, stralloc *out);
int qq_show_long(qq_view *, qq_message *, stralloc *out);

#endif
