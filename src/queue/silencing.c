#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <qq/names.h>
#include <qq/remove.h>
#include <qq/schedule.h>
#include "silencing.h"

static void settle(qq_silencing *s, qq_outcome outcome)
{
  s->outcome = outcome;
  s->stage = QQ_STAGE_SETTLED;
  qq_unpin(&s->pin);
}

/* It is not in the queue any more; what we did to it before may be why. */
static void settle_ended(qq_silencing *s)
{
  int const is_ours = s->pin.owner != s->owner || s->is_replaced;
  if (!is_ours) settle(s, QQ_OUTCOME_GONE);
  else settle(s, qq_pin_has_ended(&s->pin) > 0 ? QQ_OUTCOME_REMOVED : QQ_OUTCOME_SILENCED);
}

static void settle_unfinished(qq_silencing *s, char const *what, unsigned int tree, stralloc *why)
{
  qq_outcome_failed(&s->pin, what, tree, why);
  settle(s, QQ_OUTCOME_UNFINISHED);
}

static int restore_birth(qq_silencing const *s)
{
  return qq_birth_set(s->pin.shard, s->pin.id, s->birth) > 0 || errno == ENOENT;
}

/* A removal that could not begin leaves the message as it was. */
static void settle_failed(qq_silencing *s, char const *what, unsigned int tree, stralloc *why)
{
  int is_as_before;
  qq_outcome_failed(&s->pin, what, tree, why);
  is_as_before = qq_pin_give(&s->pin, s->owner) > 0;
  if (s->stage == QQ_STAGE_PREPARED) {
    qq_replacement_sweep(s->pin.shard, s->pin.id);
    is_as_before = restore_birth(s) && is_as_before;
  }
  settle(s, is_as_before ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED);
}

/* The same for what could not be done with info. */
static void settle_missed(qq_silencing *s, char const *what, stralloc *why)
{
  if (errno == ENOENT) settle_ended(s);
  else settle_failed(s, what, QQ_INFO, why);
}

/* Both spawns refuse a message that qmailq does not own (spawn.c:docmd): no delivery starts any
   more, not even to recipients that qmail-send has already read. Returns 0 if it is settled. */
static int shut(qq_silencing *s, stralloc *why)
{
  if (qq_pin_give(&s->pin, 0) > 0) return 1;
  settle_failed(s, _("change the owner of"), QQ_MESS, why);
  return 0;
}

/* todo_do makes info before it reads the recipients in todo (qmail-send.c:todo_do). When there is
   no info after they were marked, it reads them as they are now. */
static int will_be_read(qq_pin const *pin)
{
  struct stat st;
  return qq_shard_stat(pin->shard, QQ_INFO, pin->id, &st) < 0 && errno == ENOENT
    && qq_shard_stat(pin->shard, QQ_TODO, pin->id, &st) > 0;
}

static void silence_new(qq_silencing *s, stralloc *why)
{
  uint64_t marked = 0;
  int is_as_before;
  if (!shut(s, why)) return;
  if (qq_mark_recipients(&s->pin, QQ_TODO, QQ_RECORD_UID, 0, &marked, why) > 0)
    s->stage = will_be_read(&s->pin) ? QQ_STAGE_QUIET : QQ_STAGE_IN_TODO;
  else {
    is_as_before = !marked && qq_pin_give(&s->pin, s->owner) > 0;
    settle(s, is_as_before ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED);
  }
}

void qq_silencing_begin(qq_silencing *s, qq_shard *shard, qq_id const *id, stralloc *why)
{
  int r;
  s->id = id;
  s->has_replacement = s->is_replaced = 0;
  qq_replacement_sweep(shard, id->id);
  r = qq_pin_online(&s->pin, shard, id, why);
  /* with neither todo nor info it is being written, or being ended, or remains of the dead, which
     qmail-send sees to */
  if (r < 0) settle(s, QQ_OUTCOME_FAILED);
  else if (!r || (s->pin.state != QQ_STATE_NEW && s->pin.state != QQ_STATE_PREPROCESSED))
    settle(s, QQ_OUTCOME_GONE);
  else {
    s->owner = s->pin.owner;
    s->stage = QQ_STAGE_PREPROCESSED;
    if (s->pin.state == QQ_STATE_NEW) silence_new(s, why);
  }
}

void qq_silencing_look(qq_silencing *s, stralloc *why)
{
  struct stat st;
  if (qq_shard_stat(s->pin.shard, QQ_TODO, s->pin.id, &st) > 0) return;
  if (errno == ENOENT) s->stage = QQ_STAGE_PREPROCESSED;
  else settle_unfinished(s, _("look for"), QQ_TODO, why);
}

/* Without space for a replacement info is written in place. */
static int make_replacement(qq_silencing *s, struct stat const *info)
{
  if (qq_replacement_make(s->pin.shard, s->pin.id, info) > 0) s->has_replacement = 1;
  else if (errno != ENOSPC && errno != EDQUOT) return -1;
  return 1;
}

static int prepare(qq_silencing *s, int fd)
{
  static struct timespec const now[2] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  s->birth = qq_stamp(&st);
  s->is_replaced = qq_replacement_is_there(fd);
  if (s->is_replaced < 0 || futimens(fd, now) < 0) return -1;
  s->stage = QQ_STAGE_PREPARED;
  return s->is_replaced ? 1 : make_replacement(s, &st);
}

void qq_silencing_prepare(qq_silencing *s, stralloc *why)
{
  int const fd = qq_shard_open(s->pin.shard, QQ_INFO, s->pin.id, O_RDONLY);
  if (fd < 0) settle_missed(s, _("open"), why);
  else if (prepare(s, fd) < 0) settle_failed(s, _("replace"), QQ_INFO, why);
  if (fd >= 0) close(fd);
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

void qq_silencing_commit(qq_silencing *s, stralloc *why)
{
  unsigned int const trees = QQ_CHANNEL + s->pin.shard->queue->channels;
  uint64_t marked = 0;
  unsigned int tree;
  int r = 1;
  if (!shut(s, why)) return;
  if (replace(s) < 0) {
    settle_missed(s, _("replace"), why);
    return;
  }
  for (tree = QQ_CHANNEL; r > 0 && tree < trees; tree++)
    r = qq_mark_recipients(&s->pin, tree, QQ_RECORD_DONE, 0, &marked, why);
  if (r > 0) s->stage = QQ_STAGE_QUIET;
  else settle(s, QQ_OUTCOME_UNFINISHED);
}

void qq_silencing_end(qq_silencing *s, stralloc *why)
{
  qq_queue const *q = s->pin.shard->queue;
  int const has_ended = qq_pin_has_ended(&s->pin);
  if (has_ended > 0) settle(s, QQ_OUTCOME_REMOVED);
  else if (q->qmailq == q->qmails       /* only root keeps spawn from what was read before */
    || (!has_ended && qq_pin_give(&s->pin, q->qmails) > 0)) settle(s, QQ_OUTCOME_SILENCED);
  else settle_unfinished(s, _("change the owner of"), QQ_MESS, why);
}

void qq_silencing_not_synced(qq_silencing *s, stralloc *why)
{
  if (s->stage == QQ_STAGE_PREPARED) settle_failed(s, _("sync"), QQ_INFO, why);
  else settle_unfinished(s, _("sync"), QQ_MESS, why);
}

void qq_silencing_give_up(qq_silencing *s, stralloc *why)
{
  settle(s, qq_outcome_because(QQ_OUTCOME_UNFINISHED, &s->pin, QQ_TODO,
    _("qmail-send has not preprocessed it yet; it is held meanwhile"), why));
}
