/* What the sources of the queue share. */

#ifndef QQ_QUEUE_PRIVATE_H
#define QQ_QUEUE_PRIVATE_H

#include <qq/message.h>
#include <qq/damage.h>
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

/* ---- damage ---- */

/* Names in the trees. */
typedef struct qq_listing {
  qq_queue const *queue;
  genalloc *strays;             /* of qq_stray; get those that are found */
  /* Gets the other names, and directories that are not below the split: in a tree, or in a numbered
     directory of it. Returns 1, or -1 to end it. May be null. */
  int (*odd)(void *, unsigned int tree, int directory, char const *name);
  /* Gets a tree that cannot be read, with errno. Returns 1 to go on, or -1. Null: it is the end. */
  int (*failed)(void *, unsigned int tree);
  void *to;
} qq_listing;

/* Lists all. Returns 1, or -1 with errno. */
int qq_listing_run(qq_listing *);

/* Has a finding reported: the kind, its path, and what is wrong (null: what the kind says). */
void qq_look_report(qq_look *, qq_damage_kind, char const *path, char const *is, qq_files const *);

/* Has trouble reported: appends what errno stands for to the text. */
void qq_look_trouble(qq_look *, stralloc const *why);

/* Appends `It is -rw------- root:root, expected -rw-r--r-- qmailq:qmail.' QQ_ANYBODY is as it is.
   Returns 1, or 0 with errno ENOMEM. */
int qq_look_say_owner(stralloc *, struct stat const *is, mode_t mode, uid_t uid, gid_t gid);

/* The same of a file of a message: whose it should be, and its mode. */
int qq_look_say_file(stralloc *, qq_look const *, qq_file const *);

/* Between two looks at the same: all that may be on its way has moved then, and two files cannot
   have the same time stamp (message.c:settle), in nanoseconds. */
#define QQ_LOOK_PAUSE UINT64_C(25000000)

/* Looks at intd/, as root. Returns 1, or -1 with errno. */
int qq_look_intd(qq_look *);

/* What may be damage, and is looked at again: one number. */
typedef struct qq_suspect {
  uint64_t id;
  uint64_t fingerprint;         /* of what there was at the last look; 0: none, or it was young */
  uint64_t kinds;               /* that were found at each look */
  unsigned int directory;       /* its number in a tree that is split */
} qq_suspect;

/* Adds one. Returns 1, or -1 with errno ENOMEM. */
int qq_look_suspect(qq_look *, uint64_t id);

/* Judges files that were looked at. Returns 1, or -1 with errno and why. */
typedef int qq_look_judge(qq_look const *, qq_files *, qq_shard *, stralloc *why);

/* Looks at the suspects in these trees until each is sound, or has stayed as it is; reports those,
   and forgets all. Returns 1, or -1 with errno ENOMEM. */
int qq_look_again(qq_look *, uint64_t trees, qq_look_judge *);

/* Has all that has a number handed over. */
void qq_look_number(qq_look *, qq_files const *);

/* Finds what is wrong with the file in intd, by names and status alone. */
void qq_files_judge_intd(qq_files *, qq_expected const *);

/* Reads the records of one of the files, and adds to its kinds. Returns 1, or -1 with errno and
   why. */
int qq_files_read(qq_files const *, qq_file *, qq_shard *, stralloc *why);

/* ---- layout.c, for queue.c ---- */

/* Sets split, split_is_certain, todo_is_split, intd_is_split, missing and misplaced of a queue
   whose trees are open. Returns 1; or -1 with errno and why: what is missing for a queue, does not
   fit, or may not be read. */
int qq_layout_find(qq_queue *, stralloc *why);

/* The same of what is there, for qq_queue_open_damaged. Returns 1, or -1 with
   errno and why: what may not be read. */
int qq_layout_find_damaged(qq_queue *, stralloc *why);

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
