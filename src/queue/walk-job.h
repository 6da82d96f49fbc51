/* One thread of a walk (private to walk.c). */

#ifndef QQ_WALK_JOB_H
#define QQ_WALK_JOB_H

#include <qq/walk.h>

typedef struct qq_walk_job {
  qq_walk *walk;
  void *worker;
  qq_shard shard;
  qq_message message;
  genalloc todo, info, odd;     /* of uint64_t: the numbers of the shard at hand */
  unsigned int count;           /* visits since the last look */
} qq_walk_job;

/* Makes the i-th job of the walk. Returns 1, or -1 with errno ENOMEM. */
int qq_walk_job_init(qq_walk_job *, qq_walk *, unsigned int i);
void qq_walk_job_free(qq_walk_job *);

/* Visits the messages of one shard. Returns 1, 0 when the walk is to stop, -1 with errno. */
int qq_walk_job_shard(qq_walk_job *, unsigned int number);

/* Visits one message, again if it changes meanwhile. Returns 0 when the walk is to stop. */
int qq_walk_job_visit(qq_walk_job *, qq_id const *, qq_listed);

/* Has a line about something damaged reported. */
void qq_walk_job_report(qq_walk_job *, stralloc const *why);

/* Looks for what is left over in the shard that was just visited: files in bounce/, and if the walk
   wants remains in the other trees, without an info. Returns 1, or -1 with errno. */
int qq_walk_job_remains(qq_walk_job *);

/* Adds what was done to the walk's count; says whether to go on. */
int qq_walk_job_look(qq_walk_job *);

#endif
