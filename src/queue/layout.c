#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include "queue-private.h"

/* Ids looked at in each directory of mess/ before the split is believed. */
#define SAMPLE 64
/* So many ids do not fit a wrong split by chance. */
#define ENOUGH 4

/* A message, and the directory of mess/ that it is in. */
typedef struct place { uint64_t id; unsigned int directory; } place;

typedef struct layout {
  qq_queue *queue;
  unsigned int *counts;         /* numbered directories without a gap; one for each tree */
  unsigned int least, most;     /* of the trees that are always split */
  genalloc places;              /* of place */
  stralloc *why;
} layout;

static int unreadable(layout const *l, unsigned int tree)
{
  return qq_unable(l->why, _("unable to read %s/%s"), l->queue->path, l->queue->trees[tree]);
}

static unsigned int trees(layout const *l)
{
  return QQ_CHANNEL + l->queue->channels;
}

/* todo, intd and bounce need not be split. */
static int is_always_split(unsigned int tree)
{
  return tree < QQ_TODO || tree >= QQ_CHANNEL;
}

/* Says whether the tree has the directory of that number. Returns 1, 0, or -1 with errno. */
static int has_directory(layout const *l, unsigned int tree, unsigned int number)
{
  char name[QQ_NUMBER_FMT + 1];
  struct stat st;
  int r;
  name[qq_number_format(name, number)] = 0;
  r = qq_is_there(l->queue->fds[tree], name, &st);
  return r == 1 ? S_ISDIR(st.st_mode) : r;
}

/* Counts the directories 0, 1, 2, ... in the tree. */
static int count_directories(layout *l, unsigned int tree)
{
  int r = 1;
  if (l->queue->fds[tree] < 0) return 1;
  while ((r = has_directory(l, tree, l->counts[tree])) > 0) l->counts[tree]++;
  return r < 0 ? unreadable(l, tree) : 1;
}

/* How many directories the tree may have; lower numbers are no messages. */
static unsigned int most_directories(layout const *l, unsigned int tree)
{
  return l->counts[tree] > l->most ? l->counts[tree] : l->most;
}

/* Says whether the directory has such a number, or a higher one. The same. */
static int has_number(int fd, uint64_t least)
{
  genalloc numbers = GENALLOC_ZERO;     /* of uint64_t */
  int r = qq_numbers_read(&numbers, fd, 0);
  size_t const n = genalloc_len(uint64_t, &numbers);
  if (r > 0) r = n && genalloc_s(uint64_t, &numbers)[n - 1] >= least;
  genalloc_free(uint64_t, &numbers);
  return r;
}

/* The same for the numbered directories of the tree. */
static int has_number_below(layout const *l, unsigned int tree)
{
  unsigned int k;
  int r = 0;
  for (k = 0; !r && k < most_directories(l, tree); k++) {
    int const fd = qq_queue_numbered(l->queue, tree, k);
    r = fd >= 0 ? has_number(fd, 0) : qq_queue_is_absent(errno) ? 0 : -1;
    if (fd >= 0) fd_close(fd);
  }
  return r;
}

/* Recipes for a new queue make numbered directories in todo and intd, too, where the qmail that
   uses it does not look: then messages lie beside them, and none in them. */
static int is_beside(layout const *l, unsigned int tree)
{
  int r = has_number(l->queue->fds[tree], most_directories(l, tree));
  if (r > 0) r = has_number_below(l, tree);
  else return r;
  return r < 0 ? r : !r;
}

/* Somebody may have removed todo/0 itself. */
static int find_is_split(layout *l, unsigned int tree, int *is_split)
{
  int r = l->queue->fds[tree] < 0 ? 0 : has_directory(l, tree, 0);
  if (!r && l->queue->fds[tree] >= 0) r = has_directory(l, tree, 1);
  *is_split = r > 0;
  if (r > 0) {
    if (count_directories(l, tree) < 0) return -1;
    r = is_beside(l, tree);
    if (r > 0) *is_split = 0;
  }
  return r < 0 ? unreadable(l, tree) : 1;
}

static int count_all(layout *l)
{
  qq_queue *q = l->queue;
  unsigned int i;
  l->least = UINT_MAX;
  for (i = 0; i < trees(l); i++) {
    if (!is_always_split(i)) continue;
    if (count_directories(l, i) < 0) return -1;
    if (!l->counts[i]) {
      int const r = has_directory(l, i, 1);     /* only 0 may be gone */
      if (r < 0) return unreadable(l, i);
      if (!r) return qq_refuse(l->why, EINVAL,
        _("%s is not a qmail queue: it has no directory %s/0"), q->path, q->trees[i]);
      continue;
    }
    if (l->counts[i] < l->least) l->least = l->counts[i];
    if (l->counts[i] > l->most) l->most = l->counts[i];
  }
  if (!l->most) return qq_refuse(l->why, EINVAL,
    _("%s is not a qmail queue: it has no directory %s/0"), q->path, QQ_NAME_MESS);
  if (find_is_split(l, QQ_TODO, &q->todo_is_split) < 0
    || find_is_split(l, QQ_INTD, &q->intd_is_split) < 0) return -1;
  q->todo_directories = l->counts[QQ_TODO] ? most_directories(l, QQ_TODO) : 0;
  return 1;
}

