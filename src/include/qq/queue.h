/* A queue directory: its trees, its split, its owners (qmail-queue(5)). */

#ifndef QQ_QUEUE_H
#define QQ_QUEUE_H

#include <pthread.h>
#include <sys/types.h>
#include <qq/id.h>
#include <qq/text.h>

/* Trees; from QQ_CHANNEL on, one for each channel: QQ_CHANNEL + number. */
enum { QQ_MESS, QQ_INFO, QQ_TODO, QQ_INTD, QQ_BOUNCE, QQ_CHANNEL };

#define QQ_CHANNEL_LOCAL 0u
#define QQ_CHANNEL_REMOTE 1u

/* Users who inject what came by SMTP: the server, where qmail-queue does not say `from network' for
   it, and scanners. What they hand over is believed to say where it came from; what any other user
   does is not. They are looked up when it is first asked: names may have to come over a network. */
typedef struct qq_smtp_users {
  char const *names;            /* or numbers, with colons, commas or blanks; the caller's */
  stralloc missing;             /* the last name, with its NUL, that is nobody's */
  /* private from here */
  pthread_mutex_t mutex;
  int is_known;
  genalloc uids;                /* of uint64_t */
} qq_smtp_users;
#define QQ_SMTP_USERS_ZERO \
  { 0, STRALLOC_ZERO, PTHREAD_MUTEX_INITIALIZER, 0, GENALLOC_ZERO }

/* Says whether the user is one of them. Returns 1, 0, or -1 with errno: they could not be
   looked up. users may be null. */
int qq_smtp_users_have(qq_smtp_users *users, uint64_t uid);

typedef struct qq_queue {
  int fd;                       /* the queue directory */
  char const *path;             /* the caller's, for diagnostics */
  unsigned int split;           /* directories 0 to split - 1 in each split tree */
  int split_is_certain;         /* all trees agree, or most of enough messages fit */
  /* For people, each with its NUL: directories of that split that are not there, and messages that
     were found in mess/ where nobody looks for them, not all there may be. */
  stralloc missing, misplaced;
  int todo_is_split, intd_is_split;
  unsigned int todo_directories;        /* numbers below are directories, also where it is not
                                           split */
  unsigned int channels;        /* at least 2 */
  char **trees;                 /* names, QQ_CHANNEL + channels of them */
  int *fds;                     /* of their directories; see qq_queue_tree */
  uid_t qmailq, qmails;         /* owners of mess/ and info/ */
  gid_t group;                  /* group of mess/ */
  int was_closed;               /* and is opened for who mends it */
  int is_open_to_all;           /* everybody may read mess/ and info/ */
  qq_smtp_users *smtp_users;    /* the caller's; null: none */
  struct qq_prefixes const *prefixes;   /* of virtual domains: set by who knows qmail's home; null:
                                           they do not count */
} qq_queue;

/* Opens the queue at path and finds its layout from the directories themselves. Returns 1; or -1
   with errno and the reason in why: ENOENT, ENOTDIR or EINVAL when this is no queue. The caller
   closes it with qq_queue_close. */
int qq_queue_open(qq_queue *, char const *path, stralloc *why);
void qq_queue_close(qq_queue *);

/* The same for who looks for damage or mends it: what is missing stays so (fds: -errno), split is
   qmail's own if there is no numbered directory at all, and split_is_certain says whether to
   believe it. A queue that is closed is opened, too. */
int qq_queue_open_damaged(qq_queue *, char const *path, stralloc *why);

/* Says whether files of the tree lie in numbered directories. */
int qq_queue_is_split(qq_queue const *, unsigned int tree);

/* The number of the channel of that name, or -1. */
int qq_queue_channel(qq_queue const *, char const *name);

/* The bytes of a prefix that the queue knows, in front of a recipient of the channel (-1: it has
   none yet); 0: there is none. */
size_t qq_queue_prefix(qq_queue const *, int channel, char const *address, size_t n);

/* As whom a program that root has started reads it: the owner of info/ and the group of mess/. In a
   queue that is all root's, as in a copy, nobody, who may read what everybody may. */
void qq_queue_reader(qq_queue const *, uid_t *uid, gid_t *gid);

/* What the owner of a mess file says: qmailq waits for delivery, root is held, qmails is over.
   Where qmailq and qmails are the same, owners other than root say nothing. */
int qq_queue_holds(qq_queue const *, uid_t owner);
int qq_queue_is_over(qq_queue const *, uid_t owner);

/* How far a removal beside a running qmail-send has come, as the owner and the mode of the mess
   file say: what is held and has one of our modes. */
typedef enum { QQ_REMOVAL_NONE, QQ_REMOVAL_BEGUN, QQ_REMOVAL_UNDER_WAY } qq_removal;
qq_removal qq_queue_removal(qq_queue const *, struct stat const *mess);

/* Appends the file's name within the queue, as `info/5/1234`. Returns 1, or 0 with errno ENOMEM. */
int qq_queue_file(stralloc *, qq_queue const *, unsigned int tree, uint64_t id);

