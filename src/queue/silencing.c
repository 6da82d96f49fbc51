#include <errno.h>
#include <fcntl.h>
#include <skalibs/djbunix.h>
#include <qq/names.h>
#include <qq/remove.h>
#include <qq/schedule.h>
#include <qq/text.h>
#include <qq/when.h>
#include "queue-private.h"

/* Below it a message that is shut may be too old before its batch comes. */
#define LONG_LIFETIME 3600

static void settle(qq_silencing *s, qq_outcome outcome)
{
  s->outcome = outcome;
  s->stage = QQ_STAGE_SETTLED;
  qq_unpin(&s->pin);
}

/* It is not in the queue any more. What this run did to it may be why: but for one that was shut
   and no more, whose deliveries were put off. */
static void settle_ended(qq_silencing *s)
{
  int const is_ours = s->is_replaced || s->before.is_marked
    || (!s->is_shut && s->pin.owner != s->before.owner);
  if (!is_ours) settle(s, QQ_OUTCOME_GONE);
  else settle(s, qq_pin_has_ended(&s->pin) > 0 ? QQ_OUTCOME_REMOVED : QQ_OUTCOME_SILENCED);
}

static void settle_unfinished(qq_silencing *s, char const *text, unsigned int tree, stralloc *why)
{
  qq_outcome_failed(&s->pin, text, tree, why);
  settle(s, QQ_OUTCOME_UNFINISHED);
}

/* Puts back what was: the owner last but for the birth, so that whoever is killed in between has
   lost nothing. */
static int restore(qq_silencing *s)
{
  qq_pin *pin = &s->pin;
  qq_replacement_sweep(pin->shard, pin->id);
  return qq_pin_mark(pin, s->before.mode) > 0 && qq_pin_give(pin, s->before.owner) > 0
    && (!s->is_aged || qq_birth_set(pin->shard, pin->id, s->before.birth) > 0
      || errno == ENOENT);
}

/* A removal that could not begin leaves the message as it was. */
static void settle_failed(qq_silencing *s, char const *text, unsigned int tree, stralloc *why)
{
  qq_outcome_failed(&s->pin, text, tree, why);
  settle(s, restore(s) ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED);
}

/* The same for what could not be done with info. */
static void settle_missed(qq_silencing *s, char const *text, stralloc *why)
{
  if (errno == ENOENT) settle_ended(s);
  else settle_failed(s, text, QQ_INFO, why);
}

/* Pins it. With neither todo nor info it is being written, or being ended, or remains of the dead,
   which qmail-send sees to. Returns 0 if it is settled. */
static int pin(qq_silencing *s, qq_shard *shard, qq_id const *id, stralloc *why)
{
  int const is_ours = s->is_shut && s->before.is_marked;
  int r;
  s->id = id;
  s->has_replacement = s->is_replaced = s->is_aged = 0;
  s->stage = QQ_STAGE_PINNED;
  qq_replacement_sweep(shard, id->id);
  r = qq_pin_online(&s->pin, shard, id, why);
  if (r < 0) settle(s, s->is_shut ? QQ_OUTCOME_UNFINISHED : QQ_OUTCOME_FAILED);
  else if (!r || (s->pin.state != QQ_STATE_NEW && s->pin.state != QQ_STATE_PREPROCESSED))
    settle(s, is_ours ? QQ_OUTCOME_REMOVED : QQ_OUTCOME_GONE);
  return s->stage != QQ_STAGE_SETTLED;
}

/* What it is now, but for the birth. Of modes we know our own; others are qmail-queue's. */
static void remember(qq_silencing *s)
{
  s->before.owner = s->pin.owner;
  s->before.mode = qq_pin_removal(&s->pin) == QQ_REMOVAL_NONE ? QQ_MODE_PLAIN : s->pin.mode;
  s->before.birth = 0;
  s->before.is_marked = 0;
}

/* ---- shut first ---- */

/* Both spawns refuse a message that qmailq does not own (spawn.c:docmd): no delivery starts any
   more, not even to recipients that qmail-send has already read. One whose removal was under way
   before is not put back a step. */
static int give_to_root(qq_silencing *s)
{
  if (qq_pin_removal(&s->pin) != QQ_REMOVAL_UNDER_WAY && qq_pin_mark(&s->pin, QQ_MODE_BEGUN) < 0)
    return -1;
  return qq_pin_give(&s->pin, 0);
}

static void shut(qq_silencing *s, uint64_t queuelifetime, stralloc *why)
{
  qq_pin const *p = &s->pin;
  if (p->state == QQ_STATE_PREPROCESSED) {
    if (qq_birth_get(p->shard, p->id, &s->before.birth) < 0) {
      settle_missed(s, _("unable to look at %s"), why);
      return;
    }
    if (qq_schedule_is_ending(s->before.birth, queuelifetime)) return;
    if (qq_birth_set(p->shard, p->id, qq_now()) < 0) {
      settle_missed(s, _("unable to set the birth of %s"), why);
      return;
    }
    s->is_aged = 1;
  }
  if (give_to_root(s) < 0) settle_failed(s, _("unable to change the owner of %s"), QQ_MESS, why);
  else s->is_shut = 1;
}

int qq_silencing_shut(qq_silencing *s, qq_shard *shard, qq_id const *id, uint64_t queuelifetime,
  stralloc *why)
{
  s->is_shut = 0;
  if (!pin(s, shard, id, why)) return 0;
  remember(s);
  if (queuelifetime >= LONG_LIFETIME) shut(s, queuelifetime, why);
  if (s->stage != QQ_STAGE_SETTLED) qq_unpin(&s->pin);
  return s->is_shut;
}

