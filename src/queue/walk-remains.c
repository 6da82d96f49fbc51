#include <errno.h>
#include "queue-private.h"

static int is_here(qq_walk_job const *j, uint64_t id)
{
  return id % j->walk->queue->split == j->shard.number && !qq_numbers_have(&j->info, id);
}

static int take_bounces(qq_walk_job *j)
{
  uint64_t const *s = genalloc_s(uint64_t, &j->walk->bounces);
  size_t i;
  for (i = 0; i < genalloc_len(uint64_t, &j->walk->bounces); i++)
    if (is_here(j, s[i]) && !genalloc_append(uint64_t, &j->odd, &s[i])) return -1;
  return 1;
}

static int take_tree(qq_walk_job *j, unsigned int tree)
{
  size_t const before = genalloc_len(uint64_t, &j->odd);
  int const fd = qq_shard_directory(&j->shard, tree);
  uint64_t *s;
  size_t i, n, kept = before;
  if (fd < 0) return j->walk->queue->missing.len && qq_queue_is_absent(errno) ? 1 : -1;
  if (qq_numbers_read(&j->odd, fd, 0) < 0) return -1;
  s = genalloc_s(uint64_t, &j->odd);
  n = genalloc_len(uint64_t, &j->odd);
  for (i = before; i < n; i++)
    if (is_here(j, s[i]) && !qq_numbers_have(&j->todo, s[i])) s[kept++] = s[i];
  genalloc_setlen(uint64_t, &j->odd, kept);
  return 1;
}

static int take_all(qq_walk_job *j)
{
  unsigned int const trees = QQ_CHANNEL + j->walk->queue->channels;
  unsigned int tree;
  int r = take_tree(j, QQ_MESS);
  for (tree = QQ_CHANNEL; r > 0 && tree < trees; tree++) r = take_tree(j, tree);
  return r;
}

static void unreadable(qq_walk_job *j, uint64_t id)
{
  stralloc why = STRALLOC_ZERO;
  int const e = errno;
  qq_queue_refuse(&why, e, j->walk->queue, QQ_INFO, id, strerror(e));
  qq_walk_job_report(j, &why);
  stralloc_free(&why);
}

/* Says what there is of a message without info; 0: nothing. */
static int report_remains(qq_walk_job *j, uint64_t id, int has_bounce)
{
  stralloc why = STRALLOC_ZERO, names = STRALLOC_ZERO;
  int const r = qq_remains_find(&j->shard, id, &names);
  if (r < 0) unreadable(j, id);
  else if (r) qq_remains_say(&why, id, &names);
  else if (has_bounce) qq_queue_refuse(&why, 0, j->walk->queue, QQ_BOUNCE, id,
    _("is left over from another message, and would be mailed to somebody whom it does not "
      "concern"));
  if (why.len) qq_walk_job_report(j, &why);
  stralloc_free(&why);
  stralloc_free(&names);
  return r || has_bounce;
}

/* The message may have moved or ended since it was listed: in an order that leaves no file without
   an info but that in mess/, and what is new has todo. Everything is asked again, info at last. */
static void judge(qq_walk_job *j, uint64_t id)
{
  enum { IN_TODO, IN_BOUNCE, IN_MESS, IN_INFO, ALL };
  static unsigned int const trees[ALL] = { QQ_TODO, QQ_BOUNCE, QQ_MESS, QQ_INFO };
  struct stat st;
  int has[ALL], is_left;
  unsigned int i;
  for (i = 0; i < ALL; i++) {
    has[i] = qq_shard_has(&j->shard, trees[i], id, &st);
    if (has[i] < 0) {
      unreadable(j, id);
      return;
    }
  }
  if (has[IN_INFO] || (has[IN_TODO] && !has[IN_BOUNCE])) return;
  is_left = has[IN_MESS] && !has[IN_BOUNCE] ? 1 : report_remains(j, id, has[IN_BOUNCE]);
  if (!is_left || has[IN_TODO]) return;
  pthread_mutex_lock(&j->walk->mutex);
  j->walk->left++;
  pthread_mutex_unlock(&j->walk->mutex);
}

int qq_walk_job_remains(qq_walk_job *j)
{
  size_t i;
  genalloc_setlen(uint64_t, &j->odd, 0);
  if (take_bounces(j) < 0 || (j->walk->wants_remains && take_all(j) < 0)) return -1;
  qq_numbers_sort(&j->odd, 0);
  for (i = 0; i < genalloc_len(uint64_t, &j->odd); i++)
    judge(j, genalloc_s(uint64_t, &j->odd)[i]);
  return 1;
}
