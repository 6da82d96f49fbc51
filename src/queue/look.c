/* Looking at all messages: first at what the lists of the trees show, on as many threads as are
   wanted; then again at what is not as it should be. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/child.h>
#include <qq/lock.h>
#include <qq/names.h>
#include "queue-private.h"

/* Messages between two words about the progress. */
#define STRIDE 256

/* ---- what others get ---- */

void qq_look_report(qq_look *l, qq_damage_kind kind, char const *path, char const *is,
  qq_files const *files)
{
  qq_damage const d = { kind, path, is ? is : _(qq_damage_about(kind)->is), files };
  pthread_mutex_lock(&l->mutex);
  if (l->report) l->report(l->to, &d);
  pthread_mutex_unlock(&l->mutex);
}

void qq_look_trouble(qq_look *l, stralloc const *why)
{
  pthread_mutex_lock(&l->mutex);
  if (l->trouble) l->trouble(l->to, why->s, why->len);
  pthread_mutex_unlock(&l->mutex);
}

void qq_look_number(qq_look *l, qq_files const *p)
{
  pthread_mutex_lock(&l->mutex);
  if (l->number) l->number(l->to, p);
  pthread_mutex_unlock(&l->mutex);
}

static int judge_all(qq_look const *l, qq_files *p, qq_shard *shard, stralloc *why)
{
  return qq_files_judge(p, shard, l->expected, why);
}

static int judge_intd(qq_look const *l, qq_files *p, qq_shard *shard, stralloc *why)
{
  (void)shard;
  (void)why;
  qq_files_judge_intd(p, l->expected);
  return 1;
}

/* Trees of messages: without intd/, where the caller may not look any more. */
static uint64_t trees_of(qq_look const *l)
{
  return l->is_still ? QQ_ALL_TREES : QQ_ALL_TREES & ~(UINT64_C(1) << QQ_INTD);
}

