#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/names.h>
#include "layout.h"

/* Ids looked at in each directory of mess/ before the split is believed. */
#define SAMPLE 64
/* So many ids do not fit a wrong split by chance. */
#define ENOUGH 4

static char const *const needed[] = {
  QQ_NAME_MESS, QQ_NAME_INFO, QQ_NAME_LOCAL, QQ_NAME_REMOTE, QQ_NAME_TODO
};
#define NEEDED (sizeof needed / sizeof *needed)
#define SPLIT (NEEDED - 1)      /* todo need not be */

static int unreadable(qq_queue const *q, char const *name, stralloc *why)
{
  return qq_unable(why, _("unable to read %s/%s"), q->path, name);
}

static int check_needed(qq_queue const *q, stralloc *why)
{
  size_t i;
  for (i = 0; i < NEEDED; i++) {
    int const fd = qq_queue_directory(q->fd, needed[i]);
    if (fd >= 0) close(fd);
    else if (errno != ENOENT && errno != ENOTDIR) return unreadable(q, needed[i], why);
    else return qq_refuse(why, EINVAL, _("%s is no qmail queue: it has no directory %s"),
      q->path, needed[i]);
  }
  return 1;
}

/* Directories 0, 1, 2, ... without a gap in the tree. Returns how many, or -1. */
static long numbered_directories(qq_queue const *q, char const *tree)
{
  int const fd = qq_queue_directory(q->fd, tree);
  char name[QQ_NUMBER_FMT + 1];
  struct stat st;
  long n;
  if (fd < 0) return -1;
  for (n = 0;; n++) {
    name[qq_number_format(name, (uint64_t)n)] = 0;
    if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)) break;
  }
  close(fd);
  return n;
}

/* Makes ids the numbers in TREE/K, at most limit. Returns 1, or -1 with errno. */
static int read_directory(qq_queue const *q, char const *tree, unsigned int k, genalloc *ids,
  size_t limit)
{
  int const fd = qq_queue_numbered(q, tree, k);
  int r;
  genalloc_setlen(uint64_t, ids, 0);
  if (fd < 0) return -1;
  r = qq_numbers_read(ids, fd, limit);
  fd_close(fd);
  return r;
}

/* How many of up to limit ids in each of the first count directories lie where a queue of that
   split has them: *fit of *all. *top becomes one more than the highest directory with a message. */
typedef struct fitting { uint64_t fit, all; unsigned int top; } fitting;

static int try_split(qq_queue const *q, unsigned int count, unsigned int split, size_t limit,
  fitting *f)
{
  genalloc ids = GENALLOC_ZERO;
  unsigned int k;
  int r = 1;
  memset(f, 0, sizeof *f);
  for (k = 0; k < count && r > 0; k++) {
    size_t i;
    r = read_directory(q, QQ_NAME_MESS, k, &ids, limit);
    if (genalloc_len(uint64_t, &ids)) f->top = k + 1;
    f->all += genalloc_len(uint64_t, &ids);
    for (i = 0; i < genalloc_len(uint64_t, &ids); i++)
      f->fit += genalloc_s(uint64_t, &ids)[i] % split == k;
  }
  genalloc_free(uint64_t, &ids);
  return r;
}

/* Empty directories above the split may be left over from a larger one: qmail-send never looks
   there (readsubdir.c). The split is the number under which most ids fit. */
static int search_split(qq_queue *q, unsigned int count, stralloc *why)
{
  fitting best = { 0, 0, 0 }, f;
  unsigned int split, chosen = 0;
  if (try_split(q, count, count, 0, &f) < 0) return unreadable(q, QQ_NAME_MESS, why);
  for (split = count; split >= f.top && split; split--) {
    fitting g;
    if (try_split(q, count, split, 0, &g) < 0) return unreadable(q, QQ_NAME_MESS, why);
    if (g.fit > best.fit) {
      best = g;
      chosen = split;
    }
    if (g.fit == g.all) break;
  }
  if (best.fit * 2 <= best.all)
    return qq_refuse(why, EINVAL, _("%s: the messages in mess/ fit no split up to %u"),
      q->path, count);
  q->split = chosen;
  q->split_is_certain = best.fit == best.all && best.all >= ENOUGH;
  return 1;
}

static int is_split(qq_queue const *q, char const *zero)
{
  struct stat st;
  return !fstatat(q->fd, zero, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/* Says whether TREE/K has a message's file. A directory that is not there has none. */
static int is_used(qq_queue const *q, char const *tree, unsigned int k)
{
  genalloc ids = GENALLOC_ZERO;
  int const r = read_directory(q, tree, k, &ids, 1) > 0 && genalloc_len(uint64_t, &ids);
  genalloc_free(uint64_t, &ids);
  return r;
}

/* Trees have different numbers of directories, from count, in the tree `least`, to most. Those
   above may be left over from a larger split; but if there is mail in them, a directory is missing,
   and qmail-send waits for it for ever (readsubdir.c). */
static int check_disagreement(qq_queue *q, unsigned int most, unsigned int count,
  char const *least, stralloc *why)
{
  unsigned int k;
  q->split_is_certain = most == count;
  for (k = count; k < most; k++) {
    char const *used = is_used(q, QQ_NAME_MESS, k) ? QQ_NAME_MESS
      : is_used(q, QQ_NAME_INFO, k) ? QQ_NAME_INFO : 0;
    if (used) return qq_refuse(why, EINVAL,
      _("%s is damaged: %s/ has no directory %u, but %s/%u has messages"),
      q->path, least, count, used, k);
  }
  return 1;
}

/* The number of directories that all split trees have. */
static int count_directories(qq_queue *q, stralloc *why)
{
  long counts[SPLIT];
  size_t i, least = 0, most = 0;
  for (i = 0; i < SPLIT; i++) {
    counts[i] = numbered_directories(q, needed[i]);
    if (counts[i] < 0) return unreadable(q, needed[i], why);
    if (!counts[i])
      return qq_refuse(why, EINVAL, _("%s is no qmail queue: it has no directory %s/0"),
        q->path, needed[i]);
    if (counts[i] < counts[least]) least = i;
    if (counts[i] > counts[most]) most = i;
  }
  q->split = (unsigned int)counts[least];
  return check_disagreement(q, (unsigned int)counts[most], q->split, needed[least], why);
}

int qq_layout_find(qq_queue *q, stralloc *why)
{
  fitting f;
  if (check_needed(q, why) < 0 || count_directories(q, why) < 0) return -1;
  q->todo_is_split = is_split(q, QQ_NAME_TODO "/0");
  q->intd_is_split = is_split(q, QQ_NAME_INTD "/0");
  if (try_split(q, q->split, q->split, SAMPLE, &f) < 0) return unreadable(q, QQ_NAME_MESS, why);
  if (f.fit < f.all) return search_split(q, q->split, why);
  q->split_is_certain |= f.all >= ENOUGH;
  return 1;
}
