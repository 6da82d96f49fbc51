#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <qq/names.h>
#include <qq/remove.h>
#include <qq/text.h>
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
  settle(s, !is_ours ? QQ_OUTCOME_GONE : qq_pin_has_ended(&s->pin) > 0 ? QQ_OUTCOME_REMOVED : QQ_OUTCOME_SILENCED);
}

static void settle_unfinished(qq_silencing *s, qq_shard *shard, char const *what, unsigned int tree, stralloc *why)
{
  qq_outcome_failed(shard, what, tree, s->id->id, why);
  settle(s, QQ_OUTCOME_UNFINISHED);
}

static int restore_birth(qq_silencing *s, qq_shard *shard)
{
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  int const fd = qq_shard_open(shard, QQ_INFO, s->id->id, O_RDONLY);
  int r;
  if (fd < 0) return errno == ENOENT ? 1 : -1;
  times[1] = s->birth;
  r = futimens(fd, times);
  close(fd);
  return r < 0 ? -1 : 1;
}

/* A removal that could not begin leaves the message as it was. */
static void settle_failed(qq_silencing *s, qq_shard *shard, char const *what, unsigned int tree, stralloc *why)
{
  int is_as_before;
  qq_outcome_failed(shard, what, tree, s->id->id, why);
  is_as_before = qq_pin_give(&s->pin, s->owner) > 0;
  if (s->stage == QQ_STAGE_PREPARED) {
    qq_replacement_sweep(shard, s->id->id);
    is_as_before = restore_birth(s, shard) > 0 && is_as_before;
  }
  settle(s, is_as_before ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED);
}

/* Both spawns refuse a message that qmailq does not own (spawn.c:docmd): no delivery starts any
   more, not even to recipients that qmail-send has already read. */
static int shut(qq_silencing *s)
{
  return qq_pin_give(&s->pin, 0);
}

/* todo_do makes info before it reads the recipients in todo (qmail-send.c:todo_do). When there is
   no info after they were marked, it reads them as they are now. */
static void silence_new(qq_silencing *s, qq_shard *shard, stralloc *why)
{
  uint64_t marked = 0;
  struct stat st;
  if (shut(s) < 0) {
    settle_failed(s, shard, _("change the owner of"), QQ_MESS, why);
    return;
  }
  if (qq_mark_recipients(shard, QQ_TODO, s->id->id, QQ_RECORD_UID, 0, &marked, why) < 0) {
    settle(s, !marked && qq_pin_give(&s->pin, s->owner) > 0 ? QQ_OUTCOME_FAILED : QQ_OUTCOME_UNFINISHED);
    return;
  }
  s->stage = QQ_STAGE_IN_TODO;
  if (qq_shard_stat(shard, QQ_INFO, s->id->id, &st) < 0 && errno == ENOENT && qq_shard_stat(shard, QQ_TODO, s->id->id, &st) > 0)
    s->stage = QQ_STAGE_QUIET;
}

void qq_silencing_begin(qq_silencing *s, qq_shard *shard, qq_id const *id, stralloc *why)
{
  int r;
  s->id = id;
  s->pin.fd = -1;
  s->has_replacement = s->is_replaced = 0;
  qq_replacement_sweep(shard, id->id);
  r = qq_pin_online(&s->pin, shard, id, why);
  if (r != 1) {
    settle(s, r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE);
    return;
  }
  s->owner = s->pin.owner;
  s->stage = QQ_STAGE_PREPROCESSED;
  /* with neither todo nor info it is being written, or being ended, or remains of the dead, which
     qmail-send sees to */
  if (s->pin.state == QQ_STATE_WRITING || s->pin.state == QQ_STATE_REMAINS) settle(s, QQ_OUTCOME_GONE);
  else if (s->pin.state == QQ_STATE_NEW) silence_new(s, shard, why);
}

void qq_silencing_look(qq_silencing *s, qq_shard *shard, stralloc *why)
{
  struct stat st;
  if (qq_shard_stat(shard, QQ_TODO, s->id->id, &st) > 0) return;
  if (errno == ENOENT) s->stage = QQ_STAGE_PREPROCESSED;
  else settle_unfinished(s, shard, _("look for"), QQ_TODO, why);
}

