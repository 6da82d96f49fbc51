/* Searching a message's text (private to judge.c). */

#ifndef QQ_JUDGE_BODY_H
#define QQ_JUDGE_BODY_H

#include <qq/select.h>

/* A matcher's answer as a criterion's: 1 with *met; out of memory QQ_DAMAGED, why and errno. */
int qq_judge_matched(qq_message *, int r, int *met);

/* Says in *met whether a line of the message's text matches the patterns. */
int qq_judge_body(qq_question *, qq_message *, int *met);

#endif
