#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/instance.h>
#include <qq/options.h>
#include <qq/remove.h>
#include <qq/when.h>
#include "moving.h"

/* Between two looks at deliveries that are under way. */
#define PAUSE (200 * UINT64_C(1000000))

/* The most that are placed with one pair of syncs. */
#define BATCH 1000

/* The message of that token. */
static qq_requeued *find(qq_requeue *r, qq_id const *id)
{
  size_t low = 0, high = r->batch.count;
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (r->each[middle].old.id < id->id) low = middle + 1;
    else high = middle;
  }
  while (r->each[low].old.stamp != id->stamp) low++;
  return &r->each[low];
}

static void set_outcome(qq_requeue *r, qq_requeued *e, qq_outcome outcome)
{
  r->batch.outcomes[e - r->each] = (unsigned char)outcome;
  e->stage = QQ_REQUEUE_NOWHERE;
}

/* As it was before. */
static void give_back(qq_requeue *r, qq_requeued *e)
{
  stralloc why = STRALLOC_ZERO;
  qq_pin pin;
  int const got = e->was_held ? 0 : qq_pin_online(&pin, &r->placing.shard, &e->old, &why);
  if (got > 0) {
    if (qq_hold_release(&pin, &r->how, &why) == QQ_OUTCOME_FAILED)
      qq_trouble(_("message %llu stays held: %.*s"), (unsigned long long)e->old.id, (int)why.len,
        why.s);
    qq_unpin(&pin);
  }
  stralloc_free(&why);
}

static void settle(qq_requeue *r, qq_requeued *e, qq_outcome outcome, stralloc *why)
{
  if (why->len) qq_batch_trouble(outcome, why->s, why->len);
  why->len = 0;
  set_outcome(r, e, outcome);
  give_back(r, e);
}

/* ---- what placing tells ---- */

/* One that could not be linked is as it was; of one that is linked the old one stays held. */
void qq_requeue_failed(void *requeue, qq_arrival const *a, stralloc const *why)
{
  qq_requeue *const r = requeue;
  qq_requeued *const e = find(r, &a->source);
  int const is_linked = e->stage != QQ_REQUEUE_WRITTEN;
  stralloc text = STRALLOC_ZERO;
  qq_demand_memory(qq_append(&text, why->s, why->len));
  qq_batch_trouble(is_linked ? QQ_OUTCOME_UNFINISHED : QQ_OUTCOME_FAILED, text.s, text.len);
  text.len = 0;
  set_outcome(r, e, is_linked ? QQ_OUTCOME_UNFINISHED : QQ_OUTCOME_FAILED);
  if (!is_linked) {
    qq_place_undo(&r->placing.shard, &a->id, &text);
    give_back(r, e);
  }
  stralloc_free(&text);
}

/* From now on it can only be removed. */
static int mark_old(qq_requeue *r, qq_id const *id, stralloc *why)
{
  qq_queue const *const q = &r->batch.reading.queue;
  qq_pin old;
  int got = qq_pin_online(&old, &r->placing.shard, id, why);
  if (got < 1) return got < 0 ? -1 : 1;
  if (old.owner == q->qmailq && !qq_queue_holds(q, old.owner))
    got = qq_queue_refuse(why, EINVAL, q, QQ_MESS, id->id, _("was released meanwhile"));
  else if (qq_queue_holds(q, old.owner) && qq_pin_mark(&old, QQ_MODE_UNDER_WAY) < 0)
    got = qq_queue_refuse(why, errno, q, QQ_MESS, id->id, strerror(errno));
  qq_unpin(&old);
  return got;
}

int qq_requeue_hand_over(qq_requeue *r, qq_id const *old, qq_arrival *a, stralloc *why)
{
  qq_queue const *const q = &r->batch.reading.queue;
  qq_pin new;
  int is_held, got = qq_pin_online(&new, &r->placing.shard, &a->id, why);
  if (got < 1) return got < 0 ? -1 : 1;
  is_held = qq_queue_holds(q, new.owner);
  if (is_held) got = qq_place_bounce(a, &r->placing.shard, why);
  a->bounce.len = 0;
  if (got > 0) got = mark_old(r, old, why);
  if (got > 0 && is_held && qq_pin_give(&new, q->qmailq) < 0)
    got = qq_queue_refuse(why, errno, q, QQ_MESS, a->id.id, strerror(errno));
  qq_unpin(&new);
  return got;
}

