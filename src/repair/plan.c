/* Which file of a queue goes where. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/repair.h>

/* ---- listing ---- */

typedef struct lister {
  qq_plan *plan;
  qq_queue const *queue;
  unsigned int tree;
  stralloc *why;
} lister;

static int refuse_place(lister const *l, int directory, int e, char const *text)
{
  char name[QQ_NUMBER_FMT + 2] = "";
  if (directory >= 0) {
    *name = '/';
    name[1 + qq_number_format(name + 1, (uint64_t)directory)] = 0;
  }
  return qq_refuse(l->why, e, "%s/%s%s: %s", l->queue->path, l->queue->trees[l->tree], name, text);
}

static int take_file(lister *l, int directory, struct dirent const *e, uint64_t id)
{
  qq_placing const p = { id, e->d_ino, directory, (unsigned short)l->tree, 0 };
  return genalloc_append(qq_placing, &l->plan->files, &p) ? 1
    : refuse_place(l, directory, errno, strerror(errno));
}

/* What can be linked is what lies here and on no other file system. */
static int check_mount(lister const *l, int fd, int directory)
{
  struct stat of_queue, st;
  if (fstat(fd, &st) < 0 || fstat(l->queue->fd, &of_queue) < 0)
    return refuse_place(l, directory, errno, strerror(errno));
  if (st.st_dev == of_queue.st_dev && !qq_os_is_mount(fd)) return 1;
  return refuse_place(l, directory, EXDEV,
    _("is a mount of its own, and cannot be made anew together with the others"));
}

int qq_directory_scan(char const *name, int *directory)
{
  uint64_t number;
  if (!qq_number_scan(name, strlen(name), &number) || number > INT32_MAX) return 0;
  *directory = (int)number;
  return 1;
}

static int list(lister *l, int fd, int directory);

/* A directory in a tree is gone through if its name is a number; what else there is stays for
   lost/. */
static int take_entry(lister *l, int fd, int directory, struct dirent const *e)
{
  int const is_regular = qq_os_is_regular(e) == 1;
  uint64_t number;
  struct stat st;
  int below;
  if (!is_regular && fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return refuse_place(l, directory, errno, strerror(errno));
  if (!is_regular && S_ISDIR(st.st_mode))
    return directory >= 0 || !qq_directory_scan(e->d_name, &below) ? 1
      : list(l, qq_queue_directory(fd, e->d_name), below);
  l->plan->names++;
  if ((!is_regular && !S_ISREG(st.st_mode))
    || !qq_number_scan(e->d_name, strlen(e->d_name), &number)) return 1;
  return take_file(l, directory, e, number);
}

/* fd is closed. */
static int list(lister *l, int fd, int directory)
{
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, fd) < 0) return refuse_place(l, directory, errno, strerror(errno));
  r = check_mount(l, d.fd, directory);
  while (r > 0 && (r = qq_directory_next(&d)) > 0)
    if (take_entry(l, d.fd, directory, d.entry) < 0) r = -1;
  if (r < 0 && !l->why->len) refuse_place(l, directory, errno, strerror(errno));
  qq_directory_end(&d);
  return r < 0 ? -1 : 1;
}

static int list_tree(lister *l)
{
  int const fd = qq_queue_tree(l->queue, l->tree);
  if (fd >= 0) return list(l, qq_queue_directory(fd, "."), QQ_NO_DIRECTORY);
  return errno == ENOENT ? 1 : refuse_place(l, QQ_NO_DIRECTORY, errno, strerror(errno));
}

/* ---- what is true of every queue ---- */

static int compare(void const *a, void const *b)
{
  qq_placing const *x = a, *y = b;
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  return x->tree < y->tree ? -1 : x->tree > y->tree;
}

static int say_place(stralloc *sa, qq_queue const *q, qq_placing const *p)
{
  char const *name = q->trees[p->tree];
  unsigned long long const id = p->id;
  return p->directory < 0 ? qq_fmt(sa, "%s/%llu", name, id)
    : qq_fmt(sa, "%s/%d/%llu", name, p->directory, id);
}

static int refuse_twice(qq_queue const *q, qq_placing const *one, stralloc *why)
{
  stralloc first = STRALLOC_ZERO, second = STRALLOC_ZERO;
  int r = say_place(&first, q, one) && say_place(&second, q, one + 1)
    ? qq_refuse(why, EEXIST, _("%s and %s are of the same name, and nobody can say which one is "
        "meant: look at both, and move one of them out of the queue"), first.s, second.s)
    : -1;
  stralloc_free(&first);
  stralloc_free(&second);
  return r;
}

