#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/lock.h>
#include <qq/os.h>
#include <qq/server.h>
#include <qq/when.h>
#include "batch.h"

/* Messages between two looks at the clock for the progress. */
#define STRIDE 256

void qq_batch_start(qq_batch *b)
{
  signal(SIGPIPE, SIG_IGN);     /* what has been begun is brought to its end, whoever listens */
  qq_reading_open(&b->reading);
  qq_named(&b->reading.ids);
  qq_ids_sort(&b->reading.ids);
  b->ids = genalloc_s(qq_id, &b->reading.ids);
  b->count = genalloc_len(qq_id, &b->reading.ids);
  b->outcomes = malloc(b->count + 1);
  b->stamps = calloc(b->count + 1, sizeof *b->stamps);  /* no page before it is needed */
  qq_demand_memory(b->outcomes && b->stamps);
  memset(b->outcomes, QQ_OUTCOME_WAITING, b->count);
}

uint64_t qq_batch_queuelifetime(qq_batch const *b)
{
  char const *home = b->reading.site.home.s;
  uint64_t seconds;
  if (!*home)
    qq_die(QQ_EXIT_USAGE, _("the home of %s is not known, which has control/queuelifetime: give "
      "both --queue and --home"), b->reading.queue.path);
  if (qq_home_queuelifetime(home, &seconds) < 0)
    qq_die_unable(_("unable to read %s/control/queuelifetime"), home);
  return seconds;
}

void qq_batch_tell_wait(pid_t holder)
{
  char const *name = qq_program_in_charge()->name;
  if (holder) qq_note(_("%s: waiting for process %ld, which is changing this queue"), name,
    (long)holder);
  else qq_note(_("%s: waiting for another program, which is changing this queue"), name);
}

void qq_batch_release(qq_queue_lock *l)
{
  if (qq_queue_lock_release(l)) qq_warn("%s", _("a qmail-send could not start while the queue was "
    "being changed; the qmail-todo that it left was told to end"));
}

void qq_batch_lock(qq_batch *b)
{
  qq_queue const *q = &b->reading.queue;
  stralloc why = STRALLOC_ZERO;
  b->lock.waits_for = qq_batch_tell_wait;
  if (!q->split_is_certain)
    qq_die(QQ_EXIT_TROUBLE, _("the split of %s is uncertain: its directories disagree and no "
      "message decides; nothing was done"), q->path);
  if ((b->dry_run ? qq_queue_lock_probe : qq_queue_lock_take)(&b->lock, q, &why) < 0)
    qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
}

void qq_batch_trouble(qq_outcome outcome, char const *s, size_t n)
{
  if (outcome == QQ_OUTCOME_UNCHANGED) qq_warn("%.*s", (int)n, s);
  else qq_trouble("%s: %.*s", qq_outcome_word(outcome), (int)n, s);
}

/* What one thread does: a share of the split directories. */
typedef struct hand {
  qq_batch *batch;
  qq_batch_act *act;
  unsigned int number, of;      /* which share, of how many */
  qq_shard shard;
} hand;

/* A bare id means the message that had it when it was first looked at: the one that waits is asked
   about again by its stamp. */
static qq_outcome do_one(hand *h, size_t i, stralloc *why)
{
  qq_batch *b = h->batch;
  qq_id const meant = { b->ids[i].id, b->stamps[i] ? b->stamps[i] : b->ids[i].stamp };
  qq_outcome outcome;
  qq_pin pin;
  int const r = b->lock.way == QQ_ONLINE ? qq_pin_online(&pin, &h->shard, &meant, why)
    : qq_pin_message(&pin, &h->shard, &meant, why);
  if (!r && b->gone) return b->gone(&h->shard, &b->ids[i], why);
  if (r != 1) return r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  pin.number = i;
  outcome = h->act(&pin, why);
  if (outcome == QQ_OUTCOME_WAITING) b->stamps[i] = pin.stamp;
  qq_unpin(&pin);
  return outcome;
}

