/* Mending a queue while qmail-send is down: its trees made anew beside the old ones, and put into
   their place at once (INTERNALS: the rebuild). Numbers that are not inode numbers, another split,
   todo/ and intd/ split or not, files in wrong directories: all of it is this one operation. */

#ifndef QQ_REPAIR_H
#define QQ_REPAIR_H

#include <qq/change.h>
#include <qq/damage.h>
#include <qq/home.h>
#include <qq/names.h>

/* ---- the plan: which file goes where ---- */

/* A file that has a number as its name. */
typedef struct qq_placing {
  uint64_t id, inode;
  int directory;                /* the numbered one that it lies in, or QQ_NO_DIRECTORY */
  unsigned short tree;
  unsigned short is_lost;       /* it goes to lost/, else to the new number of its message */
} qq_placing;

/* A file that is written instead of one that is lost. */
typedef struct qq_written {
  uint64_t id;                  /* of its message, as it is now */
  unsigned int tree;
  uint64_t mtime;               /* nanoseconds since 1970 */
  stralloc text;
} qq_written;

typedef struct qq_plan {
  genalloc files;               /* of qq_placing, sorted by id and tree */
  genalloc written;             /* of qq_written */
  uint64_t names;               /* how many names there are in the trees, but for directories */
} qq_plan;
#define QQ_PLAN_ZERO { GENALLOC_ZERO, GENALLOC_ZERO, 0 }

/* Lists the files of the queue, and plans what is true of every queue: a message gets the inode
   number of its file in mess/, and its files go with it; what has none there is lost. Returns 1; or
   -1 with errno and why: EEXIST, two files of one tree have the same name, and nobody can say which
   one is meant; EXDEV, a tree or a directory in it is another file system, or mounted. */
int qq_plan_make(qq_plan *, qq_queue const *, stralloc *why);

/* The files of one number: *count of them, sorted by tree; null: there are none. */
qq_placing *qq_plan_find(qq_plan const *, uint64_t id, size_t *count);

/* The file of that number in the tree; null: there is none. */
qq_placing *qq_plan_file(qq_plan const *, uint64_t id, unsigned int tree);

/* The number that a message gets; 0: it has no file in mess/ that is to stay. */
uint64_t qq_plan_number(qq_plan const *, uint64_t id);

/* How many messages get another number than they have. */
uint64_t qq_plan_renumbered(qq_plan const *);

/* Has the text, which is copied, written to the tree, and the file that is there lost. Returns 1,
   or -1 with errno ENOMEM. */
int qq_plan_write(qq_plan *, uint64_t id, unsigned int tree, stralloc const *text, uint64_t mtime);

/* Says whether it leaves every name where it is, in a queue of that shape. */
int qq_plan_is_idle(qq_plan const *, qq_queue const *shape);

void qq_plan_free(qq_plan *);

/* ---- what is done about a message that is damaged ---- */

typedef enum {
  QQ_MENDED_NOT,                /* its files stay as they are, if need be in another place */
  QQ_MENDED_IS_HELD,            /* the same: nothing can be mended; it has to be held, and is */
  QQ_MENDED_HELD,               /* something had to be guessed: it has to be held (qq_mend_hold) */
  QQ_MENDED_ASIDE               /* it, or a file of it, goes to lost/ */
} qq_mended;

/* What a log may know a message by. */
typedef struct qq_lost_sender {
  uint64_t id;                  /* its name */
  uint64_t qp;                  /* pid of its qmail-queue */
  uint64_t size;                /* bytes */
  uint64_t stamp;               /* when it was queued */
} qq_lost_sender;

typedef struct qq_mender {
  qq_queue const *queue;
  qq_expected const *expected;
  /* Appends the sender of a message whose info is lost. Returns 1; 0: nobody knows; or -1 with
     errno. Null: nobody does. */
  int (*sender)(void *, qq_lost_sender const *, stralloc *);
  void *to;
} qq_mender;

/* Changes the plan for what was found about the number, and says in *mended what that comes to, and
   in what, in whole sentences, what is wrong and what was guessed. Nothing is changed yet. Returns
   1, or -1 with errno. */