/* Appends that the message lies in that directory of the tree, and should not. The same. */
int qq_queue_say_misplaced(stralloc *, qq_queue const *, unsigned int tree, unsigned int directory,
  uint64_t id);

/* The file with `: TEXT' behind it, for who fails and says why. Returns -1, with errno e. */
int qq_queue_refuse(stralloc *why, int e, qq_queue const *, unsigned int tree, uint64_t id,
  char const *text);

/* Opens the directory `name' of the open directory, no link. Returns the descriptor, or -1 with
   errno. */
int qq_queue_directory(int at, char const *name);

/* Says whether errno e means that the directory is not there: nothing has its name, or a file or a
   link has. */
int qq_queue_is_absent(int e);

/* The descriptor of the tree, which the queue keeps: it was opened with the queue, and nobody can
   put another one, or a link, into its place. -1 with errno: ENOENT if it was not there. */
int qq_queue_tree(qq_queue const *, unsigned int tree);

/* Opens the directory of that number in the tree. */
int qq_queue_numbered(qq_queue const *, unsigned int tree, unsigned int number);

/* Takes the first record off the text of a file in todo, info or a channel: its letter, and what is
   behind it; the NUL at its end does not count. Returns 1; 0: there is none; or -1: it has no
   NUL. */
int qq_record_next(qq_piece *rest, qq_piece *record);

/* The letters that records of a file in todo or a channel may have. */
char const *qq_record_letters(unsigned int tree);

/* Reads such a file behind what sa has. Returns 1; or -1 with errno: EFBIG if it is larger than 256
   MB, which no list of recipients is. */
int qq_records_read(stralloc *sa, int fd);

/* The directories with one number, opened when they are first needed. Belongs to one thread. */
typedef struct qq_shard {
  qq_queue const *queue;
  unsigned int number;
  int *fd;                      /* one for each tree; -1: not open yet, or the queue's */
  char name[QQ_NUMBER_FMT + 1]; /* of the message named: its id as text */
  uint64_t named;
} qq_shard;

/* Makes a shard with nothing open. Returns 1, or -1 with errno ENOMEM. */
int qq_shard_init(qq_shard *, qq_queue const *);
void qq_shard_free(qq_shard *);

/* Turns to the directories of that number, closing the others. Who names a message need not: see
   below. */
void qq_shard_turn(qq_shard *, unsigned int number);

/* The descriptor of the tree's directory, which the shard keeps, as long as no other is asked for;
   -1 with errno. */
int qq_shard_directory(qq_shard *, unsigned int tree);

/* The same for the directory that is the message's; as the next three do, it
   turns to its number. */
int qq_shard_directory_of(qq_shard *, unsigned int tree, uint64_t id);

/* Opens the message's file in the tree with flags (and O_NOFOLLOW, O_NONBLOCK, O_CLOEXEC). Returns
   the descriptor, or -1 with errno. */
int qq_shard_open(qq_shard *, unsigned int tree, uint64_t id, int flags);

/* The same for a file that is going to be changed: EMLINK if it has another name, as it would if
   somebody had linked a file of root's there. (That of todo and intd is one file.) */
int qq_shard_open_to_change(qq_shard *, unsigned int tree, uint64_t id, int flags);

/* unlink(2) and lstat(2) of the message's file in the tree. Return 1, or -1 with errno. */
int qq_shard_unlink(qq_shard *, unsigned int tree, uint64_t id);
int qq_shard_stat(qq_shard *, unsigned int tree, uint64_t id, struct stat *);

/* Says whether the message has a file in the tree: 1 with what lstat(2) says; 0: there is none
   (ENOENT, nothing else); or -1 with errno. */
int qq_shard_has(qq_shard *, unsigned int tree, uint64_t id, struct stat *);

/* What is in a tree. */

/* Appends the ids in a tree that is not split, as bounce/ is, to numbers (of uint64_t), sorted from
   where it began. Returns 1, or -1 with errno. */
int qq_tree_numbers(genalloc *numbers, qq_queue const *, unsigned int tree);

/* Counts the regular files in the tree, in its numbered directories and beside them, as qmail-qstat
   does (qmail-qstat.sh: find mess/... -type f). Returns 1, or -1 with errno. */
int qq_tree_count(qq_queue const *, unsigned int tree, uint64_t *count);

/* Looks for one message in todo/, split or not, that waits for qmail-send to preprocess it, without
   reading all of it. Returns 1, and when it was queued in *since (as a stamp, qq/id.h); 0: none; -1
   with errno. */
int qq_tree_waiting(int queue_fd, uint64_t *since);

/* What is left of a message without its mess file, as somebody who removed files by hand leaves it:
   qmail-send goes on working on what has an info, and sends what is in bounce/ to the sender of the
   next message that gets the number. */

/* Appends the names of its files to names, but for intd/, where who reads may not look. Returns 1;
   0: there is none, or it has a mess file; or -1 with errno. */
int qq_remains_find(qq_shard *, uint64_t id, stralloc *names);

/* Appends what a person is told of them. Returns 1, or 0 with errno ENOMEM. */
int qq_remains_say(stralloc *, uint64_t id, stralloc const *names);

#endif
