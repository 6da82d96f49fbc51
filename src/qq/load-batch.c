#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/output.h>
#include <qq/when.h>
#include "stream.h"

/* Between two looks at what qmail-send has preprocessed. */
#define PAUSE (20 * UINT64_C(1000000))

/* What qmail-send may be away: two hours less than after which it reaps what has no todo. */
#define SURE (QQ_OSSIFIED - 7200)

void qq_load_fail(qq_load *l)
{
  char token[QQ_ID_FMT];
  token[qq_id_format(token, &l->arrival.source)] = 0;
  qq_trouble(_("failed: %s: %.*s"), token, (int)l->why.len, l->why.s);
  l->why.len = 0;
  l->failed++;
}

/* Prints the tokens of those that are safely here: with a bounce, when it is beside it; without
   one, when it is in todo. */
static void print_tokens(qq_arrival const *a, size_t n, int have_bounces)
{
  stralloc out = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < n; i++)
    if (!a[i].bounce.len == !have_bounces) qq_output_token(&out, &a[i].source);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

static void free_arrival(qq_arrival *a)
{
  stralloc_free(&a->envelope);
  stralloc_free(&a->bounce);
}

/* Moves what is read to the list, and makes room for the next. */
static void move_arrival(qq_load *l, genalloc *list)
{
  qq_demand_memory(genalloc_append(qq_arrival, list, &l->arrival));
  l->arrival = (qq_arrival)QQ_ARRIVAL_ZERO;
}

void qq_load_add(qq_load *l)
{
  qq_ledger_entry e = { l->arrival.source, l->arrival.id, qq_now() / QQ_SECOND, { 0 }, 0, 0 };
  memcpy(e.digest, l->digest, sizeof e.digest);
  qq_demand_memory(qq_ledger_add(&l->ledger, &e));
  if (!genalloc_len(qq_arrival, &l->batch)) l->since = qq_now();
  stralloc_free(&l->arrival.envelope);
  l->bytes += sizeof l->arrival + l->arrival.bounce.len;
  move_arrival(l, &l->batch);
}

/* ---- committing ---- */

static void go_on(qq_load *l)
{
  qq_demand(qq_queue_lock_go_on(&l->lock, &l->reading.queue, &l->why), &l->why);
}

static void sync_queue(qq_load *l)
{
  if (qq_os_syncfs(l->reading.queue.fd) < 0)
    qq_die_unable(_("unable to sync %s"), l->reading.queue.path);
}

static void write_ledger(qq_load *l)
{
  if (qq_ledger_write(&l->ledger) < 0)
    qq_die_unable(_("unable to write %s/%s"), l->reading.site.home.s, QQ_NAME_LEDGER);
}

/* What cannot be linked has failed. */
static void link_all(qq_load *l)
{
  size_t const n = genalloc_len(qq_arrival, &l->batch);
  qq_arrival *const a = genalloc_s(qq_arrival, &l->batch);
  size_t i, kept = 0;
  for (i = 0; i < n; i++) {
    if (qq_place_link(&a[i], &l->shard, &l->why) > 0) a[kept++] = a[i];
    else {
      l->arrival.source = a[i].source;
      qq_load_fail(l);
      free_arrival(&a[i]);
    }
  }
  genalloc_setlen(qq_arrival, &l->batch, kept);
}

static void note_all(qq_load *l)
{
  size_t const n = genalloc_len(qq_arrival, &l->batch);
  qq_arrival const *const a = genalloc_s(qq_arrival, &l->batch);
  size_t i;
  for (i = 0; i < n; i++)
    qq_demand_memory(qq_ledger_placed(&l->ledger, qq_ledger_find(&l->ledger, &a[i].source)));
  write_ledger(l);
  print_tokens(a, n, 0);
  l->placed += n;
  qq_demand_memory(!n || genalloc_catb(qq_arrival, &l->waiting, a, n));
}

/* What is settled comes behind what goes on waiting. Returns how many go on. */
static size_t settle_each(qq_load *l, qq_arrival *a, size_t n)
{
  size_t i, waiting = 0;
  for (i = 0; i < n; i++) {
    qq_arrival const arrival = a[i];
    int const r = qq_place_settle(&a[i], &l->shard, l->queuelifetime, &l->why);
    if (r < 0) {
      l->arrival.source = arrival.source;
      qq_load_fail(l);
      a[i].is_settled = 0;
      a[i].bounce.len = 0;      /* its token is not printed */
    }
    if (r) continue;
    a[i] = a[waiting];
    a[waiting++] = arrival;
  }
  return waiting;
}

