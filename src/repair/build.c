/* The new trees: hard links, so that the old ones stay whole until these are; and no temporary
   names, whatever numbers are exchanged. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/when.h>
#include <qq/repair.h>

/* Numbered directories that are kept open: a slot each, for splits up to WIDTH. */
#define SLOTS 2048
#define WIDTH 151

typedef struct slot { unsigned int tree; int directory, fd; } slot;

typedef struct shelf {
  int const *trees;             /* their descriptors */
  slot slots[SLOTS];
} shelf;

typedef struct build {
  qq_fix *fix;
  qq_rebuild const *rebuild;
  qq_plan const *plan;
  int *trees;                   /* descriptors of the new ones */
  shelf *from, *to;
} build;

/* ---- directories that are open ---- */

static void clear_shelf(shelf *s)
{
  size_t i;
  for (i = 0; i < SLOTS; i++) {
    if (s->slots[i].fd >= 0) fd_close(s->slots[i].fd);
    s->slots[i].fd = -1;
  }
}

static shelf *new_shelf(int const *trees)
{
  shelf *s = malloc(sizeof *s);
  size_t i;
  if (!s) return 0;
  s->trees = trees;
  for (i = 0; i < SLOTS; i++) s->slots[i].fd = -1;
  return s;
}

static void free_shelf(shelf *s)
{
  if (s) clear_shelf(s);
  free(s);
}

/* The descriptor of the directory, which the shelf keeps; -1 with errno. */
static int take_down(shelf *s, unsigned int tree, int directory)
{
  slot *const at = &s->slots[(tree * WIDTH + (unsigned int)directory) % SLOTS];
  char name[QQ_NUMBER_FMT + 1];
  if (directory < 0) return s->trees[tree];
  if (at->fd >= 0 && at->tree == tree && at->directory == directory) return at->fd;
  if (at->fd >= 0) fd_close(at->fd);
  name[qq_number_format(name, (uint64_t)directory)] = 0;
  at->tree = tree;
  at->directory = directory;
  at->fd = qq_queue_directory(s->trees[tree], name);
  if (at->fd >= 0 || errno != EMFILE) return at->fd;
  clear_shelf(s);
  return at->fd = qq_queue_directory(s->trees[tree], name);
}

/* As many of them as the system lets us have. */
static void have_descriptors(void)
{
  struct rlimit l;
  if (getrlimit(RLIMIT_NOFILE, &l) < 0) return;
  l.rlim_cur = l.rlim_max;
  setrlimit(RLIMIT_NOFILE, &l);         /* else they are closed and opened again */
}

static int make_trees(build *b)
{
  return qq_trees_make(b->trees, b->fix->new_fd, b->rebuild->shape, b->rebuild->expected) > 0 ? 1
    : qq_fix_unable(b->fix, QQ_NAME_FIX_NEW);
}

/* ---- what is in them ---- */

static int unable_to(build const *b, unsigned int tree, uint64_t id)
{
  return qq_queue_refuse(b->fix->why, errno, b->rebuild->shape, tree, id, strerror(errno));
}

/* The directory of the new tree that the number is in. */
static int new_directory(build const *b, unsigned int tree, uint64_t number)
{
  qq_queue const *shape = b->rebuild->shape;
  return take_down(b->to, tree,
    qq_queue_is_split(shape, tree) ? (int)(number % shape->split) : QQ_NO_DIRECTORY);
}

static int link_file(build const *b, qq_placing const *p, uint64_t number)
{
  int const from = take_down(b->from, p->tree, p->directory);
  int const to = from < 0 ? -1 : new_directory(b, p->tree, number);
  char old[QQ_NUMBER_FMT + 1], new[QQ_NUMBER_FMT + 1];
  old[qq_number_format(old, p->id)] = 0;
  new[qq_number_format(new, number)] = 0;
  return to >= 0 && linkat(from, old, to, new, 0) >= 0
    && genalloc_append(uint64_t, &b->fix->kept, &p->inode) ? 1 : unable_to(b, p->tree, number);
}

/* A file in mess/ is the first of its message. */
static int link_all(build const *b)
{
  qq_placing const *p = genalloc_s(qq_placing, &b->plan->files);
  size_t const n = genalloc_len(qq_placing, &b->plan->files);
  uint64_t number = 0;
  size_t i;
  for (i = 0; i < n; i++) {
    if (p[i].tree == QQ_MESS) number = p[i].inode;
    if (!p[i].is_lost && link_file(b, &p[i], number) < 0) return -1;
  }
  return 1;
}