/* Without space for a replacement info is written in place. */
static int make_replacement(qq_silencing *s, qq_shard *shard, struct stat const *info)
{
  if (qq_replacement_make(shard, s->id->id, info) > 0) s->has_replacement = 1;
  else if (errno != ENOSPC && errno != EDQUOT) return -1;
  return 1;
}

static int prepare(qq_silencing *s, qq_shard *shard, int fd)
{
  static struct timespec const now[2] = { { 0, UTIME_OMIT }, { 0, UTIME_NOW } };
  struct stat st;
  if (fstat(fd, &st) < 0) return -1;
  s->birth = st.st_mtim;
  s->is_replaced = qq_replacement_is_there(fd);
  if (s->is_replaced < 0 || futimens(fd, now) < 0) return -1;
  s->stage = QQ_STAGE_PREPARED;
  return s->is_replaced ? 1 : make_replacement(s, shard, &st);
}

void qq_silencing_prepare(qq_silencing *s, qq_shard *shard, stralloc *why)
{
  int const fd = qq_shard_open(shard, QQ_INFO, s->id->id, O_RDONLY);
  if (fd < 0) {
    if (errno == ENOENT) settle_ended(s);
    else settle_failed(s, shard, _("open"), QQ_INFO, why);
    return;
  }
  if (prepare(s, shard, fd) < 0) settle_failed(s, shard, _("replace"), QQ_INFO, why);
  close(fd);
}

/* So that no failure can bounce. Returns 1; or -1 with errno: ENOENT when the message has ended. */
static int replace(qq_silencing *s, qq_shard *shard)
{
  int r = 0;
  if (s->is_replaced) return 1;
  if (s->has_replacement) r = qq_replacement_exchange(shard, s->id->id);
  if (!r) r = qq_replacement_write(shard, s->id->id);
  s->is_replaced = r > 0;
  return r;
}

void qq_silencing_commit(qq_silencing *s, qq_shard *shard, stralloc *why)
{
  uint64_t marked = 0;
  unsigned int c;
  if (shut(s) < 0) {
    settle_failed(s, shard, _("change the owner of"), QQ_MESS, why);
    return;
  }
  if (replace(s, shard) < 0) {
    if (errno == ENOENT) settle_ended(s);
    else settle_failed(s, shard, _("replace"), QQ_INFO, why);
    return;
  }
  for (c = 0; c < shard->queue->channels; c++) {
    if (qq_mark_recipients(shard, QQ_CHANNEL + c, s->id->id, QQ_RECORD_DONE, 0, &marked, why) < 0) {
      settle(s, QQ_OUTCOME_UNFINISHED);
      return;
    }
  }
  s->stage = QQ_STAGE_QUIET;
}

void qq_silencing_end(qq_silencing *s, qq_shard *shard, stralloc *why)
{
  int const has_ended = qq_pin_has_ended(&s->pin);
  if (has_ended > 0) settle(s, QQ_OUTCOME_REMOVED);
  else if (shard->queue->qmailq == shard->queue->qmails) settle(s, QQ_OUTCOME_SILENCED);        /* only root keeps spawn from what was read before */
  else if (has_ended < 0 || qq_pin_give(&s->pin, shard->queue->qmails) < 0) settle_unfinished(s, shard, _("change the owner of"), QQ_MESS, why);
  else settle(s, QQ_OUTCOME_SILENCED);
}

void qq_silencing_not_synced(qq_silencing *s, qq_shard *shard, stralloc *why)
{
  if (s->stage == QQ_STAGE_PREPARED) settle_failed(s, shard, _("sync"), QQ_INFO, why);
  else settle_unfinished(s, shard, _("sync"), QQ_MESS, why);
}

void qq_silencing_give_up(qq_silencing *s, qq_shard *shard, unsigned int tree, char const *text, stralloc *why)
{
  qq_outcome_why(shard, tree, s->id->id, text, why);
  settle(s, QQ_OUTCOME_UNFINISHED);
}