int qq_requeue_linked(void *requeue, qq_arrival *a, stralloc *why)
{
  qq_requeue *const r = requeue;
  qq_requeued *const e = find(r, &a->source);
  e->stage = QQ_REQUEUE_LINKED;
  return qq_requeue_hand_over(r, &e->old, a, why);
}

void qq_requeue_safe(void *requeue, qq_arrival const *a, size_t n, int have_bounces)
{
  qq_requeue *const r = requeue;
  size_t i;
  (void)have_bounces;
  for (i = 0; i < n; i++) {
    qq_requeued *const e = find(r, &a[i].source);
    if (e->stage == QQ_REQUEUE_LINKED) e->stage = QQ_REQUEUE_SAFE;
  }
}

/* ---- placing ---- */

/* Looks at the message until it stands still. */
static int look(qq_message *m, qq_id const *id)
{
  int r;
  do {
    qq_message_begin(m, id, QQ_LISTED_INFO, 0);
    r = qq_message_pin(m);
    if (r == 1) r = qq_message_envelope(m);
    if (r == 1) r = qq_message_recipients(m);
  } while (r == QQ_CHANGED);
  return r;
}

static int has_open(qq_message const *m)
{
  qq_recipient const *const to = genalloc_s(qq_recipient, &m->recipients);
  size_t const n = genalloc_len(qq_recipient, &m->recipients);
  size_t i = 0;
  while (i < n && to[i].done) i++;
  return i < n;
}

static int revive(qq_requeue *r, qq_arrival *a)
{
  int const revived = qq_revive(a, &r->settings, &r->failed);
  qq_demand_memory(revived >= 0);
  return revived;
}

qq_outcome qq_requeue_collect(qq_requeue *r, qq_message *m, qq_id const *id, qq_arrival *a,
  stralloc *why)
{
  size_t const n = genalloc_len(qq_readdress, &r->readdress);
  int got = look(m, id);
  if (got == 1) got = has_open(m) ? qq_collect(a, m, &r->settings) : QQ_GONE;
  if (got == QQ_CHANGED) return QQ_OUTCOME_GONE;
  if (got == QQ_DAMAGED) qq_demand_memory(qq_append(why, m->why.s, m->why.len));
  if (got != 1) return got == QQ_DAMAGED ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  got = !r->failed.patterns || revive(r, a);
  if (!n || !got) return got ? QQ_OUTCOME_HELD : QQ_OUTCOME_UNMATCHED;
  got = qq_readdress_envelope(&a->envelope, genalloc_s(qq_readdress, &r->readdress), n);
  qq_demand_memory(got >= 0);
  return got ? QQ_OUTCOME_HELD : QQ_OUTCOME_UNMATCHED;
}

static int write_body(qq_requeue *r, qq_message *m, qq_arrival *a, stralloc *why)
{
  qq_queue const *const q = &r->batch.reading.queue;
  char digest[QQ_DIGEST + 1];
  if (qq_place_begin(a, q, why) < 0) return -1;
  if (qq_collect_body(a, m, digest) != 1) {
    qq_demand_memory(qq_append(why, m->why.s, m->why.len));
    qq_place_forget(a, q);
    return -1;
  }
  if (qq_place_body(a, &r->placing.shard, why) < 0) return -1;
  qq_placing_add(&r->placing, a, digest);
  return 1;
}

static void write_one(qq_requeue *r, qq_requeued *e)
{
  qq_arrival a = QQ_ARRIVAL_ZERO;
  stralloc why = STRALLOC_ZERO;
  qq_outcome outcome;
  qq_message m;
  qq_message_init(&m, &r->placing.shard, 0);
  outcome = qq_requeue_collect(r, &m, &e->old, &a, &why);
  a.starts_held = 1;
  if (outcome == QQ_OUTCOME_HELD && write_body(r, &m, &a, &why) > 0) {
    e->new = a.id;
    e->stage = QQ_REQUEUE_WRITTEN;
  }
  else {
    settle(r, e, outcome == QQ_OUTCOME_HELD ? QQ_OUTCOME_FAILED : outcome, &why);
    stralloc_free(&a.envelope);
    stralloc_free(&a.bounce);
  }
  qq_message_free(&m);
  stralloc_free(&why);
}

