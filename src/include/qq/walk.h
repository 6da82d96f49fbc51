/* Every message of a queue, once each, on several threads.

   A message that waits in the queue for the whole walk is visited. todo/ is read before info/: what
   leaves the one meanwhile is in the other. */

#ifndef QQ_WALK_H
#define QQ_WALK_H

#include <pthread.h>
#include <qq/message.h>

typedef struct qq_walk {
  /* the caller sets */
  qq_queue const *queue;
  genalloc const *only;         /* of qq_id, sorted by qq_ids_sort; null: all messages */
  unsigned int jobs;            /* threads, from qq_walk_jobs */
  int wants_bounces;            /* qq_message_failing will be asked for most messages */
  int wants_remains;            /* all that is left over is looked for, not only in bounce/ */
  uint64_t left;                /* set: messages that are being written or left over */
  /* A message; worker is the thread's element of workers. Returns what the questions returned that
     did not return 1, else 1. */
  int (*visit)(void *worker, qq_message *);
  void **workers;               /* one for each job */
  /* May be null. trouble: one line about something damaged. gone: an id of only that is not in the
     queue. progress: see qq/diagnostic.h. Never called by two threads at once. */
  void (*trouble)(char const *s, size_t n);
  void (*gone)(qq_id const *);
  void (*progress)(uint64_t done, uint64_t all, uint64_t messages);
  /* private from here */
  pthread_mutex_t mutex;
  unsigned int next, finished;
  uint64_t messages, since;
  int stopped, error, has_bounces;
  genalloc todo, bounces;       /* of uint64_t, sorted */
} qq_walk;

/* How many threads to use where the user does not say (0). */
unsigned int qq_walk_jobs(qq_queue const *, unsigned int said);

/* Walks. Returns 1, or -1 with errno when the walk itself could not be done; what is wrong with
   single messages goes to trouble. */
int qq_walk_run(qq_walk *);

/* Visits the messages of only in the order in which they stand there, on this thread. The same. */
int qq_walk_in_order(qq_walk *);

/* Ends the walk early, from within visit. */
void qq_walk_stop(qq_walk *);

#endif