/* Takes up to SAMPLE messages from MESS/K. A directory that is not there has none. */
static int take_places(layout *l, unsigned int directory, genalloc *ids)
{
  int const fd = qq_queue_numbered(l->queue, QQ_MESS, directory);
  size_t i;
  int r;
  if (fd < 0) return qq_queue_is_absent(errno) ? 1 : -1;
  genalloc_setlen(uint64_t, ids, 0);
  r = qq_numbers_read(ids, fd, SAMPLE);
  fd_close(fd);
  for (i = 0; r > 0 && i < genalloc_len(uint64_t, ids); i++) {
    place const p = { genalloc_s(uint64_t, ids)[i], directory };
    if (!genalloc_append(place, &l->places, &p)) r = -1;
  }
  return r;
}

static int take_all_places(layout *l)
{
  genalloc ids = GENALLOC_ZERO;
  unsigned int k;
  int r = 1;
  for (k = 0; k < l->most && r > 0; k++) r = take_places(l, k, &ids);
  genalloc_free(uint64_t, &ids);
  return r < 0 ? unreadable(l, QQ_MESS) : 1;
}

/* How many of the messages lie where a queue of that split has them. */
static size_t fit(layout const *l, unsigned int split)
{
  place const *p = genalloc_s(place, &l->places);
  size_t i, n = 0;
  for (i = 0; i < genalloc_len(place, &l->places); i++) n += p[i].id % split == p[i].directory;
  return n;
}

/* How many trees have so many directories. */
static unsigned int votes(layout const *l, unsigned int count)
{
  unsigned int i, n = 0;
  for (i = 0; i < trees(l); i++) n += is_always_split(i) && l->counts[i] == count;
  return n;
}

/* The split under which most messages fit; of those, the one that most trees have. */
static unsigned int search(layout const *l)
{
  unsigned int split, chosen = l->most;
  for (split = l->most - 1; split; split--) {
    size_t const f = fit(l, split), best = fit(l, chosen);
    if (f > best || (f == best && votes(l, split) > votes(l, chosen))) chosen = split;
  }
  return chosen;
}

/* Directories may be left over from a larger split, or missing, and a message may lie where nobody
   looks for it: most messages decide. As long as the trees agree, it takes more than half of them
   to say something else. */
static int choose(layout *l)
{
  qq_queue *q = l->queue;
  size_t const all = genalloc_len(place, &l->places);
  size_t fitting = fit(l, l->least);
  int const is_agreed = l->least == l->most;
  q->split = l->least;
  if (is_agreed ? fitting * 2 < all : fitting < all) {
    q->split = search(l);
    fitting = fit(l, q->split);
  }
  if (fitting * 2 < all) return qq_refuse(l->why, EINVAL,
    _("%s: the messages in mess/ fit no split up to %u"), q->path, l->most);
  q->split_is_certain = (is_agreed && q->split == l->least)
    || (fitting >= ENOUGH && fitting * 2 > all);
  return 1;
}

/* ---- where directories are missing ---- */

/* Numbers of directories that are believed: more than any split that is used. */
#define LARGEST 10000
/* A split that is larger than what is there by more than that is not found. */
#define BEYOND 8

/* Sets the count of the tree to that of the largest directory and 1. */
static int count_up(layout *l, unsigned int tree)
{
  genalloc names = GENALLOC_ZERO;
  uint64_t const *s;
  size_t i;
  int r = qq_numbers_read(&names, l->queue->fds[tree], 0);
  s = genalloc_s(uint64_t, &names);
  for (i = genalloc_len(uint64_t, &names); r > 0 && i && !l->counts[tree]; i--) {
    if (s[i - 1] >= LARGEST) continue;
    r = has_directory(l, tree, (unsigned int)s[i - 1]);
    if (r > 0) l->counts[tree] = (unsigned int)s[i - 1] + 1;
    else if (!r) r = 1;
  }
  genalloc_free(uint64_t, &names);
  return r < 0 ? unreadable(l, tree) : 1;
}

static int count_what_is_there(layout *l)
{
  qq_queue *q = l->queue;
  unsigned int i;
  l->least = UINT_MAX;
  for (i = 0; i < trees(l); i++) {
    if (!is_always_split(i) || q->fds[i] < 0) continue;
    if (count_up(l, i) < 0) return -1;
    if (l->counts[i] && l->counts[i] < l->least) l->least = l->counts[i];
    if (l->counts[i] > l->most) l->most = l->counts[i];
  }
  return find_is_split(l, QQ_TODO, &q->todo_is_split) > 0
    && find_is_split(l, QQ_INTD, &q->intd_is_split) > 0 ? 1 : -1;
}

