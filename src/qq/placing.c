#include <errno.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/when.h>
#include "moving.h"

/* Between two looks at what qmail-send has preprocessed, and for each message that is looked at: so
   that qmail-send, and not looking, has most of the time. */
#define PAUSE (20 * UINT64_C(1000000))
#define PAUSE_EACH UINT64_C(20000)

/* What qmail-send may be away: two hours less than after which it reaps what has no todo. */
#define SURE (QQ_OSSIFIED - 7200)

/* The ledger is among what qctl keeps, and made as that is. */
void qq_placing_open(qq_placing *p, char const *origin, int is_own)
{
  qq_site *const site = &p->reading->site;
  if (!*site->home.s) qq_die(QQ_EXIT_USAGE,
    _("the home of %s, which has the ledger, is not known: give both --queue and --home"),
    p->reading->queue.path);
  qq_reading_open_home(p->reading);
  if (site->store.fd < 0) {
    qq_demand(qq_store_lock(&site->store, &p->why), &p->why);
    fd_close(site->store.lock_fd);
  }
  qq_demand_done(qq_ledger_open(&p->ledger, site->store.fd, origin, is_own, &p->why), &p->why);
  qq_place_sweep(&p->reading->queue);
  p->queuelifetime = qq_reading_queuelifetime(p->reading);
  qq_demand_memory(qq_shard_init(&p->shard, &p->reading->queue) > 0);
}

void qq_placing_need_qmail_send(qq_placing const *p)
{
  if (p->lock->way != QQ_ONLINE) qq_die(QQ_EXIT_TROUBLE,
    _("qmail-send does not run on %s, and only it can take messages in: start it first"),
    p->reading->queue.path);
}

void qq_placing_go_on(qq_placing *p)
{
  qq_demand(qq_queue_lock_go_on(p->lock, &p->reading->queue, &p->why), &p->why);
}

void qq_placing_sync(qq_placing const *p)
{
  if (qq_os_syncfs(p->reading->queue.fd) < 0)
    qq_die_unable(_("unable to sync %s"), p->reading->queue.path);
}

int qq_placing_must_have_been(qq_ledger_entry const *e)
{
  uint64_t const now = qq_now() / QQ_SECOND;
  return now >= e->when && now - e->when < SURE;
}

static void write_ledger(qq_placing *p)
{
  if (qq_ledger_write(&p->ledger) < 0)
    qq_die_unable(_("unable to write %s/%s"), p->reading->site.home.s, QQ_NAME_LEDGER);
}

static void free_arrival(qq_arrival *a)
{
  stralloc_free(&a->envelope);
  stralloc_free(&a->bounce);
}

static void fail(qq_placing *p, qq_arrival const *a)
{
  p->failed(p->data, a, &p->why);
  p->why.len = 0;
}

void qq_placing_add(qq_placing *p, qq_arrival const *a, char const *digest)
{
  qq_ledger_entry e = { a->source, a->id, qq_now() / QQ_SECOND, { 0 }, 0, 0, 0 };
  qq_arrival added = *a;
  memcpy(e.digest, digest, sizeof e.digest);
  qq_demand_memory(qq_ledger_add(&p->ledger, &e));
  stralloc_free(&added.envelope);
  qq_demand_memory(genalloc_append(qq_arrival, &p->batch, &added));
}

void qq_placing_wait_for(qq_placing *p, qq_arrival const *a)
{
  qq_demand_memory(genalloc_append(qq_arrival, &p->waiting, a));
}

void qq_placing_note(qq_placing *p, qq_ledger_entry *e)
{
  if (e->is_placed) return;
  qq_demand_memory(qq_ledger_placed(&p->ledger, e));
  write_ledger(p);
}

/* ---- a batch ---- */

static int link_one(qq_placing *p, qq_arrival *a)
{
  if (!a->is_linked && qq_place_link(a, &p->shard, &p->why) < 0) return -1;
  return p->linked ? p->linked(p->data, a, &p->why) : 1;
}

/* What cannot be linked has failed. */
static void link_all(qq_placing *p)
{
  size_t const n = genalloc_len(qq_arrival, &p->batch);
  qq_arrival *const a = genalloc_s(qq_arrival, &p->batch);
  size_t i, kept = 0;
  for (i = 0; i < n; i++) {
    if (link_one(p, &a[i]) > 0) a[kept++] = a[i];
    else {
      fail(p, &a[i]);
      free_arrival(&a[i]);
    }
  }
  genalloc_setlen(qq_arrival, &p->batch, kept);
}

static void note_all(qq_placing *p)
{
  size_t const n = genalloc_len(qq_arrival, &p->batch);
  qq_arrival const *const a = genalloc_s(qq_arrival, &p->batch);
  size_t i;
  for (i = 0; i < n; i++)
    qq_demand_memory(qq_ledger_placed(&p->ledger, qq_ledger_find(&p->ledger, &a[i].source)));
  write_ledger(p);
  p->safe(p->data, a, n, 0);
  qq_demand_memory(!n || genalloc_catb(qq_arrival, &p->waiting, a, n));
}

/* What is settled comes behind what goes on waiting. Returns how many go on. */
static size_t settle_each(qq_placing *p, qq_arrival *a, size_t n)
{
  size_t i, waiting = 0;
  for (i = 0; i < n; i++) {
    qq_arrival const arrival = a[i];
    int const r = qq_place_settle(&a[i], &p->shard, p->queuelifetime, &p->why);
    if (r < 0) {
      fail(p, &arrival);
      a[i].is_settled = 0;
      a[i].bounce.len = 0;      /* it is not safe */
    }
    if (r) continue;
    a[i] = a[waiting];
    a[waiting++] = arrival;
  }
  return waiting;
}

/* Looks once at each that waits. */
static void settle(qq_placing *p)
{
  size_t const n = genalloc_len(qq_arrival, &p->waiting);
  qq_arrival *const a = genalloc_s(qq_arrival, &p->waiting);
  size_t const waiting = settle_each(p, a, n);
  size_t i;
  if (waiting == n) return;
  qq_placing_sync(p);
  p->safe(p->data, a + waiting, n - waiting, 1);
  for (i = waiting; i < n; i++) free_arrival(&a[i]);
  genalloc_setlen(qq_arrival, &p->waiting, waiting);
}

void qq_placing_commit(qq_placing *p)
{
  if (!genalloc_len(qq_arrival, &p->batch)) return;
  qq_placing_sync(p);
  write_ledger(p);
  link_all(p);
  qq_trigger_pull(p->reading->queue.fd);
  qq_placing_sync(p);
  note_all(p);
  genalloc_setlen(qq_arrival, &p->batch, 0);
  settle(p);
}

/* ---- at the end ---- */

size_t qq_placing_settle_all(qq_placing *p)
{
  uint64_t last = qq_now();
  size_t n = genalloc_len(qq_arrival, &p->waiting);
  while (n && qq_now() - last < p->patience && qq_queue_is_read(&p->reading->queue, &p->why) > 0) {
    size_t const before = n;
    qq_placing_go_on(p);
    settle(p);
    qq_queue_lock_pause(p->lock);
    n = genalloc_len(qq_arrival, &p->waiting);
    if (n < before) last = qq_now();
    if (n) qq_sleep(PAUSE + n * PAUSE_EACH);
  }
  return n;
}
