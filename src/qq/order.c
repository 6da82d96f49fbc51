#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include "show.h"

/* Messages that are rendered at a time: many enough to keep the threads busy, few enough to be held
   in memory. */
#define GROUP 4096

typedef struct entry {
  qq_id id;
  uint64_t key;                 /* a number, or where in text a string begins */
} entry;

/* One at a time in a process, so that qsort(3)'s comparison can find it. */
static qq_show const *show;
static qq_reading *reading;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static genalloc entries = GENALLOC_ZERO;        /* of entry */
static stralloc text = STRALLOC_ZERO;           /* string keys, each with a NUL behind it */

static int is_text(void)
{
  return show->key == QQ_ORDER_FROM || show->key == QQ_ORDER_TO;
}

static int learn(qq_message *m)
{
  int r;
  switch (show->key) {
    case QQ_ORDER_FROM:
      r = qq_message_envelope(m);
      return r == 1 ? qq_message_confirm(m) : r;
    case QQ_ORDER_TO: case QQ_ORDER_RECIPIENTS:
      r = qq_message_pin(m);
      return r == 1 ? qq_message_recipients(m) : r;
    default: return qq_message_stat(m);
  }
}

static uint64_t number_of(qq_message const *m)
{
  switch (show->key) {
    case QQ_ORDER_SIZE: return m->size;
    case QQ_ORDER_RECIPIENTS: return genalloc_len(qq_recipient, &m->recipients);
    case QQ_ORDER_DATE: return m->stamp;
    default: return 0;
  }
}

/* Appends the address that a row shows. */
static int append_text(qq_message const *m)
{
  size_t more;
  qq_recipient const *to = show->key == QQ_ORDER_TO ? qq_show_waiting(m, &more) : 0;
  return (show->key == QQ_ORDER_FROM ? qq_fold(&text, m->sender.s, m->sender.len)
    : !to || qq_fold(&text, qq_recipient_address(m, to), to->length)) && stralloc_0(&text);
}

static int gather(void *unused, qq_message *m)
{
  entry e;
  int r = learn(m), good = 1;
  (void)unused;
  if (r != 1) return r;
  if (m->over != show->over) return qq_reading_pass_over(reading, m);
  e.id = qq_message_id(m);
  pthread_mutex_lock(&mutex);
  e.key = is_text() ? text.len : number_of(m);
  if (is_text()) good = append_text(m);
  good = good && genalloc_append(entry, &entries, &e);
  pthread_mutex_unlock(&mutex);
  qq_demand_memory(good);
  return 1;
}

static int compare(void const *a, void const *b)
{
  entry const *x = a, *y = b;
  int r = is_text() ? strcmp(text.s + x->key, text.s + y->key)
    : x->key < y->key ? -1 : x->key > y->key;
  if (!r) r = x->id.id < y->id.id ? -1 : x->id.id > y->id.id;
  return show->is_reversed ? -r : r;
}

/* One group: which text belongs to which id. */
typedef struct slot { uint64_t id; size_t place; } slot;

static struct {
  slot slots[GROUP];
  stralloc texts[GROUP];
  size_t count;
  uint64_t shown, all;          /* messages of earlier groups, and of all */
} group;

static int compare_slots(void const *a, void const *b)
{
  slot const *x = a, *y = b;
  return x->id < y->id ? -1 : x->id > y->id;
}

static int render(void *view, qq_message *m)
{
  slot key, *s;
  int r;
  key.id = m->id;
  s = bsearch(&key, group.slots, group.count, sizeof key, compare_slots);
  group.texts[s->place].len = 0;
  r = qq_message_pin(m);
  if (r == 1) r = qq_view_render(view, m, &group.texts[s->place]);
  return r;
}

/* The walk knows only its group. */
static void progress(uint64_t done, uint64_t all, uint64_t messages)
{
  (void)done;
  (void)all;
  qq_progress(group.shown + messages, group.all, group.shown + messages);
}

static void show_group(entry const *e, size_t n)
{
  size_t i;
  genalloc_setlen(qq_id, &reading->ids, 0);
  for (i = 0; i < n; i++) {
    group.slots[i].id = e[i].id.id;
    group.slots[i].place = i;
    group.texts[i].len = 0;
    qq_demand_memory(genalloc_append(qq_id, &reading->ids, &e[i].id));
  }
  group.count = n;
  qsort(group.slots, n, sizeof *group.slots, compare_slots);
  qq_ids_sort(&reading->ids);
  qq_reading_walk(reading);
  show->print(group.texts, n);
  group.shown += n;
}

void qq_show_in_order(qq_reading *r, qq_show const *what)
{
  size_t n, i;
  reading = r;
  show = what;
  qq_reading_prepare(r, gather, 1);
  qq_reading_walk_named(r);
  r->walk.gone = 0;             /* what goes from here on was there when it was asked for */
  n = genalloc_len(entry, &entries);
  if (n) qsort(genalloc_s(entry, &entries), n, sizeof(entry), compare);
  if (what->top < n) n = (size_t)what->top;
  r->restricted = 1;
  group.all = n;
  qq_view_prepare(r, what, render);
  r->walk.progress = progress;
  for (i = 0; i < n; i += GROUP)
    show_group(genalloc_s(entry, &entries) + i, n - i < GROUP ? n - i : GROUP);
}
