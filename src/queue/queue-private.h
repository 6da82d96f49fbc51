/* What the sources of the queue share. */

#ifndef QQ_QUEUE_PRIVATE_H
#define QQ_QUEUE_PRIVATE_H

#include <qq/message.h>
#include <qq/select.h>

/* ---- what a message says, and how it is judged ---- */

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

/* ---- layout.c, for queue.c ---- */

/* Sets split, split_is_certain, todo_is_split, intd_is_split, missing and misplaced of a queue
   whose trees are open. Returns 1; or -1 with errno and why: what is missing for a queue, does not
   fit, or may not be read. */
int qq_layout_find(qq_queue *, stralloc *why);

/* ---- one thread of a walk, for walk.c ---- */

typedef struct qq_walk_job {
  qq_walk *walk;
  void *worker;
  qq_shard shard;
  qq_message message;
  genalloc todo, info, odd;     /* of uint64_t: the numbers of the shard at hand */
  unsigned int count;           /* visits since the last look */
} qq_walk_job;

/* Makes the i-th job of the walk. Returns 1, or -1 with errno ENOMEM. */
int qq_walk_job_init(qq_walk_job *, qq_walk *, unsigned int i);
void qq_walk_job_free(qq_walk_job *);

/* Visits the messages of one shard. Returns 1, 0 when the walk is to stop, -1 with errno. */
int qq_walk_job_shard(qq_walk_job *, unsigned int number);

/* Visits one message, again if it changes meanwhile. Returns 0 when the walk is to stop. */
int qq_walk_job_visit(qq_walk_job *, qq_id const *, qq_listed);

/* Has a line about something damaged reported. */
void qq_walk_job_report(qq_walk_job *, stralloc const *why);

/* Looks for what is left over in the shard that was just visited: files in bounce/, and if the walk
   wants remains in the other trees, without an info. Returns 1, or -1 with errno. */
int qq_walk_job_remains(qq_walk_job *);

/* Adds what was done to the walk's count; says whether to go on. */
int qq_walk_job_look(qq_walk_job *);

#endif
