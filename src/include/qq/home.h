/* Which qmail: its home and its queue. */

#ifndef QQ_HOME_H
#define QQ_HOME_H

#include <stdint.h>
#include <skalibs/stralloc.h>

/* Finds the queue, by the first that is given of queue, home (queue is HOME/queue), $QQ_QUEUE,
   $QMAILHOME/queue, and fallback/queue. queue and home may be null. Sets queue_path and home_path
   (both NUL-terminated, emptied before). Given together, queue and home are the queue and the home
   of its settings; and so are the two variables. With only a queue, home is its parent if that has
   control/, else home_path is the empty string. Returns 1, or 0 with errno ENOMEM. */
int qq_home_find(stralloc *queue_path, stralloc *home_path, char const *queue, char const *home,
  char const *fallback);

/* Says of an open directory, which is no queue and has that path, which queues are in it, as where
   one home has several (indimail's queue1, queue2 ...). Returns -1 with errno EINVAL, and the
   sentence appended to why; or 0: none that could be seen. */
int qq_home_name_queues(int directory, char const *path, stralloc *why);

/* Seconds in control/queuelifetime of the home, read as qmail does (control.c:control_readint:
   leading digits only, anything else is ignored); the default where the file or the home is
   missing. Returns 1, or -1 with errno. */
int qq_home_queuelifetime(char const *home_path, uint64_t *seconds);

#endif
