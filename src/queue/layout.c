#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/gettext.h>
#include <qq/id.h>
#include <qq/names.h>
#include <qq/numbers.h>
#include <qq/say.h>
#include "layout.h"

/* Ids looked at in each directory of mess/ before the split is believed. */
#define SAMPLE 64

static char const *const needed[] = { QQ_NAME_MESS, QQ_NAME_INFO, QQ_NAME_LOCAL, QQ_NAME_REMOTE, QQ_NAME_TODO };

static int open_directory(int at, char const *name)
{
  return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int say_unreadable(qq_queue const *q, char const *name, stralloc *why)
{
  int const e = errno;
  qq_say(why, e == EACCES ? _("unable to read %s/%s: %s (run it as root)") : _("unable to read %s/%s: %s"), q->path, name, strerror(e));
  errno = e;
  return -1;
}

int qq_layout_check(qq_queue const *q, stralloc *why)
{
  size_t i;
  for (i = 0; i < sizeof needed / sizeof *needed; i++) {
    int const fd = open_directory(q->fd, needed[i]);
    if (fd >= 0) {
      close(fd);
      continue;
    }
    if (errno != ENOENT && errno != ENOTDIR) return say_unreadable(q, needed[i], why);
    qq_say(why, _("%s is no qmail queue: it has no directory %s"), q->path, needed[i]);
    errno = EINVAL;
    return -1;
  }
  return 1;
}

/* Directories 0, 1, 2, ... without a gap in the tree. Returns how many, or -1. */
static long numbered_directories(qq_queue const *q, char const *tree)
{
  int const fd = open_directory(q->fd, tree);
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

/* Appends to ids the numbers in mess/K, at most limit. */
static int read_mess(qq_queue const *q, unsigned int k, genalloc *ids, size_t limit)
{
  char name[sizeof QQ_NAME_MESS + 1 + QQ_NUMBER_FMT + 1] = QQ_NAME_MESS "/";
  int fd, r;
  name[sizeof QQ_NAME_MESS + qq_number_format(name + sizeof QQ_NAME_MESS, k)] = 0;
  fd = open_directory(q->fd, name);
  if (fd < 0) return -1;
  r = qq_numbers_read(ids, fd, limit);
  close(fd);
  return r;
}

/* How many of up to limit ids in each of the first count directories lie where a queue of that split has them: *fit of *all.
   *top becomes one more than the highest directory with a message. */
typedef struct fitting { uint64_t fit, all; unsigned int top; } fitting;

static int try_split(qq_queue const *q, unsigned int count, unsigned int split, size_t limit, fitting *f)
{
  genalloc ids = GENALLOC_ZERO;
  unsigned int k;
  memset(f, 0, sizeof *f);
  for (k = 0; k < count; k++) {
    size_t i;
    genalloc_setlen(uint64_t, &ids, 0);
    if (read_mess(q, k, &ids, limit) < 0) {
      genalloc_free(uint64_t, &ids);
      return -1;
    }
    if (genalloc_len(uint64_t, &ids)) f->top = k + 1;
    f->all += genalloc_len(uint64_t, &ids);
    for (i = 0; i < genalloc_len(uint64_t, &ids); i++) f->fit += genalloc_s(uint64_t, &ids)[i] % split == k;
  }
  genalloc_free(uint64_t, &ids);
  return 1;
}

/* Empty directories above the split may be left over from a larger one: qmail-send never looks there (readsubdir.c). The split is the
   number under which most ids fit. */
static int search_split(qq_queue *q, unsigned int count, stralloc *why)
{
  fitting best = { 0, 0, 0 }, f;
  unsigned int split, chosen = 0;
  if (try_split(q, count, count, 0, &f) < 0) return say_unreadable(q, QQ_NAME_MESS, why);
  for (split = count; split >= f.top && split; split--) {
    fitting g;
    if (try_split(q, count, split, 0, &g) < 0) return say_unreadable(q, QQ_NAME_MESS, why);
    if (g.fit > best.fit) {
      best = g;
      chosen = split;
    }
    if (g.fit == g.all) break;
  }
  if (best.fit * 2 <= best.all) {
    qq_say(why, _("%s: the messages in mess/ fit no split up to %u"), q->path, count);
    errno = EINVAL;
    return -1;
  }
  q->split = chosen;
  return 1;
}

static int is_split(qq_queue const *q, char const *zero)
{
  struct stat st;
  return !fstatat(q->fd, zero, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

int qq_layout_find(qq_queue *q, stralloc *why)
{
  long count = 0;
  size_t i;
  fitting f;
  q->split_is_certain = 1;
  for (i = 0; i < 4; i++) {     /* todo is not among them: it need not be split */
    long const n = numbered_directories(q, needed[i]);
    if (n < 0) return say_unreadable(q, needed[i], why);
    if (!n) {
      qq_say(why, _("%s is no qmail queue: it has no directory %s/0"), q->path, needed[i]);
      errno = EINVAL;
      return -1;
    }
    if (i && n != count) q->split_is_certain = 0;
    if (!i || n < count) count = n;
  }
  q->split = (unsigned int)count;
  q->todo_is_split = is_split(q, QQ_NAME_TODO "/0");
  q->intd_is_split = is_split(q, QQ_NAME_INTD "/0");
  if (try_split(q, q->split, q->split, SAMPLE, &f) < 0) return say_unreadable(q, QQ_NAME_MESS, why);
  if (f.fit == f.all) {
    q->split_is_certain |= f.all > 0;
    return 1;
  }
  q->split_is_certain = 1;
  return search_split(q, q->split, why);
}
