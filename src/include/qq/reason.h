/* What the text says by which a delivery ended: of a bounce, where lines end with newlines, or as
   logged, where they end with slashes and blanks are underscores (qsutil.c:logsafe). */

#ifndef QQ_REASON_H
#define QQ_REASON_H

#include <skalibs/stralloc.h>
#include <qq/text.h>

/* What a text as logged says of the other side; pieces of it, empty if it does not say. */
typedef struct qq_reply {
  qq_piece host;                /* name or address */
  qq_piece code;                /* of SMTP: 550 */
  qq_piece enhanced;            /* RFC 3463: 5.1.1 */
} qq_reply;

void qq_reply_scan(qq_reply *, qq_piece logged);

/* Appends the text as logged with blanks for underscores, and newlines for slashes. Returns 1, or 0
   with errno ENOMEM. */
int qq_reason_unlog(stralloc *, qq_piece logged);

/* The line of a text with newlines that tells most. */
qq_piece qq_reason_best_line(qq_piece text);

/* Appends that line, with what differs between messages taken out: addresses and ids become #, and
   the recipient, if it has one, ADDRESS. Returns 1, or 0 with errno ENOMEM. */
int qq_reason_key(stralloc *, qq_piece text, qq_piece recipient);

#endif
