/* Makes the next attempt of messages their last. */

#include <stdlib.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/schedule.h>
#include <qq/when.h>
#include "batch.h"

static qq_batch batch = { .expects_all = 1, .lock = QQ_QUEUE_LOCK };
static int take_back;

static qq_option const options[] = {
  { 0, "undo", 0, N_("take it back: they have their old birth again"), QQ_SETS(take_back) },
  QQ_OPTIONS_BATCH(batch),
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-expire", "[ID ...]",
  N_("Make the next attempt of messages their last; the ids are operands, or come from standard "
    "input."),
  options,
  N_("0 done; 1 one of them is not in the queue; 100 wrong use or input, nothing done; "
    "111 trouble, and what it was.")
};

static uint64_t queuelifetime;

/* The last of the attempts that are due on its channels; of one that is due when qmail-send starts,
   now. 0: none is. birth: what it was before it was moved. */
static uint64_t last_attempt(qq_pin const *pin, uint64_t birth)
{
  int const is_running = batch.lock.way == QQ_ONLINE;
  uint64_t due, last = 0;
  unsigned int c;
  if (qq_expire_is(birth, pin->stamp, queuelifetime))
    birth = qq_expire_original(birth, pin->stamp, queuelifetime);
  for (c = 0; c < pin->shard->queue->channels; c++)
    if (qq_schedule_due(pin->shard, pin->id, c, birth, is_running, &due) > 0 && due > last)
      last = due;
  return last && last < qq_now() ? qq_now() : last;
}

static qq_outcome expire(qq_pin *pin, stralloc *why)
{
  uint64_t birth, expired;
  int const is_known = qq_birth_get(pin->shard, pin->id, &birth) > 0;
  qq_outcome const outcome = batch.dry_run
    ? qq_expire_foresee(pin, queuelifetime, &expired, why)
    : qq_expire_message(pin, queuelifetime, why);
  if (is_known && (outcome == QQ_OUTCOME_EXPIRED || outcome == QQ_OUTCOME_UNCHANGED))
    batch.attempts[pin->number] = last_attempt(pin, birth);
  return outcome;
}

static qq_outcome undo(qq_pin *pin, stralloc *why)
{
  uint64_t birth;
  return batch.dry_run ? qq_expire_foresee_undo(pin, queuelifetime, &birth, why)
    : qq_expire_undo(pin, queuelifetime, why);
}

/* When each message's last attempt can be expected, on standard output. */
static void print_attempts(void)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc out = STRALLOC_ZERO, when = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < batch.count; i++) {
    if (!batch.attempts[i]) continue;
    when.len = 0;
    qq_demand_memory(qq_when_text(&when, &calendar, batch.attempts[i]));
    qq_must_fmt(&out, batch.lock.way == QQ_ONLINE
      ? _("message %llu: last attempt about %.*s, by the ideal schedule\n")
      : _("message %llu: last attempt about %.*s, if qmail-send runs\n"),
      (unsigned long long)batch.ids[i].id, (int)when.len, when.s);
    qq_output_batch(&out, QQ_OUTPUT_BATCH);
  }
  qq_output_batch(&out, 1);
  stralloc_free(&when);
  stralloc_free(&out);
}

static void expire_all(void)
{
  batch.attempts = calloc(batch.count, sizeof *batch.attempts);
  qq_demand_memory(batch.attempts != 0);
  qq_batch_run(&batch, expire, QQ_BATCH_PAUSE, QQ_BATCH_TRIES,
    _("is not preprocessed yet, and has no birth: let qmail-send run and try again"));
  if (!batch.quiet && !batch.rows) print_attempts();
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  qq_batch_start(&batch);
  if (batch.count) {
    queuelifetime = qq_batch_queuelifetime(&batch);
    if (take_back) qq_batch_run(&batch, undo, 0, 0, "");
    else expire_all();
  }
  qq_exit(qq_batch_report(&batch));
}