static int fill(build const *b, int fd, qq_written const *w)
{
  qq_expected const *e = b->rebuild->expected;
  uid_t const owner = e->uids[qq_fixture_of(b->rebuild->shape, w->tree).user];
  mode_t const mode = w->tree == QQ_TODO ? QQ_MODE_PLAIN : QQ_MODE_INFO;
  struct timespec const times[2] = { { 0, UTIME_NOW },
    { (time_t)(w->mtime / QQ_SECOND), (long)(w->mtime % QQ_SECOND) } };
  return fchown(fd, owner, e->group) < 0 || fchmod(fd, mode) < 0
    || allwrite(fd, w->text.s, w->text.len) != w->text.len || futimens(fd, times) < 0 ? -1 : 1;
}

static int write_file(build const *b, qq_written const *w)
{
  uint64_t const number = qq_plan_number(b->plan, w->id);
  int const at = new_directory(b, w->tree, number);
  char name[QQ_NUMBER_FMT + 1];
  int fd, r;
  name[qq_number_format(name, number)] = 0;
  fd = at < 0 ? -1
    : openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return unable_to(b, w->tree, number);
  r = fill(b, fd, w);
  fd_close(fd);
  return r < 0 ? unable_to(b, w->tree, number) : 1;
}

static int write_all(build const *b)
{
  size_t i;
  for (i = 0; i < genalloc_len(qq_written, &b->plan->written); i++)
    if (write_file(b, &genalloc_s(qq_written, &b->plan->written)[i]) < 0) return -1;
  return 1;
}

/* ---- the rest ---- */

/* What is in no new tree is linked to lost/. */
static int lose_rest(build const *b)
{
  qq_loser l = { b->fix, 0, 0 };
  qq_queue const *q = b->rebuild->queue;
  unsigned int i;
  int r = 1;
  qq_numbers_sort(&b->fix->kept, 0);
  for (i = 0; r > 0 && i < QQ_CHANNEL + q->channels; i++)
    r = qq_loser_lose(&l, q->fds[i], q->trees[i]);
  if (r > 0 && l.names != b->plan->names)
    r = qq_refuse(b->fix->why, EAGAIN, _("%s has changed while it was looked at"), b->fix->path);
  return r;
}

/* Of the day and the second. */
static int name_date(qq_fix *f)
{
  time_t const now = time(0);
  struct tm tm;
  char name[64];
  if (!gmtime_r(&now, &tm) || !strftime(name, sizeof name, "%Y-%m-%dT%H:%M:%SZ", &tm)) return -1;
  return qq_copy_string(&f->date, name) ? 1 : -1;
}

static int make_below(qq_fix *f)
{
  int lost, r;
  if (name_date(f) < 0 || mkdirat(f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_NEW), 0700) < 0
    || mkdirat(f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_OLD), 0700) < 0
    || mkdirat(f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_LOST), 0700) < 0)
    return qq_fix_unable(f, QQ_NAME_FIX);
  lost = qq_queue_directory(f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_LOST));
  r = lost < 0 ? -1 : mkdirat(lost, f->date.s, 0700);
  if (lost >= 0) fd_close(lost);
  return r < 0 ? qq_fix_unable(f, QQ_NAME_FIX_LOST) : qq_fix_open_all(f);
}

int qq_fix_build(qq_fix *f, qq_rebuild const *r, qq_plan const *plan)
{
  build b = { f, r, plan, 0, 0, 0 };
  unsigned int const trees = QQ_CHANNEL + r->shape->channels;
  unsigned int i;
  int good;
  b.trees = malloc(trees * sizeof *b.trees);
  b.from = new_shelf(r->queue->fds);
  b.to = new_shelf(b.trees);
  have_descriptors();
  for (i = 0; b.trees && i < trees; i++) b.trees[i] = -1;
  good = b.trees && b.from && b.to ? make_below(f) : qq_fix_unable(f, QQ_NAME_FIX);
  good = good > 0 && make_trees(&b) > 0 && link_all(&b) > 0 && write_all(&b) > 0
    && lose_rest(&b) > 0 ? 1 : -1;
  for (i = 0; b.trees && i < trees; i++) if (b.trees[i] >= 0) fd_close(b.trees[i]);
  free_shelf(b.from);
  free_shelf(b.to);
  free(b.trees);
  return good;
}
