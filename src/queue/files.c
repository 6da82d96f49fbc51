/* What has one number, and where. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <qq/damage.h>
#include <qq/file.h>
#include "queue-private.h"

qq_file const *qq_files_in(qq_files const *p, unsigned int tree)
{
  qq_file const *s = genalloc_s(qq_file, &p->files);
  size_t i;
  for (i = 0; i < genalloc_len(qq_file, &p->files); i++) if (s[i].tree == tree) return &s[i];
  return 0;
}

void qq_files_free(qq_files *p)
{
  genalloc_free(qq_file, &p->files);
}

static int name_in(stralloc *sa, qq_queue const *q, unsigned int tree, int directory, uint64_t id)
{
  unsigned long long const name = id;
  return directory == QQ_NO_DIRECTORY ? qq_fmt(sa, "%s/%llu", q->trees[tree], name)
    : qq_fmt(sa, "%s/%d/%llu", q->trees[tree], directory, name);
}

int qq_file_path(stralloc *sa, qq_queue const *q, qq_file const *f, uint64_t id)
{
  return name_in(sa, q, f->tree, f->directory, id);
}

static int take_part(qq_files *p, qq_queue const *q, qq_file *f, stralloc *why)
{
  size_t const before = why->len;
  int r = qq_file_path(why, q, f, p->id) && stralloc_0(why) ? 1 : -1;
  if (r > 0) r = qq_stat_below(q->fd, why->s + before, &f->st) < 0 ? -1 : 1;
  if (r < 0 && errno != ENOMEM && qq_queue_is_absent(errno)) r = 0;
  if (r < 0) {
    if (why->len) why->len--;
    return qq_refuse(why, errno, ": %s", strerror(errno));
  }
  why->len = before;
  return r && !genalloc_append(qq_file, &p->files, f) ? -1 : r;
}

/* A directory is missing: that is found with the directories. */
static int take_in_place(qq_files *p, qq_shard *shard, unsigned int tree, stralloc *why)
{
  qq_queue const *q = shard->queue;
  int const split = qq_queue_is_split(q, tree);
  qq_file f = { tree, split ? (int)(p->id % q->split) : QQ_NO_DIRECTORY, 0, 0, { 0 } };
  if (qq_shard_stat(shard, tree, p->id, &f.st) > 0)
    return genalloc_append(qq_file, &p->files, &f) ? 1 : -1;
  if (qq_queue_is_absent(errno)) return 0;
  return qq_queue_refuse(why, errno, q, tree, p->id, strerror(errno));
}

/* The first of them with that id. */
static size_t find_strays(genalloc const *strays, uint64_t id)
{
  qq_stray const *s = genalloc_s(qq_stray, strays);
  size_t low = 0, high = genalloc_len(qq_stray, strays);
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (s[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

static int take_strays(qq_files *p, qq_queue const *q, genalloc const *strays, unsigned int tree,
  stralloc *why)
{
  qq_stray const *s = genalloc_s(qq_stray, strays);
  size_t const n = genalloc_len(qq_stray, strays);
  size_t i;
  int r = 0;
  for (i = n ? find_strays(strays, p->id) : 0; r >= 0 && i < n && s[i].id == p->id; i++) {
    qq_file f = { tree, s[i].directory, 1, 0, { 0 } };
    if (s[i].tree == tree) r = take_part(p, q, &f, why);
  }
  return r;
}

int qq_files_look(qq_files *p, qq_shard *shard, genalloc const *strays, uint64_t id, uint64_t trees,
  stralloc *why)
{
  qq_queue const *q = shard->queue;
  unsigned int tree;
  int r = 1;
  p->id = id;
  p->kinds = 0;
  genalloc_setlen(qq_file, &p->files, 0);
  for (tree = 0; r >= 0 && tree < QQ_CHANNEL + q->channels; tree++) {
    if (!(trees >> (tree < 63 ? tree : 63) & 1)) continue;
    r = take_in_place(p, shard, tree, why);
    if (r >= 0 && strays) r = take_strays(p, q, strays, tree, why);
  }
  return r < 0 ? -1 : genalloc_len(qq_file, &p->files) != 0;
}