/* Files without one in mess/ have no number to be under. */
static int plan_all(qq_plan *plan, qq_queue const *q, stralloc *why)
{
  qq_placing *p = genalloc_s(qq_placing, &plan->files);
  size_t const n = genalloc_len(qq_placing, &plan->files);
  qq_placing const *mess = 0;   /* the last file in mess/: of what has one, it is the first */
  size_t i;
  if (n) qsort(p, n, sizeof *p, compare);
  for (i = 0; i < n; i++) {
    if (i + 1 < n && !compare(&p[i], &p[i + 1])) return refuse_twice(q, &p[i], why);
    if (p[i].tree == QQ_MESS) mess = &p[i];
    p[i].is_lost = !mess || p[i].id != mess->id;
  }
  return 1;
}

int qq_plan_make(qq_plan *plan, qq_queue const *q, stralloc *why)
{
  lister l = { plan, q, 0, why };
  int r = 1;
  genalloc_setlen(qq_placing, &plan->files, 0);
  plan->names = 0;
  for (; r > 0 && l.tree < QQ_CHANNEL + q->channels; l.tree++) r = list_tree(&l);
  return r > 0 ? plan_all(plan, q, why) : -1;
}

/* ---- looking things up, and changing them ---- */

static int compare_id(void const *key, void const *p)
{
  uint64_t const id = *(uint64_t const *)key, other = ((qq_placing const *)p)->id;
  return id < other ? -1 : id > other;
}

qq_placing *qq_plan_find(qq_plan const *plan, uint64_t id, size_t *count)
{
  qq_placing *s = genalloc_s(qq_placing, &plan->files);
  qq_placing *const end = s + genalloc_len(qq_placing, &plan->files);
  qq_placing *p = s == end ? 0 : bsearch(&id, s, (size_t)(end - s), sizeof *s, compare_id);
  *count = 0;
  if (!p) return 0;
  while (p > s && p[-1].id == id) p--;
  while (p + *count < end && p[*count].id == id) ++*count;
  return p;
}

qq_placing *qq_plan_file(qq_plan const *plan, uint64_t id, unsigned int tree)
{
  size_t count, i;
  qq_placing *p = qq_plan_find(plan, id, &count);
  for (i = 0; i < count; i++) if (p[i].tree == tree) return &p[i];
  return 0;
}

uint64_t qq_plan_number(qq_plan const *plan, uint64_t id)
{
  qq_placing const *mess = qq_plan_file(plan, id, QQ_MESS);
  return mess && !mess->is_lost ? mess->inode : 0;
}

uint64_t qq_plan_renumbered(qq_plan const *plan)
{
  qq_placing const *p = genalloc_s(qq_placing, &plan->files);
  size_t const n = genalloc_len(qq_placing, &plan->files);
  uint64_t count = 0;
  size_t i;
  for (i = 0; i < n; i++)
    count += p[i].tree == QQ_MESS && !p[i].is_lost && p[i].id != p[i].inode;
  return count;
}

int qq_plan_write(qq_plan *plan, uint64_t id, unsigned int tree, stralloc const *text,
  uint64_t mtime)
{
  qq_written w = { id, tree, mtime, STRALLOC_ZERO };
  qq_placing *old = qq_plan_file(plan, id, tree);
  if (!qq_copy(&w.text, text->s, text->len)) return -1;
  if (!genalloc_append(qq_written, &plan->written, &w)) {
    stralloc_free(&w.text);
    return -1;
  }
  if (old) old->is_lost = 1;
  return 1;
}

static int stays(qq_placing const *p, uint64_t number, qq_queue const *shape)
{
  int const directory = qq_queue_is_split(shape, p->tree) ? (int)(number % shape->split)
    : QQ_NO_DIRECTORY;
  return !p->is_lost && p->id == number && p->directory == directory;
}

int qq_plan_is_idle(qq_plan const *plan, qq_queue const *shape)
{
  qq_placing const *p = genalloc_s(qq_placing, &plan->files);
  size_t const n = genalloc_len(qq_placing, &plan->files);
  uint64_t number = 0;
  size_t i;
  for (i = 0; i < n; i++) {
    if (p[i].tree == QQ_MESS) number = p[i].inode;
    if (!stays(&p[i], number, shape)) return 0;
  }
  return !genalloc_len(qq_written, &plan->written);
}

void qq_plan_free(qq_plan *plan)
{
  size_t i;
  for (i = 0; i < genalloc_len(qq_written, &plan->written); i++)
    stralloc_free(&genalloc_s(qq_written, &plan->written)[i].text);
  genalloc_free(qq_written, &plan->written);
  genalloc_free(qq_placing, &plan->files);
}
