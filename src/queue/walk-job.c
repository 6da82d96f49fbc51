#include <errno.h>
#include <string.h>
#include "queue-private.h"

/* Messages between two looks at what the threads share. */
#define STRIDE 256
/* A message that changes this often while it is read is no message. */
#define PATIENCE 20

void qq_walk_job_free(qq_walk_job *j)
{
  qq_message_free(&j->message);
  qq_shard_free(&j->shard);
  genalloc_free(uint64_t, &j->todo);
  genalloc_free(uint64_t, &j->info);
  genalloc_free(uint64_t, &j->odd);
}

int qq_walk_job_init(qq_walk_job *j, qq_walk *w, unsigned int i)
{
  memset(j, 0, sizeof *j);
  j->walk = w;
  j->worker = w->workers[i];
  if (qq_shard_init(&j->shard, w->queue) < 0) return -1;
  qq_message_init(&j->message, &j->shard, w->has_bounces ? &w->bounces : 0);
  return 1;
}

void qq_walk_job_report(qq_walk_job *j, stralloc const *why)
{
  qq_walk *w = j->walk;
  pthread_mutex_lock(&w->mutex);
  if (w->trouble) w->trouble(why->s, why->len);
  pthread_mutex_unlock(&w->mutex);
}

/* Adds up what was done; says whether to go on. */
int qq_walk_job_look(qq_walk_job *j)
{
  qq_walk *w = j->walk;
  int go_on;
  pthread_mutex_lock(&w->mutex);
  w->messages += j->count;
  j->count = 0;
  if (w->progress) w->progress(w->finished, w->queue->split, w->messages);
  go_on = !w->stopped;
  pthread_mutex_unlock(&w->mutex);
  return go_on;
}

/* Visits one message, again if it changes meanwhile. Returns 0 when the walk is to stop. */
int qq_walk_job_visit(qq_walk_job *j, qq_id const *id, qq_listed listed)
{
  qq_walk *w = j->walk;
  unsigned int tries;
  int r = QQ_CHANGED;
  for (tries = 0; r == QQ_CHANGED && tries < PATIENCE; tries++) {
    qq_message_begin(&j->message, id, listed, w->since);
    r = w->visit(j->worker, &j->message);
    listed = j->message.listed;         /* it may have learned better */
  }
  if (r == QQ_CHANGED) {
    j->message.why.len = 0;
    r = qq_queue_refuse(&j->message.why, errno, w->queue, QQ_MESS, id->id,
      _("changes whenever it is read"));
  }
  if (r == QQ_DAMAGED) qq_walk_job_report(j, &j->message.why);
  if (r == QQ_GONE && w->gone && w->only) {
    pthread_mutex_lock(&w->mutex);
    w->gone(id);
    pthread_mutex_unlock(&w->mutex);
  }
  return ++j->count % STRIDE ? 1 : qq_walk_job_look(j);
}

static int walk_named(qq_walk_job *j, unsigned int number)
{
  qq_id const *s = genalloc_s(qq_id, j->walk->only);
  size_t const n = genalloc_len(qq_id, j->walk->only);
  size_t i;
  for (i = 0; i < n; i++)
    if (s[i].id % j->walk->queue->split == number
      && !qq_walk_job_visit(j, &s[i], QQ_LISTED_NOWHERE)) return 0;
  return 1;
}

static void misplaced(qq_walk_job *j, unsigned int tree, uint64_t id)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_queue_say_misplaced(&why, j->walk->queue, tree, j->shard.number, id))
    qq_walk_job_report(j, &why);
  stralloc_free(&why);
}

/* The numbers of one directory of the tree, without those that qmail would not look for there. */
static int list_shard(qq_walk_job *j, genalloc *numbers, unsigned int tree)
{
  int const fd = qq_shard_directory(&j->shard, tree);
  uint64_t *s;
  size_t n, i, kept = 0;
  genalloc_setlen(uint64_t, numbers, 0);
  if (fd < 0) return j->walk->queue->missing.len && qq_queue_is_absent(errno) ? 1 : -1;
  if (qq_numbers_read(numbers, fd, 0) < 0) return -1;
  s = genalloc_s(uint64_t, numbers);
  n = genalloc_len(uint64_t, numbers);
  for (i = 0; i < n; i++) {
    if (s[i] % j->walk->queue->split == j->shard.number) s[kept++] = s[i];
    else misplaced(j, tree, s[i]);
  }
  genalloc_setlen(uint64_t, numbers, kept);
  return 1;
}

/* What the unsplit todo/ had for this shard. */
static int pick_todo(qq_walk_job *j)
{
  uint64_t const *s = genalloc_s(uint64_t, &j->walk->todo);
  size_t const n = genalloc_len(uint64_t, &j->walk->todo);
  size_t i;
  genalloc_setlen(uint64_t, &j->todo, 0);
  for (i = 0; i < n; i++)
    if (s[i] % j->walk->queue->split == j->shard.number
      && !genalloc_append(uint64_t, &j->todo, &s[i])) return -1;
  return 1;
}

/* Both lists in the order of the numbers, which is that of the inodes on the disk; an id that is in
   both is new. */
static int walk_listed(qq_walk_job *j)
{
  uint64_t const *todo = genalloc_s(uint64_t, &j->todo), *info = genalloc_s(uint64_t, &j->info);
  size_t const todos = genalloc_len(uint64_t, &j->todo), infos = genalloc_len(uint64_t, &j->info);
  size_t t = 0, i = 0;
  while (t < todos || i < infos) {
    qq_id id = { 0, QQ_UNSTAMPED };
    qq_listed listed = QQ_LISTED_INFO;
    if (t < todos && (i == infos || todo[t] <= info[i])) {
      listed = QQ_LISTED_TODO;
      id.id = todo[t++];
      if (i < infos && info[i] == id.id) i++;
    }
    else id.id = info[i++];
    if (!qq_walk_job_visit(j, &id, listed)) return 0;
  }
  return 1;
}

int qq_walk_job_shard(qq_walk_job *j, unsigned int number)
{
  int r;
  qq_shard_turn(&j->shard, number);
  if (j->walk->only) return walk_named(j, number);
  r = j->walk->queue->todo_is_split ? list_shard(j, &j->todo, QQ_TODO) : pick_todo(j);
  if (r > 0) r = list_shard(j, &j->info, QQ_INFO);
  if (r > 0) r = walk_listed(j);
  return r > 0 ? qq_walk_job_remains(j) : r;
}
