/* What all changes of a queue share: the right to make them, the message itself, held fast;
   what becomes of it; and in which order many are taken. */

#ifndef QQ_CHANGE_H
#define QQ_CHANGE_H

#include <qq/queue.h>
#include <qq/when.h>

/* The right to change a queue (qmail-queue(5), INTERNALS: which way).

   A run that changes the queue holds a flock on the directory info/, so that two runs never meet.
   If qmail-send does not run, it also holds both locks on lock/sendmutex, so that it cannot start
   in the middle. */

typedef enum { QQ_OFFLINE, QQ_ONLINE } qq_way;

typedef struct qq_queue_lock {
  qq_way way;
  pid_t daemon;                 /* online: the process that holds lock/sendmutex, or 0: unknown */
  /* the caller sets: how long to wait for another run, in nanoseconds; and what is told once that
     it is waited for, by its process, or 0: unknown (or null) */
  uint64_t patience;
  void (*waits_for)(pid_t);
  int mutex_fd, info_fd;        /* private */
  int queue_fd;                 /* the queue's, while there is a mutex_fd */
} qq_queue_lock;
/* With the patience of who was not told how long to wait. */
#define QQ_QUEUE_LOCK { .patience = 15 * QQ_SECOND }

/* Finds out which way the queue may be changed, and takes the locks for it. QQ_OFFLINE: both locks
   on lock/sendmutex were had, or $QQ_MUTEX names an inherited descriptor of that very file that has
   the flock, and nobody reads lock/trigger. QQ_ONLINE: somebody reads it. Returns 1; or -1 with
   errno and why: nothing is held then. The caller ends it with qq_queue_lock_release. */
int qq_queue_lock_take(qq_queue_lock *, qq_queue const *, stralloc *why);

/* Finds out which way, without taking anything: by the trigger alone. Returns 1, or -1 with errno
   and why. */
int qq_queue_lock_probe(qq_queue_lock *, qq_queue const *, stralloc *why);

/* Says whether the queue is open, and info/ the one that q has open, or not there still: who
   rebuilds a queue closes it, and makes info/ anew, and all other trees, and those that are open
   are nobody's any more. Returns 1; or -1 with errno, EAGAIN if it is another, and why. */
int qq_queue_is_same(qq_queue const *, stralloc *why);

/* Says whether somebody reads lock/trigger, and asks for a second: a qmail-send has the mutex a
   moment before it reads the trigger, and a loaded machine may take its time where the reader has
   closed it to open it again (trigger.c:trigger_set). Returns 1, 0, or -1 with errno and why. */
int qq_queue_is_read(qq_queue const *, stralloc *why);

/* Gives the locks back. Offline, before that, ends what a qmail-send that could not start meanwhile
   has left (qq/instance.h). Returns 1 if there was something, else 0. */
int qq_queue_lock_release(qq_queue_lock *);

/* Online: lets others change the queue meanwhile; and goes on when they are through. Returns 1; or
   -1 with errno and why: nothing is held then, or (EAGAIN) the way is another one now. */
void qq_queue_lock_pause(qq_queue_lock *);
int qq_queue_lock_go_on(qq_queue_lock *, qq_queue const *, stralloc *why);

/* The message that an id means now, held so that it cannot become another one (INTERNALS: pinning).
   For programs that change the queue. */

typedef enum {
  QQ_STATE_NEW,                 /* has todo */
  QQ_STATE_PREPROCESSED,        /* has info, no todo */
  QQ_STATE_REMAINS,             /* has neither: a removal or a qmail-queue that is dead left it */
  QQ_STATE_WRITING              /* has neither: qmail-queue may be writing it */
} qq_state;

typedef struct qq_pin {
  qq_shard *shard;              /* the caller's, through which it is read and written */
  uint64_t id;
  size_t number;                /* the caller's, who has many, to know it by */
  int fd;                       /* of the mess file; the caller closes it with qq_unpin */
  qq_state state;
  uid_t owner;
  mode_t mode;                  /* the bits of chmod(2) */
  uint64_t stamp;
  int is_inode;                 /* its name is its inode number: while pinned, nobody else's */
} qq_pin;