int qq_mend_plan(qq_mender const *, qq_plan *, qq_files const *, qq_mended *, stralloc *what);

/* Holds the message. Returns 1; or -1 with errno: EMLINK, a file has another name, and may be
   anybody's. */
int qq_mend_hold(qq_mender const *, qq_files const *);

/* Sets owners and modes of the files that have the wrong ones; but never the owner of the one in
   mess/, which says what the message is. The same. */
int qq_mend_owners(qq_mender const *, qq_files const *);

/* Whose the file in mess/ is. */
typedef enum {
  QQ_BELONGS_QMAILQ,            /* as it should be; or the message is over, or has none */
  QQ_BELONGS_MARKED,            /* held, and marked: a removal that was interrupted, or a double
                                   bounce of another server */
  QQ_BELONGS_HELD,              /* root, and a hold: born later than queued, or new */
  QQ_BELONGS_ROOT,              /* root, and no hold that can be seen */
  QQ_BELONGS_NOBODY             /* somebody else */
} qq_belongs;
qq_belongs qq_mend_belongs(qq_mender const *, qq_files const *);

/* Gives it to qmailq. As qq_mend_hold. */
int qq_mend_give(qq_mender const *, qq_files const *);

/* ---- what is there beside the messages ---- */

/* Makes what is missing of lock/, pid/ and what is in lock/; what is something else comes to lost/.
   Appends to aside where, each with a NUL. Returns 1, or -1 with errno and why. */
int qq_fixtures_make(qq_queue const *, qq_expected const *, stralloc *aside, stralloc *why);

/* The same before the locks are taken, if there is no mutex or no trigger to take them by, and no
   qmail-send is seen to run. */
int qq_fixtures_prepare(qq_queue const *, qq_expected const *, stralloc *aside, stralloc *why);

/* Sets owner and mode of all these, of the queue, of its trees and of the directories in them. The
   same. */
int qq_fixtures_own(qq_queue const *, qq_expected const *, stralloc *aside, stralloc *why);

/* ---- the rebuild ---- */

typedef struct qq_rebuild {
  /* the caller sets */
  qq_queue const *queue;        /* as it is; opened with qq_queue_open_damaged, locked, offline */
  qq_queue const *shape;        /* as it is to be: its trees, split, todo_is_split, intd_is_split */
  qq_expected const *expected;  /* whose the new directories are */
  uint64_t patience;            /* how long to wait for a qmail-queue, in nanoseconds */
  /* Once the queue is closed: changes the plan that was made of what is there now. Returns 1; or -1
     with errno and why: then all stays as it was. Null: nothing is changed. */
  int (*adjust)(void *, qq_plan *, stralloc *why);
  void *to;
  stralloc const *report;       /* comes to what has no place any more; as adjust has left it */
  /* what came of it: where that lies which has no place any more, within the queue (`lost/DATE',
     with its NUL); empty: nothing */
  stralloc lost;
} qq_rebuild;

/* What is found in a queue whose rebuild was interrupted. */
typedef enum {
  QQ_REBUILD_NONE,              /* nothing */
  QQ_REBUILD_BEGUN,             /* new trees that are not whole: they are thrown away */
  QQ_REBUILD_READY,             /* they are whole: the rest is done */
  QQ_REBUILD_CLOSED             /* the queue is closed, and nothing of ours is there */
} qq_rebuild_state;

/* Returns 1 with the state, or -1 with errno and why. */
int qq_rebuild_look(qq_rebuild_state *, int queue_fd, stralloc *why);

/* Brings an interrupted rebuild to its end, or takes it back, and opens the queue. The caller has
   sendmutex, and qmail-send does not run. Returns 1; or -1 with errno and why: EBUSY, another
   program is at it. Sets lost as above. */
int qq_rebuild_recover(qq_rebuild_state, int queue_fd, char const *path, stralloc *lost,
  stralloc *why);

/* Does it. For another layout it waits until no qmail-queue is at work. Returns 1; or -1 with errno
   and why: then *is_closed says whether the queue stays closed until qq_rebuild_recover is called;
   else it is as it was. */
int qq_rebuild_run(qq_rebuild *, int *is_closed, stralloc *why);

/* ---- a new queue ---- */