/* ---- then silenced ---- */

/* What was shut and is not root's any more is another one, or has ended. */
void qq_silencing_begin(qq_silencing *s, qq_shard *shard, qq_id const *id, stralloc *why)
{
  if (!pin(s, shard, id, why)) return;
  if (!s->is_shut) remember(s);
  else if (s->pin.owner || (s->pin.mode != QQ_MODE_BEGUN && s->pin.mode != QQ_MODE_UNDER_WAY))
    settle(s, s->before.is_marked ? QQ_OUTCOME_REMOVED : QQ_OUTCOME_GONE);
}

/* Without space for a replacement info is written in place. */
static int make_replacement(qq_silencing *s, struct stat const *info)
{
  if (qq_replacement_make(s->pin.shard, s->pin.id, info) > 0) s->has_replacement = 1;
  else if (errno != ENOSPC && errno != EDQUOT) return -1;
  return 1;
}

static int prepare_info(qq_silencing *s, int fd)
{
  static struct timespec const now[2] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  if (!s->is_shut) s->before.birth = qq_stamp(&st);
  s->is_replaced = qq_replacement_is_there(fd);
  if (s->is_replaced < 0 || (!s->is_shut && futimens(fd, now) < 0)) return -1;
  s->is_aged = 1;
  return s->is_replaced ? 1 : make_replacement(s, &st);
}

void qq_silencing_prepare(qq_silencing *s, stralloc *why)
{
  if (s->pin.state == QQ_STATE_PREPROCESSED) {
    int const fd = qq_shard_open_to_change(s->pin.shard, QQ_INFO, s->pin.id, O_RDONLY);
    if (fd < 0) settle_missed(s, _("unable to open %s"), why);
    else if (prepare_info(s, fd) < 0) settle_failed(s, _("unable to replace %s"), QQ_INFO, why);
    if (fd >= 0) fd_close(fd);
  }
  if (s->stage == QQ_STAGE_SETTLED) return;
  if (qq_pin_mark(&s->pin, QQ_MODE_UNDER_WAY) < 0)
    settle_failed(s, _("unable to mark %s"), QQ_MESS, why);
  else s->stage = QQ_STAGE_PREPARED;
}

/* todo_do makes info before it reads the recipients in todo (qmail-send.c:todo_do). When there is
   no info after they were marked, it reads them as they are now. */
static int will_be_read(qq_pin const *pin)
{
  struct stat st;
  return qq_shard_stat(pin->shard, QQ_INFO, pin->id, &st) < 0 && errno == ENOENT
    && qq_shard_stat(pin->shard, QQ_TODO, pin->id, &st) > 0;
}

/* What it has read by now of the recipients in todo is waited for. */
static void commit_new(qq_silencing *s, stralloc *why)
{
  uint64_t marked = 0;
  if (qq_mark_recipients(&s->pin, QQ_TODO, QQ_RECORD_UID, 0, &marked, why) >= 0) {
    s->before.is_marked = 1;
    if (will_be_read(&s->pin)) s->stage = QQ_STAGE_QUIET;
    else settle(s, QQ_OUTCOME_WAITING);
  }
  else settle(s, !marked && restore(s) ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED);
}

/* So that no failure can bounce. Returns 1; or -1 with errno: ENOENT when the message has ended. */
static int replace(qq_silencing *s)
{
  int r = 0;
  if (s->is_replaced) return 1;
  if (s->has_replacement) r = qq_replacement_exchange(s->pin.shard, s->pin.id);
  if (!r) r = qq_replacement_write(s->pin.shard, s->pin.id);
  s->is_replaced = r > 0;
  return r;
}

static void commit_preprocessed(qq_silencing *s, stralloc *why)
{
  unsigned int const trees = QQ_CHANNEL + s->pin.shard->queue->channels;
  uint64_t marked = 0;
  unsigned int tree;
  int r = 0;
  if (replace(s) < 0) {
    settle_missed(s, _("unable to replace %s"), why);
    return;
  }
  for (tree = QQ_CHANNEL; r >= 0 && tree < trees; tree++)
    r = qq_mark_recipients(&s->pin, tree, QQ_RECORD_DONE, 0, &marked, why);
  if (r >= 0) s->stage = QQ_STAGE_QUIET;
  else settle(s, QQ_OUTCOME_UNFINISHED);
}

void qq_silencing_commit(qq_silencing *s, stralloc *why)
{
  if (qq_pin_give(&s->pin, 0) < 0)
    settle_failed(s, _("unable to change the owner of %s"), QQ_MESS, why);
  else if (s->pin.state == QQ_STATE_NEW) commit_new(s, why);
  else commit_preprocessed(s, why);
}

void qq_silencing_end(qq_silencing *s, stralloc *why)
{
  qq_queue const *q = s->pin.shard->queue;
  int const has_ended = qq_pin_has_ended(&s->pin);
  if (has_ended > 0) settle(s, QQ_OUTCOME_REMOVED);
  else if (q->qmailq == q->qmails       /* only root keeps spawn from what was read before */
    || (!has_ended && qq_pin_give(&s->pin, q->qmails) > 0)) settle(s, QQ_OUTCOME_SILENCED);
  else settle_unfinished(s, _("unable to change the owner of %s"), QQ_MESS, why);
}

void qq_silencing_not_synced(qq_silencing *s, stralloc *why)
{
  if (s->stage == QQ_STAGE_PREPARED) settle_failed(s, _("unable to sync %s"), QQ_INFO, why);
  else settle_unfinished(s, _("unable to sync %s"), QQ_MESS, why);
}