/* Somebody may have released it while the lock was let go. Returns 1; 0: it is to wait. */
static int place_one(qq_requeue *r, qq_requeued *e, qq_under_way const *u)
{
  struct stat st;
  int const got = qq_shard_has(&r->placing.shard, QQ_MESS, e->old.id, &st);
  if (got < 1 || qq_stamp(&st) != e->old.stamp) set_outcome(r, e, QQ_OUTCOME_GONE);
  else if (!qq_queue_holds(&r->batch.reading.queue, st.st_uid)) {
    qq_trouble(_("failed: message %llu was released meanwhile"), (unsigned long long)e->old.id);
    set_outcome(r, e, QQ_OUTCOME_FAILED);
  }
  else if (qq_under_way_has(u, &st)) return 0;
  else write_one(r, e);
  return 1;
}

/* ---- removing the old ones ---- */

/* Of those whose new ones are safe, puts their ids into the list. */
static void list_safe(qq_requeue *r, genalloc *ids)
{
  size_t i;
  for (i = 0; i < r->batch.count; i++)
    if (r->each[i].stage == QQ_REQUEUE_SAFE)
      qq_demand_memory(genalloc_append(qq_id, ids, &r->each[i].old));
}

static void take_outcomes(qq_requeue *r, qq_silence const *s)
{
  size_t i;
  for (i = 0; i < s->count; i++) {
    qq_requeued *const e = find(r, &s->ids[i]);
    int const is_removed = s->outcomes[i] == QQ_OUTCOME_SILENCED
      || s->outcomes[i] == QQ_OUTCOME_REMOVED || s->outcomes[i] == QQ_OUTCOME_GONE;
    set_outcome(r, e, is_removed ? QQ_OUTCOME_REQUEUED : QQ_OUTCOME_UNFINISHED);
    if (is_removed) qq_requeue_print(&e->new);
  }
}

static void remove_old(qq_requeue *r)
{
  genalloc ids = GENALLOC_ZERO;         /* of qq_id */
  qq_silence s = {
    .queue = &r->batch.reading.queue, .lock = &r->batch.lock,
    .queuelifetime = r->how.queuelifetime, .trouble = qq_batch_trouble, .progress = qq_progress
  };
  list_safe(r, &ids);
  s.ids = genalloc_s(qq_id, &ids);
  s.count = genalloc_len(qq_id, &ids);
  if (s.count) {
    s.outcomes = malloc(s.count);
    s.stamps = calloc(s.count, sizeof *s.stamps);
    qq_demand_memory(s.outcomes && s.stamps && qq_silence_run(&s) > 0);
    qq_progress_hide();
    take_outcomes(r, &s);
    free(s.outcomes);
    free(s.stamps);
  }
  genalloc_free(qq_id, &ids);
}

static void commit(qq_requeue *r)
{
  qq_placing_commit(&r->placing);
  remove_old(r);
}

/* ---- all of them ---- */

/* Places those of which nothing is under way. Returns how many are left. */
static size_t place_free(qq_requeue *r)
{
  qq_under_way u = QQ_UNDER_WAY_ZERO;
  size_t left = 0, i;
  if (qq_under_way_look(&u, r->batch.reading.queue.fd) < 0)
    qq_die_unable("%s", _("unable to see whether deliveries are under way"));
  for (i = 0; i < r->batch.count; i++) {
    if (r->each[i].stage != QQ_REQUEUE_HELD) continue;
    left += !place_one(r, &r->each[i], &u);
    if (genalloc_len(qq_arrival, &r->placing.batch) >= BATCH) commit(r);
  }
  commit(r);
  genalloc_free(uint64_t, &u.open);
  return left;
}

static void name_under_way(qq_requeue *r)
{
  size_t i;
  for (i = 0; i < r->batch.count; i++) {
    if (r->each[i].stage != QQ_REQUEUE_HELD) continue;
    qq_trouble(_("unfinished: message %llu stays held: a delivery that began before the hold may "
      "be under way"), (unsigned long long)r->each[i].old.id);
    set_outcome(r, &r->each[i], QQ_OUTCOME_UNFINISHED);
  }
}

void qq_requeue_place(qq_requeue *r)
{
  uint64_t const end = qq_now() + r->timeout;
  while (place_free(r) && qq_now() < end) {
    qq_queue_lock_pause(&r->batch.lock);
    qq_sleep(PAUSE);
    qq_placing_go_on(&r->placing);
  }
  name_under_way(r);
  qq_queue_lock_pause(&r->batch.lock);
  r->unsettled = qq_placing_settle_all(&r->placing);
  qq_batch_release(&r->batch.lock);
}
