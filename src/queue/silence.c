#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/remove.h>
#include <qq/when.h>
#include "queue-private.h"

/* Messages that are pinned at a time: each is an open file. More of them mean fewer syncs, and a
   longer time between the first step and the last. */
#define BATCH 1024
#define OTHER_FILES 64

/* qmail-send may be in the middle of a new message; but not for long. */
#define PAUSE_NANOSECONDS 10000000
#define PATIENCE (10 * QQ_SECOND)

typedef struct run {
  qq_silence *silence;
  qq_by_directory each;
  qq_shard shard;
  qq_silencing *batch;
  size_t size, count;
  uint64_t finished;
  int error;                    /* errno of a sync that failed */
  stralloc why;
} run;

static size_t batch_size(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY
    || limit.rlim_cur >= BATCH + OTHER_FILES) return BATCH;
  return limit.rlim_cur > OTHER_FILES ? (size_t)limit.rlim_cur - OTHER_FILES : 1;
}

/* ---- from the first step to the second: what a message was before it was shut ----

   It stands where the outcome and the stamp are going to be: a run takes no more memory for it. */

enum {
  SHUT = 0x80,
  WAS_QMAILQS = 0x01, WAS_QMAILSS = 0x02,       /* its owner; neither: root */
  WAS_BEGUN = 0x04, WAS_UNDER_WAY = 0x08,       /* its removal */
  MARKED = 0x10
};

static void put_before(run *r, size_t i, qq_before const *before)
{
  qq_queue const *q = r->silence->queue;
  unsigned int bits = SHUT;
  if (before->owner) bits |= before->owner == q->qmailq ? WAS_QMAILQS : WAS_QMAILSS;
  if (before->mode == QQ_MODE_BEGUN) bits |= WAS_BEGUN;
  if (before->mode == QQ_MODE_UNDER_WAY) bits |= WAS_UNDER_WAY;
  if (before->is_marked) bits |= MARKED;
  r->silence->outcomes[i] = (unsigned char)bits;
  r->silence->stamps[i] = before->birth;
}

static int get_before(run const *r, size_t i, qq_before *before)
{
  qq_queue const *q = r->silence->queue;
  unsigned int const bits = r->silence->outcomes[i];
  if (!(bits & SHUT)) return 0;
  before->owner = bits & WAS_QMAILQS ? q->qmailq : bits & WAS_QMAILSS ? q->qmails : 0;
  before->mode = bits & WAS_BEGUN ? QQ_MODE_BEGUN
    : bits & WAS_UNDER_WAY ? QQ_MODE_UNDER_WAY : QQ_MODE_PLAIN;
  before->birth = r->silence->stamps[i];
  before->is_marked = (bits & MARKED) != 0;
  return 1;
}

/* What became of the message by this step, if it is settled; and why. One that waits keeps what
   it was before. */
static void take_note(run *r, qq_silencing const *s)
{
  size_t const i = (size_t)(s->id - r->silence->ids);
  if (s->stage == QQ_STAGE_SETTLED) {
    if (s->outcome == QQ_OUTCOME_WAITING) put_before(r, i, &s->before);
    else {
      r->silence->outcomes[i] = (unsigned char)s->outcome;
      if (s->outcome == QQ_OUTCOME_SILENCED) r->silence->stamps[i] = s->pin.stamp;
    }
  }
  if (r->why.len) r->silence->trouble(s->outcome, r->why.s, r->why.len);
  r->why.len = 0;
}

static int is_settled(run const *r, size_t i)
{
  unsigned int const bits = r->silence->outcomes[i];
  return !(bits & SHUT) && bits != QQ_OUTCOME_WAITING;
}

static size_t count_in(run const *r, qq_stage stage)
{
  size_t i, n = 0;
  for (i = 0; i < r->count; i++) n += r->batch[i].stage == stage;
  return n;
}

/* Takes the step with every message that is in the stage. */
static void step(run *r, qq_stage stage, void (*take)(qq_silencing *, stralloc *))
{
  size_t i;
  for (i = 0; i < r->count; i++) {
    qq_silencing *s = &r->batch[i];
    if (s->stage != stage) continue;
    errno = r->error;
    take(s, &r->why);
    take_note(r, s);
  }
}

/* Everything that was written is on the disk, or the messages in the stage do not go on. */
static void sync_for(run *r, qq_stage stage)
{
  if (!count_in(r, stage) || qq_os_syncfs(r->silence->queue->fd) > 0) return;
  r->error = errno;
  step(r, stage, qq_silencing_not_synced);
}

/* What a person or the system sends to end the program waits until the batch is through: less is
   interrupted then. */
static void defer_signals(int how)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(how, &set, 0);
}

/* ---- all are shut ---- */

static void shut_all(run *r)
{
  qq_silence *silence = r->silence;
  size_t i;
  qq_silencing s;
  qq_by_directory_begin(&r->each, silence->queue, silence->ids, silence->count);
  while (qq_by_directory_next(&r->each, &i)) {
    if (qq_silencing_shut(&s, &r->shard, &silence->ids[i], silence->queuelifetime, &r->why))
      put_before(r, i, &s.before);
    else if (s.stage == QQ_STAGE_SETTLED) take_note(r, &s);
  }
}

