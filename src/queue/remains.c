#include <errno.h>
#include <qq/damage.h>
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

/* Which of them have a file, one bit for each, but for intd. They were there before the mess file
   was seen not to be, so they are no new message's. Returns 1, 0, or -1 with errno. */
static int find(qq_shard *shard, uint64_t id, uint64_t *found)
{
  unsigned int const trees = TREES(shard->queue) - 1;
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
  int const r = find(shard, id, &found);
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

/* Of what is not where qmail looks for it, a message may still be made. */
static int refuse_stray(qq_files const *files, qq_queue const *q, stralloc *why)
{
  qq_file const *f = genalloc_s(qq_file, &files->files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_file, &files->files); i++) {
    if (!f[i].is_misplaced) continue;
    qq_file_path(why, q, &f[i], files->id);
    return qq_refuse(why, EINVAL, ": %s",
      _("is not where qmail looks for it; `qsvc stopped qq-fix' mends it"));
  }
  return 1;
}

int qq_remains_look(qq_files *files, qq_shard *shard, genalloc const *strays, uint64_t id,
  stralloc *why)
{
  qq_file const *mess;
  int const r = qq_files_look(files, shard, strays, id, QQ_ALL_TREES, why);
  if (r < 1) return r;
  mess = qq_files_in(files, QQ_MESS);
  if (mess && !mess->is_misplaced) return 0;
  return refuse_stray(files, shard->queue, why);
}

int qq_remains_name(stralloc *sa, qq_queue const *q, qq_files const *files)
{
  unsigned int i;
  for (i = 0; i < TREES(q); i++)
    if (qq_files_in(files, tree_at(q, i)) && ((sa->len && !qq_fmt(sa, ", "))
      || !qq_queue_file(sa, q, tree_at(q, i), files->id))) return 0;
  return 1;
}

qq_outcome qq_remains_remove(qq_shard *shard, qq_files const *files, stralloc *why)
{
  qq_pin const pin = { .shard = shard, .id = files->id, .fd = -1 };
  qq_outcome outcome = QQ_OUTCOME_FAILED;
  unsigned int i;
  for (i = 0; i < TREES(shard->queue); i++) {
    unsigned int const tree = tree_at(shard->queue, i);
    if (!qq_files_in(files, tree)) continue;
    if (qq_shard_unlink(shard, tree, files->id) < 0 && errno != ENOENT) {
      qq_outcome_failed(&pin, _("unable to remove %s"), tree, why);
      return outcome;
    }
    outcome = QQ_OUTCOME_UNFINISHED;
  }
  return QQ_OUTCOME_REMOVED;
}
