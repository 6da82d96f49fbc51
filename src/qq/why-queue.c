/* What waits in the queue. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include "why.h"

qq_why qq_why_is = { .begins = QQ_LOG_UNKNOWN };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t oldest;

static int look_at_age(void *unused, qq_message *m)
{
  int const r = qq_message_stat(m);
  (void)unused;
  if (r != 1 || m->over) return r;
  pthread_mutex_lock(&mutex);
  if (m->stamp < oldest) oldest = m->stamp;
  pthread_mutex_unlock(&mutex);
  return 1;
}

uint64_t qq_why_oldest(void)
{
  qq_walk *walk = &qq_why_is.reading.walk;
  oldest = QQ_LOG_UNKNOWN;
  qq_reading_prepare(&qq_why_is.reading, look_at_age, 1);
  walk->trouble = 0;
  walk->progress = 0;
  qq_reading_walk(&qq_why_is.reading);
  return oldest;
}

/* qsutil.c:logsafe. */
static void make_logged(char *s, size_t n)
{
  size_t i;
  for (i = 0; i < n; i++) {
    unsigned char const c = (unsigned char)s[i];
    if (c == '\n') s[i] = '/';
    else if (c < 33 || c > 126 || c == '%') s[i] = '_';
  }
}

/* Two copies of the address: as it is, and as logged. */
static void fill(qq_waiting *w, qq_message const *m, qq_recipient const *r)
{
  qq_piece const plain = qq_recipient_plain(m, r);
  char const *from = qq_recipient_address(m, r);
  char *s = malloc(2 * r->length + 1);
  qq_demand_memory(s != 0);
  memcpy(s, from, r->length);
  memcpy(s + r->length, from, r->length);
  make_logged(s + r->length, r->length);
  w->address.s = s;
  w->logged.s = s + r->length;
  w->address.n = w->logged.n = r->length;
  w->plain.s = s + (plain.s - from);
  w->plain.n = plain.n;
  w->channel = r->channel;
  w->first = w->last = w->under_way_since = w->next = QQ_LOG_UNKNOWN;
}

/* When each channel is due, once. */
static void set_next(qq_why_message *w, qq_message *m)
{
  unsigned int const channels = qq_why_is.reading.queue.channels;
  uint64_t due;
  unsigned int c;
  size_t i;
  for (c = 0; c < channels; c++) {
    if (!qq_message_undelivered(m, c) || !qq_show_due(&qq_why_is.show, m, c, &due)) continue;
    for (i = 0; i < w->count; i++)
      if (w->recipients[i].channel == (int)c) w->recipients[i].next = due;
  }
}

static void keep(qq_message *m)
{
  qq_recipient const *r = genalloc_s(qq_recipient, &m->recipients);
  qq_recipient const *const end = r + genalloc_len(qq_recipient, &m->recipients);
  qq_why_message *w = calloc(1, sizeof *w);
  qq_demand_memory(w != 0);
  w->id = qq_message_id(m);
  w->qp = m->received.qp;
  w->recipients = calloc((size_t)(end - r) + 1, sizeof *w->recipients);
  qq_demand_memory(w->recipients != 0);
  for (; r < end; r++) {
    if (r->done) continue;
    w->recipients[w->count].message = w;
    fill(&w->recipients[w->count++], m, r);
  }
  if (!m->is_new) set_next(w, m);
  pthread_mutex_lock(&mutex);
  if (m->stamp < oldest) oldest = m->stamp;
  qq_demand_memory(genalloc_append(qq_why_message *, &qq_why_is.messages, &w));
  pthread_mutex_unlock(&mutex);
}

static int visit(void *unused, qq_message *m)
{
  int r = qq_message_pin(m);
  (void)unused;
  if (r != 1) return r;
  if (m->over) {
    qq_id const id = qq_message_id(m);
    if (qq_why_is.reading.restricted) qq_reading_warn_gone(&id);
    return 1;
  }
  r = qq_message_state(m);
  if (r == 1) r = qq_message_recipients(m);
  if (r == 1) r = qq_message_received(m);
  if (r == 1) keep(m);
  return r;
}

static int compare(void const *a, void const *b)
{
  uint64_t const x = (*(qq_why_message *const *)a)->id.id, y = (*(qq_why_message *const *)b)->id.id;
  return x < y ? -1 : x > y;
}

uint64_t qq_why_read_queue(void)
{
  genalloc *all = &qq_why_is.messages;
  oldest = QQ_LOG_UNKNOWN;
  qq_reading_prepare(&qq_why_is.reading, visit, 1);
  qq_reading_walk_named(&qq_why_is.reading);
  if (all->len)
    qsort(all->s, genalloc_len(qq_why_message *, all), sizeof(qq_why_message *), compare);
  return oldest;
}

qq_why_message *qq_why_find(uint64_t number)
{
  genalloc const *all = &qq_why_is.messages;
  qq_why_message key, *wanted = &key, **at;
  key.id.id = number;
  if (!all->len) return 0;
  at = bsearch(&wanted, all->s, genalloc_len(qq_why_message *, all), sizeof wanted, compare);
  return at ? *at : 0;
}
