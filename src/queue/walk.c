#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/numbers.h>
#include <qq/os.h>
#include <qq/say.h>
#include <qq/walk.h>
#include <qq/when.h>

/* Messages between two looks at what the threads share. */
#define STRIDE 256
/* A message that changes this often while it is read is no message. */
#define PATIENCE 20
/* A listing may be this much older than a file's time stamp says, because file systems stamp with a coarse clock. */
#define COARSE (2 * QQ_SECOND)
/* musl gives a thread 128 KB; libc's regular expressions want more. */
#define STACK 1048576

typedef struct job {
  qq_walk *walk;
  void *worker;
  pthread_t thread;
  qq_shard shard;
  qq_message message;
  genalloc todo, info;          /* of uint64_t: the numbers of the shard at hand */
  unsigned int count;           /* visits since the last look */
} job;

unsigned int qq_walk_jobs(qq_queue const *queue, unsigned int said)
{
  unsigned int jobs = said ? said : qq_os_processors() * 2;
  if (!said && jobs < 8) jobs = 8;
  return jobs < queue->split ? jobs : queue->split;
}

void qq_walk_stop(qq_walk *w)
{
  pthread_mutex_lock(&w->mutex);
  w->stopped = 1;
  pthread_mutex_unlock(&w->mutex);
}

static void report(qq_walk *w, stralloc const *why)
{
  pthread_mutex_lock(&w->mutex);
  if (w->trouble) w->trouble(why->s, why->len);
  pthread_mutex_unlock(&w->mutex);
}

/* Adds up what was done; says whether to go on. */
static int look(job *j)
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
static int visit(job *j, qq_id const *id, qq_listed listed)
{
  qq_walk *w = j->walk;
  unsigned int tries;
  int r = QQ_CHANGED;
  for (tries = 0; r == QQ_CHANGED && tries < PATIENCE; tries++) {
    qq_message_begin(&j->message, id, listed, w->since);
    r = w->visit(j->worker, &j->message);
  }
  if (r == QQ_CHANGED) {
    j->message.why.len = 0;
    if (qq_queue_file(&j->message.why, w->queue, QQ_MESS, id->id)) qq_say(&j->message.why, ": %s", _("changes whenever it is read"));
    r = QQ_DAMAGED;
  }
  if (r == QQ_DAMAGED) report(w, &j->message.why);
  if (r == QQ_GONE && w->gone && w->only) {
    pthread_mutex_lock(&w->mutex);
    w->gone(id);
    pthread_mutex_unlock(&w->mutex);
  }
  return ++j->count % STRIDE ? 1 : look(j);
}

static int walk_named(job *j, unsigned int number)
{
  qq_id const *s = genalloc_s(qq_id, j->walk->only);
  size_t const n = genalloc_len(qq_id, j->walk->only);
  size_t i;
  for (i = 0; i < n; i++)
    if (s[i].id % j->walk->queue->split == number && !visit(j, &s[i], QQ_LISTED_NOWHERE)) return 0;
  return 1;
}

static void misplaced(job *j, unsigned int tree, uint64_t id)
{
  qq_queue const *q = j->walk->queue;
  stralloc why = STRALLOC_ZERO;
  if (qq_say(&why, _("%s/%u/%llu: in the wrong split directory, expected it in %s/%u"), q->trees[tree], j->shard.number,
    (unsigned long long)id, q->trees[tree], (unsigned int)(id % q->split))) report(j->walk, &why);
  stralloc_free(&why);
}

/* The numbers of one directory of the tree, without those that qmail would not look for there. */
static int list(job *j, genalloc *numbers, unsigned int tree)
{
  int const fd = qq_shard_directory(&j->shard, tree);
  uint64_t *s;
  size_t n, i, kept = 0;
  genalloc_setlen(uint64_t, numbers, 0);
  if (fd < 0 || qq_numbers_read(numbers, fd, 0) < 0) return -1;
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
static int pick_todo(job *j)
{
  uint64_t const *s = genalloc_s(uint64_t, &j->walk->todo);
  size_t const n = genalloc_len(uint64_t, &j->walk->todo);
  size_t i;
  genalloc_setlen(uint64_t, &j->todo, 0);
  for (i = 0; i < n; i++)
    if (s[i] % j->walk->queue->split == j->shard.number && !genalloc_append(uint64_t, &j->todo, &s[i])) return -1;
  return 1;
}

/* Both lists in the order of the numbers, which is that of the inodes on the disk; an id that is in both is new. */
static int walk_listed(job *j)
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
    if (!visit(j, &id, listed)) return 0;
  }
  return 1;
}

