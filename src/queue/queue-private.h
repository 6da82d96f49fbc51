/* What the sources of the queue share. */

#ifndef QQ_QUEUE_PRIVATE_H
#define QQ_QUEUE_PRIVATE_H

#include <qq/change.h>
#include <qq/message.h>
#include <qq/damage.h>
#include <qq/select.h>

/* As much is read of a file beside a message, of a header and of a report: room for a million
   recipients. What goes on is EFBIG, so that 60 GB of nothing keep nobody busy. */
#define QQ_LARGEST 268435456

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

/* As qq_message_read, of what does not go on for ever in any mail: at QQ_LARGEST it is damaged. */
int qq_message_read_early(qq_message *, uint64_t offset, char *s, size_t n, size_t *got);

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

/* ---- removal: the file that is exchanged for a message's info, so that no failure of it can
   bounce any more: it has the sender of a double bounce (qmail-send.c:injectbounce discards what
   such a message would bounce). The caller holds qq_queue_lock and has pinned the message. ---- */

/* Says whether info, open as fd, has that sender already. Returns 1, 0, or -1 with errno. */
int qq_replacement_is_there(int fd);

/* Writes the file beside info, whose owner and mode it gets. It is not synced. Returns 1; or -1
   with errno, and it is not there. */
int qq_replacement_make(qq_shard *, uint64_t id, struct stat const *info);

/* Exchanges it for info in one step, and removes what info was. Returns 1; 0 where the system or
   the file system has no such step; or -1 with errno: ENOENT when the message has ended. */
int qq_replacement_exchange(qq_shard *, uint64_t id);

/* Writes the sender into info itself, in one write, with NULs behind it as far as the old one went.
   The same. */
int qq_replacement_write(qq_shard *, uint64_t id);

/* Removes the file if it is there. */
void qq_replacement_sweep(qq_shard *, uint64_t id);

/* One message on its way to silence; the steps in their order (private to silence.c and
   silencing.c). */

typedef enum {
  QQ_STAGE_PINNED,              /* to be prepared */
  QQ_STAGE_PREPARED,            /* it is marked, birth is now, the replacement for info is there */
  QQ_STAGE_QUIET,               /* nothing will be delivered, and nothing bounce */
  QQ_STAGE_SETTLED              /* outcome is set, and the message let go */
} qq_stage;

/* What a message was before it was shut, for one that is not to be removed after all. */
typedef struct qq_before {
  uid_t owner;
  mode_t mode;
  uint64_t birth;               /* of a preprocessed one */
  int is_marked;                /* its recipients, while it was new: if it has ended, by that */
} qq_before;

typedef struct qq_silencing {
  qq_id const *id;
  qq_pin pin;
  qq_stage stage;
  qq_outcome outcome;           /* once it is settled */
  int is_shut;                  /* by the first step of this run; before says how it was */
  qq_before before;
  int is_aged;                  /* birth is now, and not what it was */
  int has_replacement, is_replaced;
} qq_silencing;

/* Shuts the message: birth becomes now, so that no last attempt begins, and mess is given to root,
   so that no delivery does. Returns whether it did; if not, it is settled (gone, failed), or left
   for the steps below to shut: it is past its lifetime, so that a last attempt may be open, which
   would bounce before they come. Nothing stays pinned. queuelifetime: in seconds; under an hour,
   everything is left. */
int qq_silencing_shut(qq_silencing *, qq_shard *, qq_id const *, uint64_t queuelifetime,
  stralloc *why);

/* Each step takes the message one stage on, or settles it: gone, failed (all is as it was),
   unfinished with why, or waiting: for qmail-send to preprocess it.

   Pins the message; is_shut and before are set. One that was shut and is not any more has ended. */
void qq_silencing_begin(qq_silencing *, qq_shard *, qq_id const *, stralloc *why);

/* The removal is under way: mess is marked so; of a preprocessed one birth is now, and the
   replacement for info is written beside it. */
void qq_silencing_prepare(qq_silencing *, stralloc *why);

/* Prepared, and on the disk: mess is root's. A new one's recipients are marked in todo, which is
   enough if qmail-send has not begun to read them. Of a preprocessed one info is exchanged, and the
   recipients are marked. */
void qq_silencing_commit(qq_silencing *, stralloc *why);

/* Quiet, and on the disk: mess is given to the owner of info. Settled as removed or silenced. */
void qq_silencing_end(qq_silencing *, stralloc *why);

/* What was written could not be synced, for the reason in errno: what is prepared is taken back,
   what is quiet stays unfinished. */
void qq_silencing_not_synced(qq_silencing *, stralloc *why);

#endif
