#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <qq/change.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/server.h>
#include <qq/text.h>
#include <qq/threads.h>
#include <qq/when.h>
#include "batch.h"

/* Messages between two looks at the clock for the progress. */
#define STRIDE 256

void qq_change_start(qq_change *c)
{
  size_t count;
  signal(SIGPIPE, SIG_IGN);     /* what has been begun is brought to its end, whoever listens */
  qq_reading_open(&c->reading);
  qq_named(&c->reading.ids);
  qq_ids_sort(&c->reading.ids);
  c->reading.restricted = 1;
  count = genalloc_len(qq_id, &c->reading.ids);
  c->outcomes = malloc(count ? count : 1);
  if (!c->outcomes) qq_die_memory();
  memset(c->outcomes, QQ_OUTCOME_WAITING, count);
}

uint64_t qq_change_queuelifetime(qq_change const *c)
{
  uint64_t seconds;
  if (!*c->reading.site.home.s)
    qq_die(QQ_EXIT_USAGE, _("the home of %s is not known, which has control/queuelifetime: give --home"), c->reading.queue.path);
  if (qq_home_queuelifetime(c->reading.site.home.s, &seconds) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/control/queuelifetime: %s"), c->reading.site.home.s, strerror(errno));
  return seconds;
}

static void demand_certain_split(qq_queue const *q)
{
  if (!q->split_is_certain)
    qq_die(QQ_EXIT_TROUBLE, _("the split of %s is uncertain: its directories disagree and no message decides; nothing was done"), q->path);
}

void qq_change_probe(qq_change *c)
{
  qq_queue const *q = &c->reading.queue;
  stralloc why = STRALLOC_ZERO;
  demand_certain_split(q);
  if (qq_queue_lock_probe(&c->changing, q, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  stralloc_free(&why);
}

void qq_change_begin(qq_change *c)
{
  qq_queue const *q = &c->reading.queue;
  stralloc why = STRALLOC_ZERO;
  demand_certain_split(q);
  if (qq_queue_lock_take(&c->changing, q, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
}

void qq_change_trouble(qq_outcome outcome, char const *s, size_t n)
{
  if (outcome == QQ_OUTCOME_UNCHANGED) qq_warn("%.*s", (int)n, s);
  else qq_trouble("%s: %.*s", qq_outcome_word(outcome), (int)n, s);
}

/* A bare id means the message that had it when it was first looked at: the one that waits is asked
   about again by its stamp. */
static void remember(qq_change *c, size_t i, uint64_t stamp)
{
  size_t const count = genalloc_len(qq_id, &c->reading.ids);
  size_t k;
  if (!c->stamps) {
    c->stamps = malloc(count * sizeof *c->stamps);
    if (!c->stamps) qq_die_memory();
    for (k = 0; k < count; k++) c->stamps[k] = QQ_UNSTAMPED;
  }
  c->stamps[i] = stamp;
}

/* What one thread does: a share of the split directories. */
typedef struct hand {
  qq_change *change;
  qq_change_one *one;
  void *p;
  unsigned int number, of;      /* which share, of how many */
  qq_shard shard;
  size_t waiting;               /* messages that have to be asked about again */
} hand;

static qq_outcome do_one(hand *h, size_t i, stralloc *why)
{
  qq_change *c = h->change;
  qq_id const *id = &genalloc_s(qq_id, &c->reading.ids)[i];
  qq_id meant = *id;
  qq_outcome outcome;
  qq_pin pin;
  int r;
  if (c->stamps && c->stamps[i] != QQ_UNSTAMPED) meant.stamp = c->stamps[i];
  r = c->changing.way == QQ_ONLINE ? qq_pin_online(&pin, &h->shard, &meant, why)
    : qq_pin_message(&pin, &h->shard, &meant, why);
  if (!r && c->gone) c->gone(&h->shard, id);
  if (r != 1) return r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  pin.number = i;
  outcome = h->one(h->p, &pin, why);
  if (outcome == QQ_OUTCOME_WAITING) remember(c, i, pin.stamp);
  qq_unpin(&pin);
  return outcome;
}

/* Goes over its share of the messages that wait. */
static void go_over(void *p)
{
  hand *h = p;
  qq_change *c = h->change;
  size_t const count = genalloc_len(qq_id, &c->reading.ids);
  stralloc why = STRALLOC_ZERO;
  size_t done = 0, i;
  qq_by_directory each;
  h->waiting = 0;
  qq_by_directory_begin(&each, &c->reading.queue, genalloc_s(qq_id, &c->reading.ids), count);
  qq_by_directory_share(&each, h->number, h->of);
  while (qq_by_directory_next(&each, &i)) {
    /* one thread speaks for all: their shares are alike */
    if (++done % STRIDE == 0 && !h->number) qq_progress(done * h->of, count, done * h->of);
    if (c->outcomes[i] != QQ_OUTCOME_WAITING) continue;
    c->outcomes[i] = (unsigned char)do_one(h, i, &why);
    if (why.len) qq_change_trouble((qq_outcome)c->outcomes[i], why.s, why.len);
    why.len = 0;
    h->waiting += c->outcomes[i] == QQ_OUTCOME_WAITING;
  }
  stralloc_free(&why);
}

static hand *make_hands(qq_change *c, qq_change_one *one, void *p, unsigned int of)
{
  hand *h = calloc(of, sizeof *h);
  unsigned int i;
  for (i = 0; h && i < of; i++) {
    h[i].change = c;
    h[i].one = one;
    h[i].p = p;
    h[i].number = i;
    h[i].of = of;
    if (qq_shard_init(&h[i].shard, &c->reading.queue) < 0) qq_die_memory();
  }
  if (!h) qq_die_memory();
  return h;
}

/* Goes over the messages that wait. Returns how many still do. */
static size_t go_over_all(hand *h)
{
  unsigned int const of = h->of;
  size_t waiting = 0, i;
  qq_threads_run(h, of, sizeof *h, go_over);
  for (i = 0; i < of; i++) waiting += h[i].waiting;
  return waiting;
}

static void give_up(qq_change *c, char const *text)
{
  qq_id const *ids = genalloc_s(qq_id, &c->reading.ids);
  size_t const count = genalloc_len(qq_id, &c->reading.ids);
  size_t i;
  for (i = 0; i < count; i++) {
    if (c->outcomes[i] != QQ_OUTCOME_WAITING) continue;
    c->outcomes[i] = QQ_OUTCOME_UNFINISHED;
    qq_trouble(_("unfinished: message %llu %s"), (unsigned long long)ids[i].id, text);
  }
}

void qq_change_each(qq_change *c, qq_change_one *one, void *p, uint64_t pause, unsigned int tries, char const *text)
{
  struct timespec const t = { (time_t)(pause / QQ_SECOND), (long)(pause % QQ_SECOND) };
  int const fd = c->reading.queue.fd;
  unsigned int const jobs = c->jobs ? c->jobs : 1;
  hand *hands = make_hands(c, one, p, jobs);
  size_t waiting = go_over_all(hands);
  int runs = c->changing.way == QQ_ONLINE;
  unsigned int i;
  if (waiting && runs && tries) qq_trigger_pull(fd);
  for (; waiting && runs && tries; tries--) {
    nanosleep(&t, 0);
    runs = qq_trigger_has_reader(fd) == 1;
    waiting = go_over_all(hands);
  }
  if (waiting) give_up(c, text);
  qq_progress_hide();
  for (i = 0; i < jobs; i++) qq_shard_free(&hands[i].shard);
  free(hands);
}

void qq_change_end(qq_change *c)
{
  if (qq_os_syncfs(c->reading.queue.fd) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to sync %s: %s"), c->reading.queue.path, strerror(errno));
  qq_queue_lock_release(&c->changing);
}

void qq_change_flush(qq_change *c, qq_outcome outcome)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  if (c->changing.way != QQ_ONLINE || !qq_change_count(c, outcome)) return;
  r = qq_server_request_at(c->reading.queue.fd, c->reading.site.home.s, QQ_ORDER_FLUSH, &why);
  if (r < 0) qq_trouble("%.*s", (int)why.len, why.s);
  else if (!r) qq_trouble("%s", _("unable to signal qmail-send: its process was not found"));
  stralloc_free(&why);
}
