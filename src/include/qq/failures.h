/* Recipients of a message that have failed for good, as bounce/ID tells it (qmail-send.c:addbounce). */

#ifndef QQ_FAILURES_H
#define QQ_FAILURES_H

#include <qq/message.h>
#include <qq/qsbmf.h>

/* Calls action for each failed recipient of a message that is pinned. Returns what the questions return; a message without
   bounce/ID has none. */
int qq_message_failures(qq_message *, qq_qsbmf *, void (*action)(void *data, qq_qsbmf const *), void *data);

#endif
