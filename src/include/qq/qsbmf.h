/* qmail-send bounce message format (QSBMF): the failed recipients in a bounce, or in a file of
   bounce/.

   A bounce's body begins with a paragraph `Hi. This is the ...`; each paragraph behind it whose
   first line is `<ADDRESS>:` is one failed recipient, the other lines of the paragraph are the
   reason; a paragraph that begins with `-` ends the list. A file in bounce/ holds the recipient
   paragraphs alone (qmail-send.c:addbounce). */

#ifndef QQ_QSBMF_H
#define QQ_QSBMF_H

#include <stddef.h>
#include <skalibs/stralloc.h>
#include <qq/mime.h>
#include <qq/text.h>

/* Bytes kept of one reason; the rest is read past. */
#define QQ_QSBMF_REASON_MAX 65536

typedef struct qq_qsbmf {
  stralloc address;             /* of the recipient that qq_qsbmf_feed returned; exact bytes */
  stralloc reason;              /* its lines, each with its LF but the last */
  /* private from here */
  stralloc line;
  int state;
} qq_qsbmf;
#define QQ_QSBMF_ZERO { STRALLOC_ZERO, STRALLOC_ZERO, STRALLOC_ZERO, 0 }

/* Starts at the body of a bounce message (behind its header). What does not begin with `Hi. This is
   the` has no recipients. */
void qq_qsbmf_start_message(qq_qsbmf *);
/* Starts at a file of bounce/. */
void qq_qsbmf_start_file(qq_qsbmf *);

/* Feeds from *s, n bytes; moves *s and *n past what it took. n == 0 on entry ends the text. Returns
   1 when a recipient is complete (look at address and reason, then call again with what is left;
   that is never nothing before the end of the text, and n == 0 behind it), 0 when all was taken and
   none is complete, 2 when the list has ended, -1 with errno ENOMEM. */
int qq_qsbmf_feed(qq_qsbmf *, char const **s, size_t *n);

void qq_qsbmf_free(qq_qsbmf *);

/* Bounces in any form that is known: a body in QSBMF; the same as a part of a MIME message, as
   indimail writes it; the groups of a message/delivery-status (RFC 3464), if no part before it had
   told of somebody. Only `Action: failed' is a failure there. */

#define QQ_REPORT_FIELDS 5

typedef struct qq_report {
  int is_understood;            /* it has told of a recipient, failed or not */
  /* private from here */
  qq_entities entities;
  qq_transfer transfer;
  qq_qsbmf qsbmf;
  qq_field fields[QQ_REPORT_FIELDS];
  qq_header group;
  stralloc bytes, line;
  int part, is_over;
} qq_report;

/* Called for each failed recipient: its address and the reason. */
typedef void qq_failure_action(void *data, qq_qsbmf const *);

/* Starts a message; zeroed for the first. It keeps the memory of earlier ones. */
void qq_report_start(qq_report *);

/* Feeds n bytes of the message, header included; n == 0 ends it. Returns 1 if more is wanted, 2 if
   there is nothing more to come, -1 with errno ENOMEM. */
int qq_report_feed(qq_report *, char const *s, size_t n, qq_failure_action *, void *data);

/* What the text says by which a delivery ended: of a bounce, where lines end with newlines, or as
   logged, where they end with slashes and blanks are underscores (qsutil.c:logsafe). */

/* What a text as logged says of the other side; pieces of it, empty if it does not say. */
typedef struct qq_reply {
  qq_piece host;                /* name or address */
  qq_piece code;                /* of SMTP: 550 */
  qq_piece enhanced;            /* RFC 3463: 5.1.1 */
} qq_reply;

void qq_reply_scan(qq_reply *, qq_piece logged);

/* Its host alone. */
qq_piece qq_reply_host(qq_piece logged);

/* Appends the text as logged with blanks for underscores, and newlines for slashes. Returns 1, or 0
   with errno ENOMEM. */
int qq_reason_unlog(stralloc *, qq_piece logged);

/* The same for one line: slashes stay, but for the one that ends the last line. */
int qq_reason_readable(stralloc *, qq_piece logged);

/* Writes that line at to, where is room for as many bytes as were logged, if all of it is ASCII
   that shows, and sets n to its length. Returns 1, or 0: it is not. */
int qq_reason_plain(char *to, size_t *n, qq_piece logged);

/* The line of the text, as logged, that tells most: what the remote host said, or the first. */
qq_piece qq_reason_told(qq_piece logged);

/* Appends that line of a text whose lines end with newlines, with what differs between messages
   taken out: addresses, hosts, numbers (but for 550 and 5.1.1), ids of letters and digits become #,
   and the recipient, if it has one, ADDRESS. Returns 1, or 0 with errno ENOMEM. */
int qq_reason_key(stralloc *, qq_piece text, qq_piece recipient);

/* The same for a text, and a recipient, as logged. */
int qq_reason_key_logged(stralloc *, qq_piece text, qq_piece recipient);

/* ---- what the sources of reasons share ---- */

/* What a character is in a text of qmail-remote; 0: something else. AROUND: it may stand beside a
   host. */
enum {
  QQ_REASON_LETTER = 1, QQ_REASON_DIGIT = 2, QQ_REASON_DOT = 4, QQ_REASON_COLON = 8,
  QQ_REASON_HYPHEN = 16, QQ_REASON_AROUND = 32, QQ_REASON_AT = 64, QQ_REASON_SIGN = 128
};
extern unsigned char const qq_reason_classes[256];

/* Private, too: each byte from of the n becomes to. */
void qq_reason_replace(char *s, size_t n, char from, char to);

#endif
