/* Searching a message's text (private to judge.c). */

#ifndef QQ_JUDGE_BODY_H
#define QQ_JUDGE_BODY_H

#include <qq/select.h>

/* Says in *met whether a line of the message's text matches select's body patterns. */
int qq_judge_body(qq_judge *, qq_message *, int *met);

#endif