/* ---- then they are silenced, batch by batch ---- */

static void begin(run *r)
{
  size_t i;
  r->count = 0;
  while (r->count < r->size && qq_by_directory_next(&r->each, &i)) {
    qq_silencing *s = &r->batch[r->count];
    if (is_settled(r, i)) continue;
    s->is_shut = get_before(r, i, &s->before);
    qq_silencing_begin(s, &r->shard, &r->silence->ids[i], &r->why);
    r->count++;
    take_note(r, s);
  }
}

/* New ones go at once when qmail-send is told of them. */
static void pull_for_new(run const *r)
{
  size_t i, n = 0;
  for (i = 0; i < r->count; i++) {
    qq_silencing const *s = &r->batch[i];
    n += s->pin.state == QQ_STATE_NEW
      && (s->stage == QQ_STAGE_QUIET || s->outcome == QQ_OUTCOME_WAITING);
  }
  if (n) qq_trigger_pull(r->silence->queue->fd);
}

static void work(run *r)
{
  step(r, QQ_STAGE_PINNED, qq_silencing_prepare);
  sync_for(r, QQ_STAGE_PREPARED);
  step(r, QQ_STAGE_PREPARED, qq_silencing_commit);
  pull_for_new(r);
  sync_for(r, QQ_STAGE_QUIET);
  step(r, QQ_STAGE_QUIET, qq_silencing_end);
  r->finished += r->count;
  r->silence->progress(r->finished, r->silence->count, r->finished);
}

/* All that is not settled goes through the batches. */
static void silence_all(run *r)
{
  qq_silence *silence = r->silence;
  r->finished = 0;
  qq_by_directory_begin(&r->each, silence->queue, silence->ids, silence->count);
  do {
    defer_signals(SIG_BLOCK);
    begin(r);
    if (r->count) work(r);
    defer_signals(SIG_UNBLOCK);
  } while (r->count);
}

/* ---- new ones ---- */

/* Of the messages that wait, how many are in todo still? Those of which that cannot be seen count,
   too: the next step says why. */
static size_t count_in_todo(run *r)
{
  qq_silence *silence = r->silence;
  size_t n = 0, i;
  struct stat st;
  qq_by_directory_begin(&r->each, silence->queue, silence->ids, silence->count);
  while (qq_by_directory_next(&r->each, &i))
    n += !is_settled(r, i)
      && (qq_shard_stat(&r->shard, QQ_TODO, silence->ids[i].id, &st) > 0 || errno != ENOENT);
  return n;
}

static int is_any_waiting(run const *r)
{
  size_t i;
  for (i = 0; i < r->silence->count; i++) if (!is_settled(r, i)) return 1;
  return 0;
}

/* Those that still wait, or whose turn cannot come, are unfinished, for that reason. */
static void give_up(run *r, char const *text)
{
  qq_silence *silence = r->silence;
  size_t i;
  for (i = 0; i < silence->count; i++) {
    if (is_settled(r, i)) continue;
    silence->outcomes[i] = QQ_OUTCOME_UNFINISHED;
    if (qq_queue_file(&r->why, silence->queue, QQ_TODO, silence->ids[i].id)
      && qq_fmt(&r->why, ": %s", text))
      silence->trouble(QQ_OUTCOME_UNFINISHED, r->why.s, r->why.len);
    r->why.len = 0;
  }
}

/* New ones that qmail-send may have been in the middle of are waited for, and meanwhile others may
   change the queue. */
static void wait_for_new(run *r)
{
  qq_queue const *const q = r->silence->queue;
  uint64_t const end = qq_now() + PATIENCE;
  stralloc why = STRALLOC_ZERO;
  if (!is_any_waiting(r)) return;
  qq_queue_lock_pause(r->silence->lock);
  while (count_in_todo(r) && qq_now() < end && qq_queue_is_read(q, &why) > 0)
    qq_sleep(PAUSE_NANOSECONDS);
  if (qq_queue_lock_go_on(r->silence->lock, q, &why) < 0) {
    if (!stralloc_0(&why)) why.len = 0;
    give_up(r, why.len ? why.s : strerror(ENOMEM));
  }
  else {
    silence_all(r);
    give_up(r, _("qmail-send has not preprocessed it yet; it is held meanwhile"));
  }
  stralloc_free(&why);
}

static int prepare(run *r)
{
  r->size = batch_size();
  if (r->size > r->silence->count) r->size = r->silence->count;
  r->batch = malloc(r->size * sizeof *r->batch);
  return r->batch ? qq_shard_init(&r->shard, r->silence->queue) : -1;
}

int qq_silence_run(qq_silence *silence)
{
  run r;
  int result;
  memset(&r, 0, sizeof r);
  r.silence = silence;
  if (!silence->count) return 1;
  memset(silence->outcomes, QQ_OUTCOME_WAITING, silence->count);
  result = prepare(&r);
  if (result > 0) {
    shut_all(&r);
    silence_all(&r);
    wait_for_new(&r);
    qq_shard_free(&r.shard);
  }
  stralloc_free(&r.why);
  free(r.batch);
  return result;
}
