/* The process of qmail-send. */

#ifndef QQ_PROCESS_H
#define QQ_PROCESS_H

#include <sys/types.h>

/* Says whether process pid, which was found to hold the mutex of the queue, is its qmail-send: by its name and its working directory, because children
   that inject bounces inherit the lock. Returns 1, 0, or -1 with errno where the system does not tell. */
int qq_process_is_qmail_send(pid_t pid, int queue_fd);

#endif
