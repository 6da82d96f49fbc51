/* Whether qmail-send runs on a queue, and keeping it from starting. */

#ifndef QQ_SENDMUTEX_H
#define QQ_SENDMUTEX_H

#include <sys/types.h>

/* Says whether somebody reads lock/trigger: qmail-send, or a qmail-todo of its own (trigger.c:trigger_set). Nothing is written.
   Returns 1, 0, or -1 with errno. */
int qq_trigger_has_reader(int queue_fd);

/* Has todo looked at now, by whoever reads the trigger (triggerpull.c:triggerpull). SIGPIPE has to be ignored. Returns 1; 0: nobody does; or -1 with errno. */
int qq_trigger_pull(int queue_fd);

/* Takes both locks that builds of qmail-send use on lock/sendmutex, flock and fcntl (qmail-send.c:main, lock_exnb.c), without waiting.
   The file is never created. Returns a descriptor that keeps them until it is closed; -1 with errno: EBUSY when another has one of them,
   and then *holder is its process, or 0: unknown. */
int qq_sendmutex_take(int queue_fd, pid_t *holder);

#endif
