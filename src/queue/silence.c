#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <qq/lock.h>
#include <qq/os.h>
#include <qq/remove.h>
#include <qq/when.h>
#include "silencing.h"

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
  uint64_t patience, finished;
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

static void take_note(run *r, qq_silencing const *s)
{
  size_t const index = (size_t)(s->id - r->silence->ids);
  if (s->stage == QQ_STAGE_SETTLED) r->silence->outcomes[index] = (unsigned char)s->outcome;
  if (r->silence->stamps && s->pin.fd >= 0) r->silence->stamps[index] = s->pin.stamp;
  if (r->why.len) r->silence->trouble(s->outcome, r->why.s, r->why.len);
  r->why.len = 0;
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

static void begin(run *r)
{
  size_t index;
  r->count = 0;
  while (r->count < r->size && qq_by_directory_next(&r->each, &index)) {
    qq_silencing *s = &r->batch[r->count++];
    qq_silencing_begin(s, &r->shard, &r->silence->ids[index], &r->why);
    take_note(r, s);
  }
}

/* New ones go at once when qmail-send is told of them. What it may have been in the middle of is
   waited for. */
static void wait_for_new(run *r)
{
  static struct timespec const pause = { 0, PAUSE_NANOSECONDS };
  int has_reader = 1;
  size_t i, unsettled = 0;
  for (i = 0; i < r->count; i++)
    unsettled += r->batch[i].stage != QQ_STAGE_SETTLED && r->batch[i].pin.state == QQ_STATE_NEW;
  if (unsettled) has_reader = qq_trigger_pull(r->silence->queue->fd) > 0;
  for (;;) {
    step(r, QQ_STAGE_IN_TODO, qq_silencing_look);
    if (!count_in(r, QQ_STAGE_IN_TODO) || !has_reader || !r->patience) break;
    nanosleep(&pause, 0);
    r->patience = r->patience > PAUSE_NANOSECONDS ? r->patience - PAUSE_NANOSECONDS : 0;
    has_reader = qq_trigger_has_reader(r->silence->queue->fd) > 0;
  }
  step(r, QQ_STAGE_IN_TODO, qq_silencing_give_up);
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

static void work(run *r)
{
  wait_for_new(r);
  step(r, QQ_STAGE_PREPROCESSED, qq_silencing_prepare);
  sync_for(r, QQ_STAGE_PREPARED);
  step(r, QQ_STAGE_PREPARED, qq_silencing_commit);
  sync_for(r, QQ_STAGE_QUIET);
  step(r, QQ_STAGE_QUIET, qq_silencing_end);
  r->finished += r->count;
  r->silence->progress(r->finished, r->silence->count, r->finished);
}

int qq_silence_run(qq_silence *silence)
{
  run r;
  memset(&r, 0, sizeof r);
  r.silence = silence;
  r.patience = PATIENCE;
  r.size = batch_size();
  if (r.size > silence->count) r.size = silence->count;
  if (!r.size) return 1;
  r.batch = malloc(r.size * sizeof *r.batch);
  if (!r.batch) return -1;
  if (qq_shard_init(&r.shard, silence->queue) < 0) {
    free(r.batch);
    return -1;
  }
  qq_by_directory_begin(&r.each, silence->queue, silence->ids, silence->count);
  do {
    defer_signals(SIG_BLOCK);
    begin(&r);
    if (r.count) work(&r);
    defer_signals(SIG_UNBLOCK);
  } while (r.count);
  qq_shard_free(&r.shard);
  stralloc_free(&r.why);
  free(r.batch);
  return 1;
}
