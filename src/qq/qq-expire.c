/* Makes the next attempt of messages their last. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/schedule.h>
#include <qq/when.h>
#include "batch.h"

static qq_change change;
static int take_back;

static qq_option const options[] = {
  { 0, "undo", 0, N_("take it back: they have their old birth again"), QQ_SETS(take_back) },
  QQ_OPTIONS_CHANGE(change),
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-expire", "[ID ...]", N_("Make the next attempt of messages their last; the ids are operands, or come from standard input."), options,
  N_("0 done; 1 one of them is not in the queue; 100 wrong use or input, nothing done; 111 trouble, and what it was.")
};

static unsigned char const shown_expire[] = {
  QQ_OUTCOME_EXPIRED, QQ_OUTCOME_UNCHANGED, QQ_OUTCOME_GONE, QQ_OUTCOME_UNFINISHED, QQ_OUTCOME_FAILED, QQ_OUTCOMES
};
static unsigned char const shown_undo[] = {
  QQ_OUTCOME_RESTORED, QQ_OUTCOME_UNCHANGED, QQ_OUTCOME_GONE, QQ_OUTCOME_UNFINISHED, QQ_OUTCOME_FAILED, QQ_OUTCOMES
};

static uint64_t queuelifetime;

/* The last of the attempts that are due on its channels; of one that is due when qmail-send starts,
   now. 0: none is. */
static uint64_t last_attempt(qq_pin const *pin)
{
  uint64_t birth, due, last = 0;
  unsigned int c;
  if (qq_birth_get(pin->shard, pin->id, &birth) < 0) return 0;
  if (qq_expire_is(birth, pin->stamp))
    birth = qq_expire_original(birth, pin->stamp, queuelifetime);
  for (c = 0; c < pin->shard->queue->channels; c++)
    if (qq_schedule_due(pin->shard, pin->id, c, birth, change.changing.way == QQ_ONLINE, &due) > 0
      && due > last) last = due;
  return last && last < qq_now() ? qq_now() : last;
}

static qq_outcome expire(void *unused, qq_pin *pin, stralloc *why)
{
  qq_outcome const outcome = qq_expire_message(pin, queuelifetime, why);
  (void)unused;
  if (outcome == QQ_OUTCOME_EXPIRED || outcome == QQ_OUTCOME_UNCHANGED)
    change.attempts[pin->number] = last_attempt(pin);
  return outcome;
}

static qq_outcome undo(void *unused, qq_pin *pin, stralloc *why)
{
  (void)unused;
  return qq_expire_undo(pin, queuelifetime, why);
}

/* When each message's last attempt can be expected, on standard output. */
static void tell_attempts(void)
{
  qq_id const *ids = genalloc_s(qq_id, &change.reading.ids);
  size_t const count = genalloc_len(qq_id, &change.reading.ids);
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc out = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < count; i++) {
    if (!change.attempts[i]) continue;
    if (!qq_say(&out, _("message %llu: last attempt about "), (unsigned long long)ids[i].id) || !qq_when_text(&out, &calendar, change.attempts[i])
      || !stralloc_cats(&out, change.changing.way == QQ_ONLINE ? _(", by the ideal schedule\n") : _(", if qmail-send runs\n"))) qq_die_memory();
    qq_output_batch(&out, QQ_OUTPUT_BATCH);
  }
  qq_output_batch(&out, 1);
  stralloc_free(&out);
}

static void expire_all(void)
{
  size_t const count = genalloc_len(qq_id, &change.reading.ids);
  change.attempts = calloc(count, sizeof *change.attempts);
  if (!change.attempts) qq_die_memory();
  qq_change_begin(&change);
  qq_change_each(&change, expire, 0, QQ_CHANGE_PAUSE, QQ_CHANGE_TRIES, _("is not preprocessed yet, and has no birth: let qmail-send run and try again"));
  qq_change_end(&change);
  if (!change.quiet && !change.json) tell_attempts();
}

static void undo_all(void)
{
  qq_change_begin(&change);
  qq_change_each(&change, undo, 0, 0, 0, "");
  qq_change_end(&change);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  qq_change_start(&change);
  if (genalloc_len(qq_id, &change.reading.ids)) {
    queuelifetime = qq_change_queuelifetime(&change);
    if (take_back) undo_all();
    else expire_all();
  }
  qq_change_warn_gone(&change);
  qq_change_report(&change, take_back ? shown_undo : shown_expire);
  qq_exit(qq_change_exit_code(&change));
}