static int has_stray(qq_look const *l, uint64_t id)
{
  qq_stray const *s = genalloc_s(qq_stray, &l->strays);
  size_t low = 0, high = genalloc_len(qq_stray, &l->strays);
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (s[middle].id == id) return 1;
    if (s[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/* ---- one thread, one directory of each tree ---- */

typedef struct job {
  qq_look *look;
  qq_shard shard;
  qq_files files;
  genalloc *lists;              /* of uint64_t, one for each tree */
  size_t *at;                   /* in them */
  stralloc why;
  unsigned int count;
} job;

static unsigned int trees(qq_look const *l)
{
  return QQ_CHANNEL + l->queue->channels;
}

static void free_job(job *j)
{
  unsigned int i;
  for (i = 0; j->lists && i < trees(j->look); i++) genalloc_free(uint64_t, &j->lists[i]);
  free(j->lists);
  free(j->at);
  stralloc_free(&j->why);
  qq_files_free(&j->files);
  qq_shard_free(&j->shard);
}

static int make_job(job *j, qq_look *l)
{
  memset(j, 0, sizeof *j);
  j->look = l;
  j->lists = calloc(trees(l), sizeof *j->lists);
  j->at = calloc(trees(l), sizeof *j->at);
  if (j->lists && j->at && qq_shard_init(&j->shard, l->queue) > 0) return 1;
  free_job(j);
  return -1;
}

/* Of a tree that is not split, those that would be in this directory. */
static int pick(job *j, unsigned int tree)
{
  uint64_t const *s = genalloc_s(uint64_t, &j->look->unsplit[tree]);
  size_t const n = genalloc_len(uint64_t, &j->look->unsplit[tree]);
  size_t i;
  for (i = 0; i < n; i++)
    if (s[i] % j->look->queue->split == j->shard.number
      && !genalloc_append(uint64_t, &j->lists[tree], &s[i])) return -1;
  return 1;
}

/* Others than this directory's are strays. */
static int list_split(job *j, unsigned int tree)
{
  genalloc *list = &j->lists[tree];
  int const fd = qq_shard_directory(&j->shard, tree);
  size_t kept = genalloc_len(uint64_t, list);
  uint64_t *s;
  size_t i, n;
  if (fd < 0) return qq_queue_is_absent(errno) ? 1 : -1;
  if (qq_numbers_read(list, fd, 0) < 0) return -1;
  s = genalloc_s(uint64_t, list);
  n = genalloc_len(uint64_t, list);
  for (i = kept; i < n; i++)
    if (s[i] % j->look->queue->split == j->shard.number) s[kept++] = s[i];
  genalloc_setlen(uint64_t, list, kept);
  return 1;
}

static int list_all(job *j)
{
  qq_look const *l = j->look;
  unsigned int tree;
  int r = 1;
  for (tree = 0; r > 0 && tree < trees(l); tree++) {
    genalloc_setlen(uint64_t, &j->lists[tree], 0);
    j->at[tree] = 0;
    if (tree == QQ_INTD && !l->is_still) continue;
    r = qq_queue_is_split(l->queue, tree) ? list_split(j, tree) : pick(j, tree);
  }
  return r;
}

/* The least number that is next in one of the lists, and which of them have it. */
static int next_number(job *j, uint64_t *id, uint64_t *in)
{
  unsigned int tree;
  *in = 0;
  for (tree = 0; tree < trees(j->look); tree++) {
    uint64_t const *s = genalloc_s(uint64_t, &j->lists[tree]);
    if (j->at[tree] == genalloc_len(uint64_t, &j->lists[tree])) continue;
    if (!*in || s[j->at[tree]] < *id) {
      *id = s[j->at[tree]];
      *in = 0;
    }
    if (s[j->at[tree]] == *id) *in |= UINT64_C(1) << (tree < 63 ? tree : 63);
  }
  for (tree = 0; *in && tree < trees(j->look); tree++)
    if (j->at[tree] < genalloc_len(uint64_t, &j->lists[tree])
      && genalloc_s(uint64_t, &j->lists[tree])[j->at[tree]] == *id) j->at[tree]++;
  return *in != 0;
}

static int look_at(job *j, uint64_t id, uint64_t in)
{
  qq_look *l = j->look;
  int r;
  if (has_stray(l, id)) return 1;
  r = qq_files_look(&j->files, &j->shard, 0, id, in, &j->why);
  if (r > 0 && qq_files_judge(&j->files, &j->shard, l->expected, &j->why) < 0) r = -1;
  if (r > 0 && j->files.kinds) return qq_look_suspect(l, id);
  if (r > 0 && l->number) qq_look_number(l, &j->files);
  if (r < 0 && errno == ENOMEM) return -1;
  if (r < 0) qq_look_trouble(l, &j->why);
  j->why.len = 0;
  return 1;
}

static void tell_progress(job *j)
{
  qq_look *l = j->look;
  pthread_mutex_lock(&l->mutex);
  l->messages += j->count;
  j->count = 0;
  if (l->progress) l->progress(l->next, l->queue->split, l->messages);
  pthread_mutex_unlock(&l->mutex);
}

static int look_at_shard(job *j, unsigned int number)
{
  uint64_t id = 0, in;
  int r;
  qq_shard_turn(&j->shard, number);
  r = list_all(j);
  while (r > 0 && next_number(j, &id, &in)) {
    r = look_at(j, id, in);
    if (++j->count == STRIDE) tell_progress(j);
  }
  return r;
}

static int take_shard(qq_look *l, unsigned int *number)
{
  int have;
  pthread_mutex_lock(&l->mutex);
  have = !l->error && l->next < l->queue->split;
  if (have) *number = l->next++;
  pthread_mutex_unlock(&l->mutex);
  return have;
}

static void work(void *p)
{
  job *j = p;
  unsigned int number;
  while (take_shard(j->look, &number)) {
    int const r = look_at_shard(j, number);
    int const e = errno;
    pthread_mutex_lock(&j->look->mutex);
    if (r < 0) j->look->error = e;
    pthread_mutex_unlock(&j->look->mutex);
  }
  tell_progress(j);
}

/* ---- all ---- */

static int run(qq_look *l)
{
  job *jobs = calloc(l->jobs, sizeof *jobs);
  unsigned int made = 0, i;
  if (!jobs) return -1;
  while (made < l->jobs && make_job(&jobs[made], l) > 0) made++;
  if (!made) l->error = ENOMEM;
  l->next = 0;
  qq_threads_run(jobs, made, sizeof *jobs, work);
  for (i = 0; i < made; i++) free_job(&jobs[i]);
  free(jobs);
  errno = l->error;
  return l->error ? -1 : 1;
}

static int list_unsplit(qq_look *l)
{
  static unsigned int const some[] = { QQ_TODO, QQ_INTD, QQ_BOUNCE };
  unsigned int i;
  int r = 1;
  for (i = 0; r > 0 && i < sizeof some / sizeof *some; i++) {
    unsigned int const tree = some[i];
    if (qq_queue_is_split(l->queue, tree) || (tree == QQ_INTD && !l->is_still)) continue;
    r = qq_tree_numbers(&l->unsplit[tree], l->queue, tree);
    if (r < 0 && qq_queue_is_absent(errno)) r = 1;
  }
  return r;
}

static int suspect_strays(qq_look *l)
{
  qq_stray const *s = genalloc_s(qq_stray, &l->strays);
  size_t i;
  int r = 1;
  for (i = 0; r > 0 && i < genalloc_len(qq_stray, &l->strays); i++)
    if (!i || s[i].id != s[i - 1].id) r = qq_look_suspect(l, s[i].id);
  return r;
}

int qq_look_messages(qq_look *l)
{
  pid_t holder = 0;
  l->is_watched = qq_sendmutex_holder(l->queue->fd, &holder) < 0 || holder;
  if (list_unsplit(l) < 0 || run(l) < 0 || suspect_strays(l) < 0) return -1;
  return qq_look_again(l, trees_of(l), judge_all);
}

void qq_look_free(qq_look *l)
{
  unsigned int i;
  for (i = 0; i < QQ_CHANNEL; i++) genalloc_free(uint64_t, &l->unsplit[i]);
  genalloc_free(qq_stray, &l->strays);
  genalloc_free(qq_suspect, &l->suspects);
  pthread_mutex_destroy(&l->mutex);
}

/* ---- intd ---- */

#define OF_INTD (UINT64_C(1) << QQ_MESS | UINT64_C(1) << QQ_TODO | UINT64_C(1) << QQ_INTD)

static int suspect_intd(job *j)
{
  qq_look *l = j->look;
  genalloc const *list = &j->lists[QQ_INTD];
  size_t i;
  for (i = 0; i < genalloc_len(uint64_t, list); i++) {
    uint64_t const id = genalloc_s(uint64_t, list)[i];
    int const r = qq_files_look(&j->files, &j->shard, 0, id, OF_INTD, &j->why);
    if (r < 0) qq_look_trouble(l, &j->why);
    else if (r) qq_files_judge_intd(&j->files, l->expected);
    j->why.len = 0;
    if (r > 0 && j->files.kinds && qq_look_suspect(l, id) < 0) return -1;
  }
  return 1;
}

static int list_intd(job *j)
{
  qq_queue const *q = j->look->queue;
  unsigned int k;
  int r = 1;
  if (!q->intd_is_split) return qq_tree_numbers(&j->lists[QQ_INTD], q, QQ_INTD);
  for (k = 0; r > 0 && k < q->split; k++) {
    qq_shard_turn(&j->shard, k);
    r = list_split(j, QQ_INTD);
  }
  return r;
}

static int look_at_intd(qq_look *l, job *j)
{
  qq_stray const *s = genalloc_s(qq_stray, &l->strays);
  size_t i;
  if (list_intd(j) < 0) {
    stralloc why = STRALLOC_ZERO;
    if (qq_queue_is_absent(errno)) return 1;
    if (errno == ENOMEM) return -1;
    qq_unable(&why, _("unable to read %s"), QQ_NAME_INTD);
    qq_look_trouble(l, &why);
    stralloc_free(&why);
    return 1;
  }
  for (i = 0; i < genalloc_len(qq_stray, &l->strays); i++)
    if (s[i].tree == QQ_INTD && qq_look_suspect(l, s[i].id) < 0) return -1;
  return suspect_intd(j) > 0 ? qq_look_again(l, OF_INTD, judge_intd) : -1;
}

int qq_look_intd(qq_look *l)
{
  job j;
  int r = make_job(&j, l);
  if (r < 0) return -1;
  r = look_at_intd(l, &j);
  free_job(&j);
  return r;
}