static int walk_shard(job *j, unsigned int number)
{
  qq_shard_turn(&j->shard, number);
  if (j->walk->only) return walk_named(j, number);
  if ((j->walk->queue->todo_is_split ? list(j, &j->todo, QQ_TODO) : pick_todo(j)) < 0 || list(j, &j->info, QQ_INFO) < 0) return -1;
  return walk_listed(j);
}

/* Takes the next shard. Returns 0 when there is none. */
static int take(qq_walk *w, unsigned int *number)
{
  int have;
  pthread_mutex_lock(&w->mutex);
  have = !w->stopped && !w->error && w->next < w->queue->split;
  if (have) *number = w->next++;
  pthread_mutex_unlock(&w->mutex);
  return have;
}

static void *work(void *p)
{
  job *j = p;
  qq_walk *w = j->walk;
  unsigned int number;
  while (take(w, &number)) {
    int const r = walk_shard(j, number);
    int const e = errno;
    pthread_mutex_lock(&w->mutex);
    if (r < 0) w->error = e;
    w->finished++;
    pthread_mutex_unlock(&w->mutex);
    look(j);
  }
  return 0;
}

static void free_job(job *j)
{
  qq_message_free(&j->message);
  qq_shard_free(&j->shard);
  genalloc_free(uint64_t, &j->todo);
  genalloc_free(uint64_t, &j->info);
}

static int start_job(job *j, qq_walk *w, unsigned int i)
{
  memset(j, 0, sizeof *j);
  j->walk = w;
  j->worker = w->workers[i];
  if (qq_shard_init(&j->shard, w->queue) < 0) return -1;
  qq_message_init(&j->message, &j->shard);
  if (w->wants_bounces) qq_message_set_bounces(&j->message, &w->bounces);
  return 1;
}

/* The first job runs in this thread; a thread that cannot be had is done without. */
static int run(qq_walk *w)
{
  job *jobs = calloc(w->jobs, sizeof *jobs);
  unsigned int started = 0, made = 0, i;
  pthread_attr_t attributes;
  if (!jobs) return -1;
  if (pthread_attr_init(&attributes)) {
    free(jobs);
    errno = ENOMEM;
    return -1;
  }
  pthread_attr_setstacksize(&attributes, STACK);
  while (made < w->jobs && start_job(&jobs[made], w, made) > 0) made++;
  while (started + 1 < made && !pthread_create(&jobs[started + 1].thread, &attributes, work, &jobs[started + 1])) started++;
  pthread_attr_destroy(&attributes);
  if (made) work(&jobs[0]);
  else w->error = ENOMEM;
  for (i = 1; i <= started; i++) pthread_join(jobs[i].thread, 0);
  for (i = 0; i < made; i++) free_job(&jobs[i]);
  free(jobs);
  return 1;
}

/* Lists of trees that are not split, read before any thread starts. */
static int list_unsplit(qq_walk *w)
{
  qq_shard shard;
  int r = qq_shard_init(&shard, w->queue);
  if (r < 0) return -1;
  if (!w->queue->todo_is_split && !w->only) {
    int const fd = qq_shard_directory(&shard, QQ_TODO);
    r = fd < 0 ? -1 : qq_numbers_read(&w->todo, fd, 0);
  }
  if (r > 0 && w->wants_bounces) {
    int const fd = qq_shard_directory(&shard, QQ_BOUNCE);
    r = fd < 0 ? -1 : qq_numbers_read(&w->bounces, fd, 0);
  }
  qq_shard_free(&shard);
  return r;
}

static int prepare(qq_walk *w)
{
  static genalloc const none = GENALLOC_ZERO;
  if (pthread_mutex_init(&w->mutex, 0)) {
    errno = ENOMEM;
    return -1;
  }
  w->next = w->finished = 0;
  w->messages = 0;
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
  job j;
  size_t i;
  int r = prepare(w);
  if (r > 0) r = start_job(&j, w, 0);
  if (r < 0) return finish(w, r);
  for (i = 0; i < n; i++) {
    qq_shard_turn(&j.shard, (unsigned int)(s[i].id % w->queue->split));
    if (!visit(&j, &s[i], QQ_LISTED_NOWHERE)) break;
  }
  free_job(&j);
  return finish(w, r);
}