/* Opens the message's mess file and checks that it is a regular file with no other name, its owner
   one that messages have, its stamp, if the id has one. Returns 1; 0: it is gone; -1 with errno and
   why. */
int qq_pin_message(qq_pin *, qq_shard *, qq_id const *, stralloc *why);
void qq_unpin(qq_pin *);

/* The same beside a running qmail-send: refuses a message whose name is not its inode number,
   because its number could be given away. */
int qq_pin_online(qq_pin *, qq_shard *, qq_id const *, stralloc *why);

/* Says whether the message is off the disk by now. Returns 1, 0, or -1 with errno. */
int qq_pin_has_ended(qq_pin const *);

/* Gives the mess file to owner, which says what the message is: qmailq waits for delivery, root is
   held, qmails is over. What becomes root's can be written by nobody else, and is no program.
   Returns 1, or -1 with errno. */
int qq_pin_give(qq_pin *, uid_t owner);

/* Gives it a mode: one of QQ_MODE_PLAIN and its kin. Returns 1, or -1 with errno. */
int qq_pin_mark(qq_pin *, mode_t);

/* How far its removal has come, as qq_queue_removal. */
qq_removal qq_pin_removal(qq_pin const *);

/* What became of a message that a program was told to change. */

typedef enum {
  QQ_OUTCOME_REMOVED,           /* off the disk */
  QQ_OUTCOME_SILENCED,          /* no delivery to the recipients meant starts any more */
  QQ_OUTCOME_HELD,              /* no delivery starts until it is released */
  QQ_OUTCOME_RELEASED,
  QQ_OUTCOME_EXPIRED,           /* its next attempt is its last */
  QQ_OUTCOME_RESTORED,          /* it is not expired any more */
  QQ_OUTCOME_REQUEUED,          /* another one is in its place, and tried now */
  QQ_OUTCOME_UNCHANGED,         /* it was already as it was to be */
  QQ_OUTCOME_UNMATCHED,         /* has none of the recipients meant */
  QQ_OUTCOME_GONE,              /* was not there (any more), or the recipients meant were done */
  QQ_OUTCOME_UNFINISHED,        /* why; the same id again finishes it */
  QQ_OUTCOME_FAILED,            /* why; the message is as it was */
  QQ_OUTCOME_WAITING,           /* for qmail-send: to be asked about again */
  QQ_OUTCOMES
} qq_outcome;

/* The word for it, for JSON as it is, for people through _(). */
char const *qq_outcome_word(qq_outcome);

/* What could not be done to the file in the tree: appends the text, with the file in the place of
   its `%s', and what errno stands for to why. Returns failed; errno stays. */
qq_outcome qq_outcome_failed(qq_pin const *, char const *text, unsigned int tree, stralloc *why);

/* The same, but gone if that is because the file is not there. */
qq_outcome qq_outcome_missed(qq_pin const *, char const *text, unsigned int tree, stralloc *why);

/* Appends `FILE: TEXT` to why. Returns the outcome; errno stays. */
qq_outcome qq_outcome_because(qq_outcome, qq_pin const *, unsigned int tree, char const *text,
  stralloc *why);

/* Named messages, those of one split directory after those of the other, so that its directories
   are opened once. */

typedef struct qq_by_directory {
  qq_id const *ids;
  size_t count, next;
  unsigned int split, number, step;
} qq_by_directory;

/* Starts over ids, which belong to the caller. */
void qq_by_directory_begin(qq_by_directory *, qq_queue const *, qq_id const *ids, size_t count);

/* Of the directories, takes only this share (from 0 on) of so many: one for each thread. */
void qq_by_directory_share(qq_by_directory *, unsigned int share, unsigned int of);

/* Sets *index to the next one's. Returns 1, or 0 after the last. */
int qq_by_directory_next(qq_by_directory *, size_t *index);

#endif