/* Makes an empty queue where there is none, or an empty directory, at once. split 0: as qmail says
   that it was built. Returns 1; or -1 with errno and why: EEXIST or ENOTEMPTY, there is one;
   EINVAL, whose it would be is not known. */
int qq_queue_create(char const *path, char const *home, unsigned int split, int is_big,
  stralloc *why);

/* ---- private to the files of it ---- */

/* Makes the empty trees of a queue of that shape in the open directory. fds, one for each tree and
   all -1, become their descriptors, which the caller closes. Returns 1, or -1 with errno. */
int qq_trees_make(int *fds, int at, qq_queue const *shape, qq_expected const *);

/* Our directory in the queue, .fix, open. All below it is root's alone. */
typedef struct qq_fix {
  int queue_fd;                 /* the caller's */
  char const *path;             /* of the queue; the caller's */
  int fd, new_fd, old_fd;       /* .fix; .fix/new; .fix/old; -1: not there */
  int lost_fd;                  /* the one directory in .fix/lost; -1: not there, or moved */
  stralloc date;                /* its name, with its NUL */
  genalloc kept;                /* of uint64_t: inode numbers of what this run has linked to the new
                                   trees; none: it did not make them */
  stralloc *why;
} qq_fix;
#define QQ_FIX(queue, path, why) \
  { (queue), (path), -1, -1, -1, -1, STRALLOC_ZERO, GENALLOC_ZERO, (why) }
void qq_fix_end(qq_fix *);

/* Opens .fix, and takes its lock, so that nobody else works in it. Returns 1; 0: it is not there;
   or -1 with errno and why: EBUSY, somebody does. */
int qq_fix_open(qq_fix *);

/* Opens what is in it; what is not there is -1. Returns 1, or -1 with errno and why. */
int qq_fix_open_all(qq_fix *);

/* Makes it, with the mode of the queue, and closes the queue. Returns 1, or -1 with errno and
   why. */
int qq_fix_close_queue(qq_fix *);

/* Gives the queue its mode back, and takes .fix away with all that is in it. Returns 1, or -1 with
   errno and why. */
int qq_fix_open_queue(qq_fix *);

/* Says whether the name, one of QQ_NAME_FIX_*, is there. Returns 1, 0, or -1 with errno and why. */
int qq_fix_has(qq_fix *, char const *name);

/* Why it failed: the name within the queue, and errno. Returns -1. */
int qq_fix_unable(qq_fix *, char const *name);

/* Makes new trees of that shape, as the plan has it, in .fix/new, and links what is in none of them
   to .fix/lost. Returns 1; or -1 with errno and why: EAGAIN, the queue has changed since the plan
   was made. */
int qq_fix_build(qq_fix *, qq_rebuild const *, qq_plan const *);

/* Puts what is in .fix/new into its place, all of what was there being in it or in lost/ before it
   goes, and opens the queue. May be called again wherever it was stopped. lost is set as
   qq_rebuild.lost. Returns 1, or -1 with errno and why. */
int qq_fix_swap(qq_fix *, stralloc *lost);

/* Reads the name of a numbered directory. Returns 1 or 0. */
int qq_directory_scan(char const *name, int *directory);

/* Appends the inode numbers (uint64_t) of all files in the directory, which may not be there, and
   below it. Returns 1, or -1 with errno. */
int qq_inodes_read(genalloc *, int at, char const *name);

/* Sees to it that whatever is in the tree, and by its inode number not in fix->kept, which is
   sorted, is in lost/. */
typedef struct qq_loser {
  qq_fix *fix;
  int moves;                    /* names are moved there, directories too; else linked */
  uint64_t names;               /* that were seen, but for directories */
} qq_loser;
/* tree_fd is the directory of that name; -1 is one that is not there. Returns 1, or -1 with errno
   and why. */
int qq_loser_lose(qq_loser *, int tree_fd, char const *name);

/* Says in *busy, with why, whether a qmail-queue may be at work, which knows the layout as it is:
   some process works in the queue, or has a file of pid/, mess/ or intd/ open. Returns 1, or -1
   with errno and why: it cannot be seen. */
int qq_fix_is_busy(qq_queue const *, int *busy, stralloc *why);

#endif
