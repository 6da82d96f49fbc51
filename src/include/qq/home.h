/* Which qmail: its home and its queue. */

#ifndef QQ_HOME_H
#define QQ_HOME_H

#include <stdint.h>
#include <skalibs/stralloc.h>

/* Finds the queue, by the first that is given of queue, home (queue is HOME/queue), $QQ_QUEUE,
   $QMAILHOME/queue, and fallback/queue. queue and home may be null. Sets queue_path and home_path
   (both NUL-terminated, emptied before). With only a queue, home is its parent if that has
   control/, else home_path is the empty string. Returns 1, or 0 with errno ENOMEM. */
int qq_home_find(stralloc *queue_path, stralloc *home_path, char const *queue, char const *home,
  char const *fallback);

/* Seconds in control/queuelifetime of the home, read as qmail does (control.c:control_readint:
   leading digits only, anything else is ignored); the default where the file or the home is
   missing. Returns 1, or -1 with errno. */
int qq_home_queuelifetime(char const *home_path, uint64_t *seconds);

#endif