/* What most trees have; unless most messages say something else. */
static void choose_likely(layout *l)
{
  qq_queue *q = l->queue;
  size_t const all = genalloc_len(place, &l->places);
  int const is_agreed = l->least == l->most;
  unsigned int i, split = l->most;
  for (i = 0; i < trees(l); i++)
    if (is_always_split(i) && votes(l, l->counts[i]) > votes(l, split)) split = l->counts[i];
  q->split_is_certain = is_agreed;
  q->split = split;
  if (!all || fit(l, split) == all || (is_agreed && fit(l, split) * 2 > all)) return;
  l->most += BEYOND;
  split = search(l);
  if (fit(l, split) * 2 > all && fit(l, split) > fit(l, q->split)) q->split = split;
  q->split_is_certain = fit(l, q->split) >= ENOUGH && fit(l, q->split) * 2 > all;
}

int qq_layout_find_damaged(qq_queue *q, stralloc *why)
{
  layout l = { q, calloc(QQ_CHANNEL + q->channels, sizeof *l.counts), 0, 0, GENALLOC_ZERO, why };
  int r = l.counts && count_what_is_there(&l) > 0 ? 1 : -1;
  q->split = QQ_SPLIT_DEFAULT;
  if (r > 0 && l.most) {
    r = q->fds[QQ_MESS] < 0 ? 1 : take_all_places(&l);
    if (r > 0) choose_likely(&l);
  }
  free(l.counts);
  genalloc_free(place, &l.places);
  return r;
}

/* The trees that are whole, for people. */
static int say_whole(layout const *l, stralloc *sa)
{
  qq_queue const *q = l->queue;
  unsigned int i, n = 0;
  for (i = 0; i < trees(l); i++)
    if (is_always_split(i) && l->counts[i] >= q->split
      && !qq_fmt(sa, n++ ? ", %s" : "%s", q->trees[i])) return 0;
  return 1;
}

static int say_missing(layout const *l, unsigned int tree, unsigned int k)
{
  qq_queue *q = l->queue;
  stralloc whole = STRALLOC_ZERO;
  int const r = say_whole(l, &whole)
    && qq_fmt(&q->missing, _("%s/%u is missing (%.*s have %u)"), q->trees[tree], k, (int)whole.len,
      whole.s, q->split)
    && stralloc_0(&q->missing);
  stralloc_free(&whole);
  return r;
}

static int find_missing(layout *l, unsigned int tree)
{
  qq_queue *q = l->queue;
  unsigned int k;
  for (k = l->counts[tree]; k < q->split; k++) {
    int const r = has_directory(l, tree, k);
    if (r < 0) return unreadable(l, tree);
    if (r) continue;
    if (!say_missing(l, tree, k)) return -1;
  }
  return 1;
}

static int find_all_missing(layout *l)
{
  unsigned int i;
  int r = 1;
  for (i = 0; r > 0 && i < trees(l); i++)
    if (l->queue->fds[i] >= 0 && qq_queue_is_split(l->queue, i)) r = find_missing(l, i);
  return r;
}

static int say_misplaced(layout *l, place const *p)
{
  qq_queue *q = l->queue;
  char path[2 * QQ_NUMBER_FMT + 2];
  struct stat st;
  size_t n = qq_number_format(path, p->directory);
  path[n++] = '/';
  path[n + qq_number_format(path + n, p->id)] = 0;
  if (qq_stat_below(q->fds[QQ_MESS], path, &st) < 0)
    return errno == ENOENT ? 1 : unreadable(l, QQ_MESS);
  if (S_ISDIR(st.st_mode)) return 1;
  return qq_queue_say_misplaced(&q->misplaced, q, QQ_MESS, p->directory, p->id)
    && stralloc_0(&q->misplaced) ? 1 : -1;
}

static int find_misplaced(layout *l)
{
  place const *p = genalloc_s(place, &l->places);
  size_t i;
  int r = 1;
  for (i = 0; r > 0 && i < genalloc_len(place, &l->places); i++)
    if (p[i].id % l->queue->split != p[i].directory) r = say_misplaced(l, &p[i]);
  return r;
}

int qq_layout_find(qq_queue *q, stralloc *why)
{
  layout l = { q, calloc(QQ_CHANNEL + q->channels, sizeof *l.counts), 0, 0, GENALLOC_ZERO, why };
  int const r = l.counts && count_all(&l) > 0 && take_all_places(&l) > 0 && choose(&l) > 0
    && find_all_missing(&l) > 0 && find_misplaced(&l) > 0 ? 1 : -1;
  free(l.counts);
  genalloc_free(place, &l.places);
  return r;
}
