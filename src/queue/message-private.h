/* What the files of qq_message share. */

#ifndef QQ_MESSAGE_PRIVATE_H
#define QQ_MESSAGE_PRIVATE_H

#include <qq/select.h>

/* Bits of known. */
enum {
  KNOWS_STAT = 1, KNOWS_ENVELOPE = 2, KNOWS_BIRTH = 4, KNOWS_RECIPIENTS = 8, KNOWS_FAILING = 16,
  KNOWS_HEAD = 32, KNOWS_RECEIVED = 64, KNOWS_STATE = 128
};

/* Sets why to `FILE: TEXT` and returns QQ_DAMAGED. errno stays. */
int qq_message_damaged(qq_message *, unsigned int tree, char const *text);

/* The same for errno. */
int qq_message_unreadable(qq_message *, unsigned int tree);

/* Says whether the message has a file in the tree. Returns 1, 0, or QQ_DAMAGED. */
int qq_message_has(qq_message *, unsigned int tree);

/* Something about a preprocessed message does not fit. Says why: it is new after all or changed
   (QQ_CHANGED), it is gone (QQ_GONE), or damaged: text about the tree's file. */
int qq_message_doubt(qq_message *, unsigned int tree, char const *text);

/* Reads the records of todo in record: sender, uid, recipients. Returns 1, or -1: *text says what
   is wrong. */
int qq_todo_parse(qq_message *, char const **text);

/* Reads the records of one channel in s. The same. */
int qq_recipients_parse(qq_message *, char const *s, size_t n, int channel, char const **text);

/* Criteria that are judged elsewhere (private to judge.c). */

/* A matcher's answer as a criterion's: 1 with *met; where it has none, QQ_DAMAGED with why and
   errno. */
int qq_judge_matched(qq_message *, int r, int *met);

/* Say in *met whether the address of a recipient that waits, its domain, or the address of one that
   is done matches the patterns. */
int qq_judge_to(qq_question *, qq_message *, int *met);
int qq_judge_to_domain(qq_question *, qq_message *, int *met);
int qq_judge_done_to(qq_question *, qq_message *, int *met);

/* Says in *met whether a line of the message's text matches the patterns. */
int qq_judge_body(qq_question *, qq_message *, int *met);

#endif
