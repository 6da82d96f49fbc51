/* Holds messages: no delivery of them starts until they are released. */

#include <qq/diagnostic.h>
#include <qq/hold.h>
#include "batch.h"

static qq_change change;

static qq_option const options[] = {
  QQ_OPTIONS_CHANGE(change),
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-hold", "[ID ...]", N_("Hold messages until they are released; the ids are operands, or come from standard input."), options,
  N_("0 all are held; 1 one of them is not in the queue; 100 wrong use or input, nothing done; 111 trouble, and what it was.")
};

static unsigned char const shown[] = { QQ_OUTCOME_HELD, QQ_OUTCOME_GONE, QQ_OUTCOME_UNFINISHED, QQ_OUTCOME_FAILED, QQ_OUTCOMES };

static qq_outcome hold(void *h, qq_pin *pin, stralloc *why)
{
  return qq_hold_message(pin, h, why);
}

static void hold_all(void)
{
  qq_hold h;
  h.queuelifetime = qq_change_queuelifetime(&change);
  qq_change_begin(&change);
  h.is_online = change.changing.way == QQ_ONLINE;
  h.daemon = change.changing.daemon;
  qq_change_each(&change, hold, &h, QQ_HOLD_GRACE, 1, _("is past its lifetime, and qmail-send was stopped meanwhile"));
  qq_change_end(&change);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  qq_change_start(&change);
  if (genalloc_len(qq_id, &change.reading.ids)) hold_all();
  qq_change_warn_gone(&change);
  qq_change_report(&change, shown);
  qq_exit(qq_change_exit_code(&change));
}
