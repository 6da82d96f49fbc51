#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/utf8.h>
#include "show.h"

/* Messages that are rendered at a time: many enough to keep the threads busy, few enough to be held
   in memory. */
#define GROUP 4096

typedef struct entry { qq_id id; uint64_t key; } entry;         /* key: a number, or where in text a string begins */

/* One at a time in a process, so that qsort(3)'s comparison can find it. */
static struct {
  qq_reading *reading;
  qq_order_key key;
  int over;
  pthread_mutex_t mutex;
  genalloc entries;             /* of entry */
  stralloc text;                /* string keys, each with a NUL behind it */
} order = { 0, QQ_ORDER_DATE, 0, PTHREAD_MUTEX_INITIALIZER, GENALLOC_ZERO, STRALLOC_ZERO };

static int is_text(void)
{
  return order.key == QQ_ORDER_FROM || order.key == QQ_ORDER_TO;
}

/* The address that a row shows under `to`. */
static void first_undelivered(qq_message const *m, char const **s, size_t *n)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  size_t const count = genalloc_len(qq_recipient, &m->recipients);
  size_t i;
  *s = "";
  *n = 0;
  for (i = 0; i < count; i++) {
    if (r[i].done) continue;
    *s = qq_recipient_address(m, &r[i]);
    *n = r[i].length;
    return;
  }
}

static int load(qq_message *m)
{
  int r;
  switch (order.key) {
    case QQ_ORDER_FROM:
      r = qq_message_envelope(m);
      return r == 1 ? qq_message_confirm(m) : r;
    case QQ_ORDER_TO: case QQ_ORDER_RECIPIENTS:
      r = qq_message_pin(m);
      return r == 1 ? qq_message_recipients(m) : r;
    default: return qq_message_stat(m);
  }
}

static int gather(void *worker, qq_message *m)
{
  entry e;
  char const *s;
  size_t n;
  int r = load(m), good = 1;
  (void)worker;
  if (r != 1) return r;
  if (m->over != order.over) return qq_reading_pass_over(order.reading, m);
  s = m->sender.s;
  n = m->sender.len;
  if (order.key == QQ_ORDER_TO) first_undelivered(m, &s, &n);
  e.id = qq_message_id(m);
  e.key = order.key == QQ_ORDER_SIZE ? m->size : order.key == QQ_ORDER_RECIPIENTS ? genalloc_len(qq_recipient, &m->recipients)
    : order.key == QQ_ORDER_DATE ? m->stamp : 0;
  pthread_mutex_lock(&order.mutex);
  if (is_text()) {
    e.key = order.text.len;
    good = qq_fold(&order.text, s, n) && stralloc_0(&order.text);
  }
  good = good && genalloc_append(entry, &order.entries, &e);
  pthread_mutex_unlock(&order.mutex);
  if (!good) qq_die_memory();
  return 1;
}

static int compare(void const *a, void const *b)
{
  entry const *x = a, *y = b;
  int const r = is_text() ? strcmp(order.text.s + x->key, order.text.s + y->key) : x->key < y->key ? -1 : x->key > y->key;
  return r ? r : x->id.id < y->id.id ? -1 : x->id.id > y->id.id;
}

/* One group: which text belongs to which id. */
typedef struct slot { uint64_t id; size_t place; } slot;

static struct {
  slot slots[GROUP];
  stralloc texts[GROUP];
  size_t count;
  uint64_t shown, all;          /* messages of earlier groups, and of all */
  int (*render)(void *worker, qq_message *, stralloc *out);
} group;

static int compare_slots(void const *a, void const *b)
{
  slot const *x = a, *y = b;
  return x->id < y->id ? -1 : x->id > y->id;
}

static int render(void *worker, qq_message *m)
{
  slot key, *s;
  int r;
  key.id = m->id;
  s = bsearch(&key, group.slots, group.count, sizeof key, compare_slots);
  group.texts[s->place].len = 0;
  r = qq_message_pin(m);
  if (r == 1) r = group.render(worker, m, &group.texts[s->place]);
  if (r != 1) group.texts[s->place].len = 0;
  return r;
}

/* The walk knows only its group. */
static void progress(uint64_t done, uint64_t all, uint64_t messages)
{
  (void)done;
  (void)all;
  qq_progress(group.shown + messages, group.all, group.shown + messages);
}

static void show_group(qq_reading *r, entry const *entries, size_t n, int reverse, void (*print)(stralloc const *, size_t))
{
  size_t i;
  genalloc_setlen(qq_id, &r->ids, 0);
  for (i = 0; i < n; i++) {
    entry const *e = reverse ? &entries[n - 1 - i] : &entries[i];
    group.slots[i].id = e->id.id;
    group.slots[i].place = i;
    group.texts[i].len = 0;
    if (!genalloc_append(qq_id, &r->ids, &e->id)) qq_die_memory();
  }
  group.count = n;
  qsort(group.slots, n, sizeof *group.slots, compare_slots);
  qq_ids_sort(&r->ids);
  qq_reading_walk(r);
  print(group.texts, n);
  group.shown += n;
}

void qq_order_show(qq_reading *r, qq_order_key key, int reverse, int over,
  int (*renderer)(void *worker, qq_message *, stralloc *out), size_t worker_size, void (*start)(void *worker), void (*print)(stralloc const *texts, size_t count))
{
  size_t n, i;
  unsigned int k;
  order.reading = r;
  order.key = key;
  order.over = over;
  qq_reading_prepare(r, gather, 1);
  qq_reading_walk_named(r);
  r->walk.gone = 0;             /* what goes from here on was there when it was asked for */
  n = genalloc_len(entry, &order.entries);
  if (n) qsort(genalloc_s(entry, &order.entries), n, sizeof(entry), compare);
  r->restricted = 1;
  group.render = renderer;
  group.shown = 0;
  group.all = n;
  qq_reading_prepare(r, render, worker_size);
  r->walk.progress = progress;
  for (k = 0; k < r->walk.jobs; k++) start(r->walk.workers[k]);
  for (i = 0; i < n; i += GROUP) {
    size_t const count = n - i < GROUP ? n - i : GROUP;
    entry const *s = genalloc_s(entry, &order.entries);
    show_group(r, reverse ? s + n - i - count : s + i, count, reverse, print);
  }
}
