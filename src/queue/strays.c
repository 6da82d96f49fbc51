/* Names that are where qmail does not look for them: in the trees, and in directories in them. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/os.h>
#include "queue-private.h"

static int compare(void const *a, void const *b)
{
  qq_stray const *x = a, *y = b;
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  return x->tree != y->tree ? (x->tree < y->tree ? -1 : 1) : x->directory - y->directory;
}

static int add(qq_listing *l, uint64_t id, unsigned int tree, int directory)
{
  qq_stray const s = { id, tree, directory };
  return genalloc_append(qq_stray, l->strays, &s) ? 1 : -1;
}

static int take_odd(qq_listing *l, unsigned int tree, int directory, char const *name)
{
  return l->odd ? l->odd(l->to, tree, directory, name) : 1;
}

/* The names in a numbered directory, which may be below the split or not. */
static int list_numbered(qq_listing *l, unsigned int tree, int directory)
{
  qq_queue const *q = l->queue;
  int const is_place = qq_queue_is_split(q, tree) && (unsigned int)directory < q->split;
  qq_directory d;
  uint64_t id;
  int r;
  if (qq_directory_begin(&d, qq_queue_numbered(q, tree, (unsigned int)directory)) < 0)
    return qq_queue_is_absent(errno) ? 1 : -1;
  while ((r = qq_directory_next(&d)) > 0) {
    if (!qq_number_scan(d.entry->d_name, strlen(d.entry->d_name), &id))
      r = take_odd(l, tree, directory, d.entry->d_name);
    else if (!is_place || id % q->split != (unsigned int)directory)
      r = add(l, id, tree, directory);
    if (r < 0) break;
  }
  qq_directory_end(&d);
  return r < 0 ? -1 : 1;
}

/* A directory that has a number, in a tree that has none, or not below the split. In the place of
   a message's file, it is that. */
static int list_spare(qq_listing *l, unsigned int tree, uint64_t number, char const *name)
{
  qq_queue const *q = l->queue;
  qq_file const mess = { QQ_MESS, (int)(number % q->split), 0, 0, { 0 } };
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int r = qq_file_path(&path, q, &mess, number) && stralloc_0(&path) ? 1 : -1;
  if (r > 0 && (qq_queue_is_split(q, tree) || qq_stat_below(q->fd, path.s, &st) < 0)) {
    r = take_odd(l, tree, QQ_NO_DIRECTORY, name);
    if (r > 0) r = list_numbered(l, tree, (int)number);
  }
  stralloc_free(&path);
  return r;
}

static int is_directory(qq_directory const *d)
{
  struct stat st;
  int r;
  if (qq_os_is_regular(d->entry) == 1) return 0;
  r = qq_is_there(d->fd, d->entry->d_name, &st);
  return r > 0 ? S_ISDIR(st.st_mode) : r;
}

static int list_name(qq_listing *l, unsigned int tree, qq_directory const *d)
{
  char const *name = d->entry->d_name;
  uint64_t number;
  int const split = qq_queue_is_split(l->queue, tree);
  int r;
  if (!qq_number_scan(name, strlen(name), &number))
    return take_odd(l, tree, QQ_NO_DIRECTORY, name);
  if (split && number < l->queue->split) return 1;      /* is looked at with the directories */
  r = is_directory(d);
  if (r > 0 && number > INT_MAX) return take_odd(l, tree, QQ_NO_DIRECTORY, name);
  if (r > 0) return list_spare(l, tree, number, name);
  return !r && split ? add(l, number, tree, QQ_NO_DIRECTORY) : r < 0 ? -1 : 1;
}

static int list_tree(qq_listing *l, unsigned int tree)
{
  int const at = qq_queue_tree(l->queue, tree);
  qq_directory d;
  unsigned int k;
  int r;
  if (at < 0) return qq_queue_is_absent(errno) ? 1 : -1;
  if (qq_directory_begin(&d, qq_queue_directory(at, ".")) < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0 && (r = list_name(l, tree, &d)) > 0) ;
  qq_directory_end(&d);
  if (!qq_queue_is_split(l->queue, tree)) return r < 0 ? -1 : 1;
  for (k = 0; r >= 0 && k < l->queue->split; k++) r = list_numbered(l, tree, (int)k);
  return r < 0 ? -1 : 1;
}

int qq_listing_run(qq_listing *l)
{
  unsigned int tree;
  for (tree = 0; tree < QQ_CHANNEL + l->queue->channels; tree++) {
    int const r = list_tree(l, tree);
    if (r < 0 && (!l->failed || l->failed(l->to, tree) < 0)) return -1;
  }
  if (genalloc_len(qq_stray, l->strays))
    qsort(genalloc_s(qq_stray, l->strays), genalloc_len(qq_stray, l->strays), sizeof(qq_stray),
      compare);
  return 1;
}

int qq_strays_find(genalloc *strays, qq_queue const *q)
{
  qq_listing l = { .queue = q, .strays = strays };
  return qq_listing_run(&l);
}