/* Looks once at each that waits. */
static void settle(qq_load *l)
{
  size_t const n = genalloc_len(qq_arrival, &l->waiting);
  qq_arrival *const a = genalloc_s(qq_arrival, &l->waiting);
  size_t const waiting = settle_each(l, a, n);
  size_t i;
  if (waiting == n) return;
  sync_queue(l);
  print_tokens(a + waiting, n - waiting, 1);
  for (i = waiting; i < n; i++) free_arrival(&a[i]);
  genalloc_setlen(qq_arrival, &l->waiting, waiting);
}

void qq_load_commit(qq_load *l)
{
  if (!genalloc_len(qq_arrival, &l->batch)) return;
  go_on(l);
  sync_queue(l);
  write_ledger(l);
  link_all(l);
  qq_trigger_pull(l->reading.queue.fd);
  sync_queue(l);
  note_all(l);
  genalloc_setlen(qq_arrival, &l->batch, 0);
  l->bytes = 0;
  settle(l);
  qq_queue_lock_pause(&l->lock);
}

/* ---- what the ledger has ---- */

static void here(qq_load *l, qq_ledger_entry *e)
{
  if (!e->is_placed) {
    qq_demand_memory(qq_ledger_placed(&l->ledger, e));
    write_ledger(l);
  }
  print_tokens(&l->arrival, 1, 0);
  l->known++;
  move_arrival(l, &l->waiting);
}

static void cannot_know(qq_load *l)
{
  qq_refuse(&l->why, ESRCH, "%s", _("an interrupted run was about to place it more than a day "
    "ago, and it is not here: it was delivered since, or never placed; see the log, and, if it is "
    "to come again, take its lines out of the ledger"));
  qq_load_fail(l);
}

/* What lies in mess/ without todo and info was not linked yet. */
static void finish(qq_load *l, qq_ledger_entry *e, qq_pin const *pin)
{
  int const was_linked = pin->state == QQ_STATE_NEW || pin->state == QQ_STATE_PREPROCESSED
    || qq_queue_is_over(&l->reading.queue, pin->owner);
  if (!was_linked && qq_place_link(&l->arrival, &l->shard, &l->why) < 0) qq_load_fail(l);
  else {
    sync_queue(l);
    qq_trigger_pull(l->reading.queue.fd);
    here(l, e);
  }
}

void qq_load_known(qq_load *l, qq_ledger_entry *e)
{
  uint64_t const now = qq_now() / QQ_SECOND;
  qq_pin pin;
  int r;
  if (strcmp(e->digest, l->digest)) {
    qq_refuse(&l->why, EPROTO, "%s", _("came before, with another body"));
    qq_load_fail(l);
    return;
  }
  l->arrival.id = e->id;
  go_on(l);
  r = e->is_placed ? 0 : qq_pin_message(&pin, &l->shard, &e->id, &l->why);
  if (r > 0) {
    finish(l, e, &pin);
    qq_unpin(&pin);
  }
  else if (r < 0) qq_load_fail(l);
  else if (e->is_placed || (now >= e->when && now - e->when < SURE)) here(l, e);
  else cannot_know(l);
  qq_queue_lock_pause(&l->lock);
}

/* ---- at the end ---- */

/* Nothing has been preprocessed for so long. */
#define PATIENCE (30 * QQ_SECOND)

void qq_load_settle_all(qq_load *l)
{
  uint64_t const patience = l->timeout ? l->timeout : PATIENCE;
  uint64_t last = qq_now();
  size_t n = genalloc_len(qq_arrival, &l->waiting);
  while (n && qq_now() - last < patience && qq_queue_is_read(&l->reading.queue, &l->why) > 0) {
    size_t before = n;
    go_on(l);
    settle(l);
    qq_queue_lock_pause(&l->lock);
    n = genalloc_len(qq_arrival, &l->waiting);
    if (n < before) last = qq_now();
    if (n) qq_sleep(PAUSE);
  }
  l->unsettled = n;
}