/* Goes over its share of the messages that wait. */
static void go_over(void *p)
{
  hand *h = p;
  qq_batch *b = h->batch;
  stralloc why = STRALLOC_ZERO;
  size_t done = 0, i;
  qq_by_directory each;
  qq_by_directory_begin(&each, &b->reading.queue, b->ids, b->count);
  qq_by_directory_share(&each, h->number, h->of);
  while (qq_by_directory_next(&each, &i)) {
    /* one thread speaks for all: their shares are alike */
    if (++done % STRIDE == 0 && !h->number) qq_progress(done * h->of, b->count, done * h->of);
    if (b->outcomes[i] != QQ_OUTCOME_WAITING) continue;
    b->outcomes[i] = (unsigned char)do_one(h, i, &why);
    if (why.len) qq_batch_trouble((qq_outcome)b->outcomes[i], why.s, why.len);
    why.len = 0;
  }
  stralloc_free(&why);
}

static hand *make_hands(qq_batch *b, qq_batch_act *act, unsigned int of)
{
  hand *h = calloc(of, sizeof *h);
  unsigned int i;
  qq_demand_memory(h != 0);
  for (i = 0; i < of; i++) {
    h[i] = (hand){ .batch = b, .act = act, .number = i, .of = of };
    qq_demand_memory(qq_shard_init(&h[i].shard, &b->reading.queue) > 0);
  }
  return h;
}

static void give_up(qq_batch *b, char const *text)
{
  size_t i;
  for (i = 0; i < b->count; i++) {
    if (b->outcomes[i] != QQ_OUTCOME_WAITING) continue;
    b->outcomes[i] = QQ_OUTCOME_UNFINISHED;
    qq_trouble(_("unfinished: message %llu: %s"), (unsigned long long)b->ids[i].id, text);
  }
}

/* Waits for qmail-send, and lets others change the queue meanwhile. Returns 1; 0: it does not run
   any more; -1: another run has the queue, and keeps it. */
static int wait_unlocked(qq_batch *b, uint64_t pause)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  qq_queue_lock_pause(&b->lock);
  qq_sleep(pause);
  r = qq_queue_lock_go_on(&b->lock, &b->reading.queue, &why);
  if (r < 0 && errno == EAGAIN) r = 0;
  if (r < 0) qq_trouble("%.*s", (int)why.len, why.s);
  stralloc_free(&why);
  return r;
}

void qq_batch_apply(qq_batch *b, qq_batch_act *act, uint64_t pause, unsigned int tries,
  char const *text)
{
  unsigned int const jobs = b->jobs ? b->jobs : 1;
  hand *hands = make_hands(b, act, jobs);
  int runs = b->lock.way == QQ_ONLINE;
  unsigned int i;
  qq_threads_run(hands, jobs, sizeof *hands, go_over);
  for (i = 0; runs > 0 && i < tries && qq_batch_count(b, QQ_OUTCOME_WAITING); i++) {
    if (!i) qq_trigger_pull(b->reading.queue.fd);
    runs = wait_unlocked(b, pause);
    if (runs >= 0) qq_threads_run(hands, jobs, sizeof *hands, go_over);
  }
  give_up(b, text);
  qq_progress_hide();
  for (i = 0; i < jobs; i++) qq_shard_free(&hands[i].shard);
  free(hands);
}

void qq_batch_unlock(qq_batch *b)
{
  if (qq_os_syncfs(b->reading.queue.fd) < 0)
    qq_die_unable(_("unable to sync %s"), b->reading.queue.path);
  qq_batch_release(&b->lock);
}

void qq_batch_run(qq_batch *b, qq_batch_act *act, uint64_t pause, unsigned int tries,
  char const *text)
{
  qq_batch_lock(b);
  qq_batch_apply(b, act, pause, b->dry_run ? 0 : tries, text);
  if (!b->dry_run) qq_batch_unlock(b);
}

void qq_batch_flush(qq_batch *b, qq_outcome outcome)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  if (b->lock.way != QQ_ONLINE || !qq_batch_count(b, outcome)) return;
  r = qq_server_request_at(b->reading.queue.fd, b->reading.site.home.s, QQ_ORDER_FLUSH, &why);
  if (r < 0) qq_trouble("%.*s", (int)why.len, why.s);
  else if (!r) qq_trouble("%s", _("unable to signal qmail-send: its process was not found"));
  stralloc_free(&why);
}
