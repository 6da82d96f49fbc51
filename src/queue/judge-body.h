/* Searching a message's text (private to judge.c). */

#ifndef QQ_JUDGE_BODY_H
#define QQ_JUDGE_BODY_H

#include <qq/select.h>

/* Answers for a criterion that ran out of memory: sets why and errno, returns QQ_DAMAGED. */
int qq_judge_out_of_memory(qq_message *);

/* Says in *met whether a line of the message's text matches select's body patterns. */
int qq_judge_body(qq_judge *, qq_message *, int *met);

#endif
