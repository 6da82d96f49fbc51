#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <qq/child.h>
#include <qq/os.h>
#include <qq/when.h>
#include "queue-private.h"

/* A listing may be this much older than a file's time stamp says, because file systems stamp with a
   coarse clock. */
#define COARSE (2 * QQ_SECOND)
/* Files that a job may have open beside the directories of its shard, and its part of those that
   the process has. */
#define JOB_FILES 6

unsigned int qq_walk_jobs(qq_queue const *queue, unsigned int said)
{
  unsigned int jobs = said ? said : qq_os_processors() * 2;
  unsigned int const trees = QQ_CHANNEL + queue->channels, files = trees + JOB_FILES;
  struct rlimit limit;
  if (!said && jobs < 8) jobs = 8;
  if (jobs > queue->split) jobs = queue->split;
  if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur != RLIM_INFINITY
    && jobs >= limit.rlim_cur / files)          /* the queue has its trees open, too */
    jobs = limit.rlim_cur / files > 1 ? (unsigned int)(limit.rlim_cur / files) - 1 : 1;
  return jobs;
}

void qq_walk_stop(qq_walk *w)
{
  pthread_mutex_lock(&w->mutex);
  w->stopped = 1;
  pthread_mutex_unlock(&w->mutex);
}

/* Takes the next shard. Returns 0 when there is none. */
static int take_shard(qq_walk *w, unsigned int *number)
{
  int have;
  pthread_mutex_lock(&w->mutex);
  have = !w->stopped && !w->error && w->next < w->queue->split;
  if (have) *number = w->next++;
  pthread_mutex_unlock(&w->mutex);
  return have;
}

static void work(void *p)
{
  qq_walk_job *j = p;
  qq_walk *w = j->walk;
  unsigned int number;
  while (take_shard(w, &number)) {
    int const r = qq_walk_job_shard(j, number);
    int const e = errno;
    pthread_mutex_lock(&w->mutex);
    if (r < 0) w->error = e;
    w->finished++;
    pthread_mutex_unlock(&w->mutex);
    qq_walk_job_look(j);
  }
}

static int run(qq_walk *w)
{
  qq_walk_job *jobs = calloc(w->jobs, sizeof *jobs);
  unsigned int made = 0, i;
  if (!jobs) return -1;
  while (made < w->jobs && qq_walk_job_init(&jobs[made], w, made) > 0) made++;
  if (!made) w->error = ENOMEM;
  qq_threads_run(jobs, made, sizeof *jobs, work);
  for (i = 0; i < made; i++) qq_walk_job_free(&jobs[i]);
  free(jobs);
  return 1;
}

/* Directories that nobody uses are no messages. */
static int list_todo(qq_walk *w)
{
  uint64_t *s;
  size_t i = 0, n;
  if (qq_tree_numbers(&w->todo, w->queue, QQ_TODO) < 0) return -1;
  s = genalloc_s(uint64_t, &w->todo);
  n = genalloc_len(uint64_t, &w->todo);
  while (i < n && s[i] < w->queue->todo_directories) i++;
  if (i) memmove(s, s + i, (n - i) * sizeof *s);
  genalloc_setlen(uint64_t, &w->todo, n - i);
  return 1;
}

/* Lists of trees that are not split, read before any thread starts. */
static int list_unsplit(qq_walk *w)
{
  if (!w->queue->todo_is_split && !w->only && list_todo(w) < 0) return -1;
  w->has_bounces = w->wants_bounces || !w->only;
  return !w->has_bounces || qq_tree_numbers(&w->bounces, w->queue, QQ_BOUNCE) > 0
    || (!w->wants_bounces && errno == ENOENT) ? 1 : -1;
}

static int prepare(qq_walk *w)
{
  static genalloc const none = GENALLOC_ZERO;
  if (pthread_mutex_init(&w->mutex, 0)) {
    errno = ENOMEM;
    return -1;
  }
  w->next = w->finished = 0;
  w->messages = w->left = 0;
  w->stopped = w->error = 0;
  w->todo = w->bounces = none;
  w->since = qq_now();
  w->since = w->since > COARSE ? w->since - COARSE : 0;
  return list_unsplit(w);
}

static int finish(qq_walk *w, int r)
{
  genalloc_free(uint64_t, &w->todo);
  genalloc_free(uint64_t, &w->bounces);
  pthread_mutex_destroy(&w->mutex);
  if (r > 0 && !w->error) return 1;
  if (w->error) errno = w->error;
  return -1;
}

int qq_walk_run(qq_walk *w)
{
  int r = prepare(w);
  if (r > 0) r = run(w);
  return finish(w, r);
}

int qq_walk_in_order(qq_walk *w)
{
  qq_id const *s = genalloc_s(qq_id, w->only);
  size_t const n = genalloc_len(qq_id, w->only);
  qq_walk_job j;
  size_t i;
  int r = prepare(w);
  if (r > 0) r = qq_walk_job_init(&j, w, 0);
  if (r < 0) return finish(w, r);
  for (i = 0; i < n && qq_walk_job_visit(&j, &s[i], QQ_LISTED_NOWHERE); i++) ;
  qq_walk_job_free(&j);
  return finish(w, r);
}
