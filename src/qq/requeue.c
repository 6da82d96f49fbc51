#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/output.h>
#include "moving.h"

static qq_requeue *run;

void qq_requeue_print(qq_id const *id)
{
  stralloc out = STRALLOC_ZERO;
  qq_output_token(&out, id);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

/* ---- opening ---- */

static void start_each(qq_requeue *r)
{
  size_t i;
  r->each = calloc(r->batch.count + 1, sizeof *r->each);
  qq_demand_memory(r->each != 0);
  for (i = 0; i < r->batch.count; i++) r->each[i].old = r->batch.ids[i];
}

static void open_all(qq_requeue *r)
{
  qq_placing *const p = &r->placing;
  qq_queue const *const q = &r->batch.reading.queue;
  p->reading = &r->batch.reading;
  p->lock = &r->batch.lock;
  p->data = r;
  p->patience = QQ_PLACING_PATIENCE;
  p->linked = qq_requeue_linked;
  p->failed = qq_requeue_failed;
  p->safe = qq_requeue_safe;
  if (qq_move_source(&r->origin, q->fd) < 0) qq_die_unable(_("unable to look at %s"), q->path);
  qq_demand_memory(stralloc_0(&r->origin));
  qq_placing_open(p, r->origin.s, 1);
  qq_reading_settings(p->reading, &r->settings);
  r->how.queuelifetime = qq_batch_queuelifetime(&r->batch);
  qq_batch_lock(&r->batch);
  qq_placing_need_qmail_send(p);
  r->how.is_online = 1;
  r->how.daemon = r->batch.lock.daemon;
}

/* ---- what an interrupted run has placed ---- */

static int is_there(qq_pin const *pin)
{
  return (pin->state == QQ_STATE_NEW || pin->state == QQ_STATE_PREPROCESSED)
    && !qq_queue_is_over(pin->shard->queue, pin->owner);
}

/* Where the new one is, that an interrupted run had written. */
typedef enum { DAMAGED = -1, NONE, UNLINKED, LINKED } place;

/* Of an old one that is not marked nothing can have been delivered anew: it is placed again, but
   for one that is linked already. One that was not linked is taken away, as its old one may have
   been released since; not that of an old one that is marked, and cannot have been. */
static place find_new(qq_ledger_entry const *known, int is_marked, stralloc *why)
{
  qq_shard *const shard = &run->placing.shard;
  struct stat st;
  qq_pin pin;
  int r;
  if (known->is_placed) return LINKED;
  r = is_marked ? 0 : qq_place_undo(shard, &known->id, why);
  if (r) return r < 0 ? DAMAGED : NONE;
  r = qq_pin_message(&pin, shard, &known->id, why);
  if (r < 1) return r < 0 ? DAMAGED : is_marked ? LINKED : NONE;
  qq_unpin(&pin);
  if (is_there(&pin)) return LINKED;
  if (!is_marked) return NONE;          /* taken away by half */
  return qq_shard_has(shard, QQ_INTD, known->id.id, &st) > 0 ? UNLINKED : LINKED;
}

/* Its birth is what releasing makes it. */
static qq_arrival arrival_of(qq_requeued *e, qq_ledger_entry const *known)
{
  qq_arrival a = QQ_ARRIVAL_ZERO;
  e->new = known->id;
  a.source = e->old;
  a.id = e->new;
  a.info.has_birth = 1;
  a.info.birth = e->old.stamp;
  a.is_linked = 1;
  return a;
}

/* The old one has ended, or is about to. */
static qq_outcome finish_ended(qq_requeued *e, stralloc *why)
{
  qq_ledger_entry *const known = qq_ledger_find(&run->placing.ledger, &e->old);
  place const new = known ? find_new(known, 0, why) : NONE;
  qq_arrival a;
  if (new == DAMAGED) return QQ_OUTCOME_FAILED;
  if (new != LINKED) return QQ_OUTCOME_GONE;
  a = arrival_of(e, known);
  if (!known->is_placed) {
    if (qq_requeue_hand_over(run, &e->old, &a, why) < 0) return QQ_OUTCOME_UNFINISHED;
    qq_trigger_pull(run->batch.reading.queue.fd);
    qq_placing_sync(&run->placing);
    qq_placing_note(&run->placing, known);
  }
  qq_placing_wait_for(&run->placing, &a);
  qq_requeue_print(&e->new);
  return QQ_OUTCOME_REQUEUED;
}

static qq_outcome find_gone(qq_shard *shard, qq_id const *id, stralloc *why)
{
  (void)shard;
  return finish_ended(&run->each[id - run->batch.ids], why);
}

/* The old one is there, and was placed anew. */
static qq_outcome finish(qq_requeued *e, qq_ledger_entry const *known, place new, stralloc *why)
{
  qq_placing *const p = &run->placing;
  qq_arrival a = arrival_of(e, known);
  a.is_linked = new != UNLINKED;
  if (known->is_placed) {
    e->stage = QQ_REQUEUE_SAFE;
    qq_placing_wait_for(p, &a);
    return QQ_OUTCOME_HELD;
  }
  if (qq_collect_bounce(&a.bounce, &p->shard, e->old.id, why) < 0) return QQ_OUTCOME_UNFINISHED;
  if (run->failed.patterns)
    qq_demand_memory(qq_revive(&a, &run->settings, &run->failed) >= 0);
  e->stage = QQ_REQUEUE_WRITTEN;
  qq_demand_memory(genalloc_append(qq_arrival, &p->batch, &a));
  return QQ_OUTCOME_HELD;
}

/* ---- what is there ---- */

/* What cannot move is found before it is held. */
static qq_outcome examine_fresh(qq_requeued *e, qq_pin const *pin, stralloc *why)
{
  qq_arrival a = QQ_ARRIVAL_ZERO;
  qq_outcome outcome;
  qq_message m;
  if (pin->state == QQ_STATE_NEW) {
    if (e->was_held || run->failed.patterns || genalloc_len(qq_readdress, &run->readdress))
      return QQ_OUTCOME_WAITING;
    qq_requeue_print(&e->old);
    return QQ_OUTCOME_UNCHANGED;
  }
  qq_message_init(&m, &run->placing.shard, 0);
  outcome = qq_requeue_collect(run, &m, &e->old, &a, why);
  qq_message_free(&m);
  if (outcome == QQ_OUTCOME_HELD) e->stage = QQ_REQUEUE_FOUND;
  stralloc_free(&a.envelope);
  stralloc_free(&a.bounce);
  return outcome;
}

static qq_outcome examine(qq_pin *pin, stralloc *why)
{
  qq_requeued *const e = &run->each[pin->number];
  int const is_marked = qq_pin_removal(pin) == QQ_REMOVAL_UNDER_WAY;
  qq_ledger_entry *known;
  place new;
  e->old.stamp = pin->stamp;
  e->was_held = qq_queue_holds(pin->shard->queue, pin->owner);
  if (!is_there(pin)) return finish_ended(e, why);
  known = qq_ledger_find(&run->placing.ledger, &e->old);
  new = known ? find_new(known, is_marked, why) : NONE;
  if (new == DAMAGED) return QQ_OUTCOME_FAILED;
  return new == NONE ? examine_fresh(e, pin, why) : finish(e, known, new, why);
}

static qq_outcome hold(qq_pin *pin, stralloc *why)
{
  qq_outcome const outcome = qq_hold_message(pin, &run->how, why);
  if (outcome == QQ_OUTCOME_HELD) run->each[pin->number].stage = QQ_REQUEUE_HELD;
  return outcome;
}

static void hold_all(qq_requeue *r)
{
  qq_batch *const b = &r->batch;
  size_t i;
  for (i = 0; i < b->count; i++) {
    if (r->each[i].stage != QQ_REQUEUE_FOUND) continue;
    b->outcomes[i] = QQ_OUTCOME_WAITING;
    b->stamps[i] = r->each[i].old.stamp;
  }
  qq_batch_apply(b, hold, QQ_HOLD_GRACE, 1,
    _("is past its lifetime, and qmail-send was stopped meanwhile"));
}

void qq_requeue_run(qq_requeue *r)
{
  run = r;
  qq_batch_start(&r->batch);
  if (!r->batch.count) return;
  r->batch.gone = find_gone;
  start_each(r);
  open_all(r);
  qq_batch_apply(&r->batch, examine, QQ_BATCH_PAUSE, QQ_BATCH_TRIES,
    _("is not preprocessed yet"));
  hold_all(r);
  qq_requeue_place(r);
}
