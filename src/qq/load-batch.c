#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/output.h>
#include <qq/when.h>
#include "moving.h"

void qq_load_failed(void *load, qq_arrival const *a, stralloc const *why)
{
  char token[QQ_ID_FMT];
  token[qq_id_format(token, &a->source)] = 0;
  qq_trouble(_("failed: %s: %.*s"), token, (int)why->len, why->s);
  ((qq_load *)load)->failed++;
}

void qq_load_fail(qq_load *l)
{
  qq_load_failed(l, &l->arrival, &l->placing.why);
  l->placing.why.len = 0;
}

/* With a bounce, when it is beside it; without one, when it is in todo. */
void qq_load_print(void *load, qq_arrival const *a, size_t n, int have_bounces)
{
  stralloc out = STRALLOC_ZERO;
  size_t i;
  (void)load;
  for (i = 0; i < n; i++)
    if (!a[i].bounce.len == !have_bounces) qq_output_token(&out, &a[i].source);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

/* Makes room for the next. */
static void let_arrival_go(qq_load *l)
{
  l->arrival = (qq_arrival)QQ_ARRIVAL_ZERO;
}

void qq_load_add(qq_load *l)
{
  if (!genalloc_len(qq_arrival, &l->placing.batch)) l->since = qq_now();
  l->bytes += sizeof l->arrival + l->arrival.bounce.len;
  qq_placing_add(&l->placing, &l->arrival, l->digest);
  let_arrival_go(l);
}

void qq_load_commit(qq_load *l)
{
  size_t const n = genalloc_len(qq_arrival, &l->placing.batch);
  uint64_t const failed = l->failed;
  if (!n) return;
  qq_placing_go_on(&l->placing);
  qq_placing_commit(&l->placing);
  qq_queue_lock_pause(&l->lock);
  l->placed += n - (l->failed - failed);
  l->bytes = 0;
}

/* ---- what the ledger has ---- */

static void here(qq_load *l, qq_ledger_entry *e)
{
  qq_placing_note(&l->placing, e);
  qq_load_print(l, &l->arrival, 1, 0);
  l->known++;
  qq_placing_wait_for(&l->placing, &l->arrival);
  let_arrival_go(l);
}

static void cannot_know(qq_load *l)
{
  qq_refuse(&l->placing.why, ESRCH, "%s", _("an interrupted run was about to place it more than a "
    "day ago, and it is not here: it was delivered since, or never placed; see the log, and, if it "
    "is to come again, take its lines out of the ledger"));
  qq_load_fail(l);
}

/* What lies in mess/ without todo and info was not linked yet. */
static void finish(qq_load *l, qq_ledger_entry *e, qq_pin const *pin)
{
  qq_placing *const p = &l->placing;
  int const was_linked = pin->state == QQ_STATE_NEW || pin->state == QQ_STATE_PREPROCESSED
    || qq_queue_is_over(&l->reading.queue, pin->owner);
  if (!was_linked && qq_place_link(&l->arrival, &p->shard, &p->why) < 0) qq_load_fail(l);
  else {
    qq_placing_sync(p);
    qq_trigger_pull(l->reading.queue.fd);
    here(l, e);
  }
}

void qq_load_known(qq_load *l, qq_ledger_entry *e)
{
  qq_placing *const p = &l->placing;
  qq_pin pin;
  int r;
  if (strcmp(e->digest, l->digest)) {
    qq_refuse(&p->why, EPROTO, "%s", _("came before, with another body"));
    qq_load_fail(l);
    return;
  }
  l->arrival.id = e->id;
  qq_placing_go_on(p);
  r = e->is_placed ? 0 : qq_pin_message(&pin, &p->shard, &e->id, &p->why);
  if (r > 0) {
    finish(l, e, &pin);
    qq_unpin(&pin);
  }
  else if (r < 0) qq_load_fail(l);
  else if (e->is_placed || qq_placing_must_have_been(e)) here(l, e);
  else cannot_know(l);
  qq_queue_lock_pause(&l->lock);
}
