#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/when.h>
#include "stat.h"

static int compare_keys(void const *a, void const *b)
{
  qq_count const *x = a, *y = b;
  int const r = memcmp(x->key, y->key, x->length < y->length ? x->length : y->length);
  return r ? r : x->length < y->length ? -1 : x->length > y->length;
}

unsigned int qq_tally_bucket(uint64_t age)
{
  uint64_t limit = QQ_TALLY_FIRST_MINUTES * 60 * QQ_SECOND;
  unsigned int i = 0;
  while (i < QQ_TALLY_AGES - 1 && age >= limit) {
    limit *= 2;
    i++;
  }
  return i;
}

/* The count of the key, made if it is new. */
static qq_count *find(qq_tally *t, char const *key, size_t n)
{
  qq_count *made = calloc(1, sizeof *made);
  qq_count **at;
  if (!made) qq_die_memory();
  made->key = malloc(n + 1);
  if (!made->key) qq_die_memory();
  if (n) memcpy(made->key, key, n);
  made->length = n;
  at = tsearch(made, t, compare_keys);
  if (!at) qq_die_memory();
  if (*at != made) {            /* it was there */
    free(made->key);
    free(made);
    return *at;
  }
  return made;
}

void qq_tally_add(qq_tally *t, char const *key, size_t n, unsigned int bucket)
{
  qq_count *c = find(t, key, n);
  c->total++;
  c->ages[bucket]++;
}

void qq_tally_merge(qq_tally *to, qq_tally *from)
{
  while (*from) {
    qq_count *c = **(qq_count ***)from;
    qq_count *sum = find(to, c->key, c->length);
    unsigned int i;
    sum->total += c->total;
    for (i = 0; i < QQ_TALLY_AGES; i++) sum->ages[i] += c->ages[i];
    tdelete(c, from, compare_keys);
    free(c->key);
    free(c);
  }
}

/* twalk(3) hands its action no context. */
static qq_count const **list;
static size_t listed;

static void count_node(void const *node, VISIT order, int depth)
{
  (void)node;
  (void)depth;
  if (order == postorder || order == leaf) listed++;
}

static void list_node(void const *node, VISIT order, int depth)
{
  (void)depth;
  if (order == postorder || order == leaf) list[listed++] = *(qq_count *const *)node;
}

static int compare_totals(void const *a, void const *b)
{
  qq_count const *x = *(qq_count const *const *)a, *y = *(qq_count const *const *)b;
  return x->total == y->total ? compare_keys(x, y) : x->total > y->total ? -1 : 1;
}

qq_count const **qq_tally_sorted(qq_tally const *t, size_t *n)
{
  listed = 0;
  twalk(*t, count_node);
  list = malloc((listed + 1) * sizeof *list);
  if (!list) qq_die_memory();
  listed = 0;
  twalk(*t, list_node);
  qsort(list, listed, sizeof *list, compare_totals);
  *n = listed;
  return list;
}
