/* Releases messages that are held. */

#include <qq/diagnostic.h>
#include <qq/schedule.h>
#include "batch.h"

static qq_batch batch = { .expects_all = 1, .lock = QQ_QUEUE_LOCK };
static int flush;

static qq_option const options[] = {
  { 0, "flush", 0, N_("have qmail-send try everything now"), QQ_SETS(flush) },
  QQ_OPTIONS_BATCH(batch),
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-release", "[ID ...]",
  N_("Release messages that are held; the ids are operands, or come from standard input."),
  options,
  N_("0 none of them is held any more; 1 one of them is not in the queue; 100 wrong use or input, "
    "nothing done; 111 trouble, and what it was.")
};

static qq_hold how;

static qq_outcome release(qq_pin *pin, stralloc *why)
{
  return qq_hold_release(pin, &how, why);
}

static qq_outcome foresee(qq_pin *pin, stralloc *why)
{
  return qq_hold_foresee_release(pin, why);
}

static void release_all(void)
{
  if (batch.dry_run) {
    qq_batch_run(&batch, foresee, 0, 0, "");
    return;
  }
  how.queuelifetime = qq_batch_queuelifetime(&batch);
  qq_batch_lock(&batch);
  how.is_online = batch.lock.way == QQ_ONLINE;
  how.daemon = batch.lock.daemon;
  qq_batch_apply(&batch, release, 0, 0, "");
  qq_batch_unlock(&batch);
  if (flush) qq_batch_flush(&batch, QQ_OUTCOME_RELEASED);
}

int main(int argc, char *const *argv)
{
  int code;
  qq_start(&program, argc, argv);
  qq_batch_start(&batch);
  if (batch.count) release_all();
  code = qq_batch_report(&batch);
  if (!batch.quiet && !batch.dry_run && !flush && batch.lock.way == QQ_ONLINE
    && qq_batch_count(&batch, QQ_OUTCOME_RELEASED))
    qq_note("%s", _("Only qmail-send knows when they are tried next; --flush has it try "
      "everything now."));
  qq_exit(code);
}
