/* One thing that qmail-send is to do, for programs that are about something else: after a change of control files, of virtual domains, of the queue. */

#ifndef QQ_ERRAND_H
#define QQ_ERRAND_H

#include <skalibs/stralloc.h>
#include <qq/service.h>

/* Seconds that a start may take. */
#define QQ_START_SECONDS 60

/* Makes sure that nobody else starts or stops this queue's qmail-send by these programs, until this process and those that it forks have ended. Returns 1; or -1 with
   errno and the reason in why: EBUSY, EDEADLK when this process runs under `qsvc stopped'. */
int qq_errand_lock(int queue_fd, stralloc *why);

/* Sets *who to the process that has that lock, 0: nobody, or the system does not tell. Nothing is locked. Returns 1, or -1 with errno. */
int qq_errand_busy(int queue_fd, pid_t *who);

/* Opens the queue of the qmail at home. Returns a descriptor, or -1 with errno and the reason in why. */
int qq_errand_open(char const *home, stralloc *why);

/* Gives the qmail-send of the queue that directory queue is an order that needs no waiting, through what supervises it; home: qmail's, or empty. Returns 1; 0: it does not run, so that
   nobody was told; or -1 with errno and the reason in why: ENOENT when that is no queue. */
int qq_errand_tell(int queue_fd, char const *home, qq_order, stralloc *why);

/* Stops it, waiting for its deliveries, and starts it again. The same; nothing is stopped that could not be started again. TERM, INT,
   QUIT and HUP wait until it is up. */
int qq_errand_restart(int queue_fd, char const *home, stralloc *why);

#endif
