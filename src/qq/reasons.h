/* Why recipients failed, as the QSBMF text of bounces tells it. */

#ifndef QQ_REASONS_H
#define QQ_REASONS_H

#include <qq/header.h>
#include <qq/message.h>
#include <qq/qsbmf.h>
#include "stat.h"

typedef struct qq_reasons {
  qq_header header;
  qq_qsbmf qsbmf;
  stralloc text;
} qq_reasons;

/* Called for each failed recipient. */
typedef void qq_reason_action(void *data, qq_message const *, qq_qsbmf const *);

/* Reads the body of a pinned bounce. Returns what the questions return. */
int qq_reasons_read(qq_reasons *, qq_message *, qq_reason_action *, void *data);

/* Appends the reason in one line: its lines joined with /, as in qmail's log, made safe. */
void qq_reason_line(stralloc *, qq_qsbmf const *);

/* Appends the reason as a key to count by: what the remote host said, or else the first line,
   without the recipient's address and without numbers of hosts and messages. */
void qq_reason_key(stralloc *, qq_qsbmf const *);

/* Appends the host that is to blame: the domain of the recipient. */
void qq_reason_host(stralloc *, qq_qsbmf const *);

#endif
