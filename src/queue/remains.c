#include <errno.h>
#include <qq/remove.h>

/* Trees other than mess/, in the order in which files are removed: bounce before what would have it
   sent, todo before intd, which keeps qmail-queue from the number (qmail-queue.c:main). */
static unsigned int tree_at(qq_queue const *q, unsigned int i)
{
  static unsigned int const last[] = { QQ_INFO, QQ_TODO, QQ_INTD };
  if (!i) return QQ_BOUNCE;
  return i <= q->channels ? QQ_CHANNEL + i - 1 : last[i - 1 - q->channels];
}

#define TREES(q) ((q)->channels + 4)

/* Which of the first so many of them have a file, one bit for each. They were there before the mess
   file was seen not to be, so they are no new message's. Returns 1, 0, or -1 with errno. */
static int find(qq_shard *shard, uint64_t id, unsigned int trees, uint64_t *found)
{
  unsigned int i;
  struct stat st;
  int r = 0;
  *found = 0;
  for (i = 0; r >= 0 && i < trees && i < 64; i++) {
    r = qq_shard_has(shard, tree_at(shard->queue, i), id, &st);
    if (r > 0) *found |= UINT64_C(1) << i;
  }
  if (r < 0 || !*found) return r < 0 ? -1 : 0;
  r = qq_shard_has(shard, QQ_MESS, id, &st);
  return r < 0 ? -1 : !r;
}

int qq_remains_find(qq_shard *shard, uint64_t id, stralloc *names)
{
  uint64_t found;
  unsigned int i;
  int const r = find(shard, id, TREES(shard->queue) - 1, &found);
  for (i = 0; r > 0 && i < TREES(shard->queue); i++)
    if ((found >> i & 1) && ((names->len && !qq_fmt(names, ", "))
      || !qq_queue_file(names, shard->queue, tree_at(shard->queue, i), id))) return -1;
  return r;
}

int qq_remains_say(stralloc *sa, uint64_t id, stralloc const *names)
{
  return qq_fmt(sa, _("message %llu has lost its file in mess/; what is left of it: %.*s"),
    (unsigned long long)id, (int)names->len, names->s);
}

qq_outcome qq_remains_remove(qq_shard *shard, uint64_t id, stralloc *why)
{
  qq_pin const pin = { .shard = shard, .id = id, .fd = -1 };
  qq_outcome outcome = QQ_OUTCOME_FAILED;
  uint64_t found;
  unsigned int i;
  int const r = find(shard, id, TREES(shard->queue), &found);
  if (r < 0) return qq_outcome_failed(&pin, _("unable to look for %s"), QQ_MESS, why);
  if (!r) return QQ_OUTCOME_GONE;
  for (i = 0; i < TREES(shard->queue); i++) {
    if (!(found >> i & 1)) continue;
    if (qq_shard_unlink(shard, tree_at(shard->queue, i), id) < 0 && errno != ENOENT) {
      qq_outcome_failed(&pin, _("unable to remove %s"), tree_at(shard->queue, i), why);
      return outcome;
    }
    outcome = QQ_OUTCOME_UNFINISHED;
  }
  return QQ_OUTCOME_REMOVED;
}
