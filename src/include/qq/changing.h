/* The right to change a queue (qmail-queue(5), INTERNALS: which way).

   A run that changes the queue holds a flock on the directory info/, so that two runs never meet. If qmail-send does not run, it also
   holds both locks on lock/sendmutex, so that it cannot start in the middle. */

#ifndef QQ_CHANGING_H
#define QQ_CHANGING_H

#include <sys/types.h>
#include <skalibs/stralloc.h>
#include <qq/queue.h>

typedef enum { QQ_OFFLINE, QQ_ONLINE } qq_way;

typedef struct qq_changing {
  qq_way way;
  pid_t daemon;                 /* online: the process that holds lock/sendmutex, or 0: unknown */
  int mutex_fd, info_fd;        /* private */
} qq_changing;

/* Finds out which way the queue may be changed, and takes the locks for it. QQ_OFFLINE: both locks on lock/sendmutex were had, or
   $QQ_MUTEX names an inherited descriptor of that very file that has the flock, and nobody reads lock/trigger. QQ_ONLINE: somebody reads it.
   Returns 1; or -1 with errno and why: nothing is held then. The caller ends it with qq_changing_end. */
int qq_changing_begin(qq_changing *, qq_queue const *, stralloc *why);

/* Finds out which way, without taking anything: by the trigger alone. Returns 1, or -1 with errno and why. */
int qq_changing_probe(qq_changing *, qq_queue const *, stralloc *why);

/* Gives the locks back. */
void qq_changing_end(qq_changing *);

#endif
