/* The files of the queue's lock/. */

#ifndef QQ_LOCK_H
#define QQ_LOCK_H

#include <sys/stat.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>

/* Whether qmail-send runs on a queue, and keeping it from starting. */

/* Says whether somebody reads lock/trigger: qmail-send, or a qmail-todo of its own
   (trigger.c:trigger_set). Nothing is written, but whoever reads it wakes up, and looks at todo; so
   this is for who changes something, or must know for sure. What is no pipe has no reader. Returns
   1, 0, or -1 with errno. */
int qq_trigger_has_reader(int queue_fd);

/* Has todo looked at now, by whoever reads the trigger (triggerpull.c:triggerpull). SIGPIPE has to
   be ignored. Returns 1; 0: nobody does; or -1 with errno. */
int qq_trigger_pull(int queue_fd);

/* Takes both locks that builds of qmail-send use on lock/sendmutex, flock and fcntl
   (qmail-send.c:main, lock_exnb.c), without waiting. The file is never created. Returns a
   descriptor that keeps them until it is closed; -1 with errno: EBUSY when another has one of them,
   and then *holder is its process, or 0: unknown. */
int qq_sendmutex_take(int queue_fd, pid_t *holder);

/* Opens lock/sendmutex, which is never created; the descriptor is closed on exec. Returns it, or -1
   with errno. */
int qq_sendmutex_open(int queue_fd);

/* Takes both locks on that descriptor, and tries for a second; of the two, flock(2) is shared by
   all that inherit it. Returns 1; 0: somebody has one of them, and none is kept; -1 with errno. */
int qq_sendmutex_lock_soon(int fd);

/* Lets go of both, also for those who inherited the descriptor. Returns 1, or -1 with errno. */
int qq_sendmutex_unlock(int fd);

/* The process that has one of the locks is put into *holder, or 0: nobody has, or the system does
   not tell. No lock is tried; but a process that has the record lock itself loses it by asking
   (fcntl(2)). Returns 1, or -1 with errno. */
int qq_sendmutex_holder(int queue_fd, pid_t *holder);

/* The descriptor of a mutex that somebody above us took and handed down (qsvc(8), `stopped'), by
   $QQ_MUTEX: it is this queue's, and locked by us or them. -1: there is none. */
int qq_sendmutex_inherited(int queue_fd);

/* Appends to faults, each with its NUL, what is wrong with owners and modes of lock/, of the mutex
   and of the trigger, or with what is not there, and what follows: a sentence for people. Users are
   those that own mess/ and info/. Returns 1, or -1 with errno. */
int qq_lock_faults(int queue_fd, stralloc *faults);

/* The table of hosts that could not be reached of late, which qmail-remote does not try for an
   hour. */

/* Empties it, as qmail-tcpok does (qmail-tcpok.c:main): with zeros, as many as it has bytes, since
   some patches have longer records. Waits a second at most for whoever has it locked. Returns 1, or
   -1 with errno: EBUSY when it stays locked. */
int qq_tcpto_clear(int queue_fd);

/* What is wrong with owners and modes, as lock/ and qmail's programs share it. */

/* Whose the queue is (hier.c:hier). */
typedef struct qq_owners {
  uid_t qmailq, qmails;         /* owners of mess/ and info/ */
  gid_t qmail;                  /* group of mess/ */
} qq_owners;

/* Returns 1, or -1 with errno. */
int qq_owners_find(qq_owners *, int queue_fd);

/* Appends `prw--w--w- qmails:qmail'. Returns 1, or 0 with errno ENOMEM. */
int qq_fault_owner(stralloc *, mode_t, uid_t, gid_t);

/* Appends `NAME is prw------- root:root, expected ...: what follows', or `NAME is not there: what
   follows', with a NUL behind it. Return 1, or -1 with errno ENOMEM. */
int qq_fault_add(stralloc *faults, char const *name, struct stat const *is, mode_t mode, uid_t uid,
  gid_t gid, char const *then);
int qq_fault_add_missing(stralloc *faults, char const *name, char const *then);

#endif
