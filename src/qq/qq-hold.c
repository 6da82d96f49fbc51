/* Holds messages: no delivery of them starts until they are released. */

#include <qq/diagnostic.h>
#include <qq/schedule.h>
#include "batch.h"

static qq_batch batch = { .expects_all = 1, .lock = QQ_QUEUE_LOCK };

static qq_option const options[] = {
  QQ_OPTIONS_BATCH(batch),
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-hold", "[ID ...]",
  N_("Hold messages until they are released; the ids are operands, or come from standard input."),
  options,
  N_("0 all are held; 1 one of them is not in the queue; 100 wrong use or input, nothing done; "
    "111 trouble, and what it was.")
};

static qq_hold how;

static qq_outcome hold(qq_pin *pin, stralloc *why)
{
  return qq_hold_message(pin, &how, why);
}

static qq_outcome foresee(qq_pin *pin, stralloc *why)
{
  return qq_hold_foresee(pin, &how, why);
}

static void hold_all(void)
{
  how.queuelifetime = qq_batch_queuelifetime(&batch);
  qq_batch_lock(&batch);
  how.is_online = batch.lock.way == QQ_ONLINE;
  how.daemon = batch.lock.daemon;
  if (batch.dry_run) {
    qq_batch_apply(&batch, foresee, 0, 0,
      _("is past its lifetime: it is held only if its last attempt is not under way"));
    return;
  }
  qq_batch_apply(&batch, hold, QQ_HOLD_GRACE, 1,
    _("is past its lifetime, and qmail-send was stopped meanwhile"));
  qq_batch_unlock(&batch);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  qq_batch_start(&batch);
  if (batch.count) hold_all();
  qq_exit(qq_batch_report(&batch));
}
