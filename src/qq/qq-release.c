/* Releases messages that are held. */

#include <qq/diagnostic.h>
#include <qq/hold.h>
#include "batch.h"

static qq_change change;
static int flush;

static qq_option const options[] = {
  { 0, "flush", 0, N_("have qmail-send try everything now"), QQ_SETS(flush) },
  QQ_OPTIONS_CHANGE(change),
  QQ_OPTIONS_PROGRESS,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-release", "[ID ...]", N_("Release messages that are held; the ids are operands, or come from standard input."), options,
  N_("0 none of them is held any more; 1 one of them is not in the queue; 100 wrong use or input, nothing done; 111 trouble, and what it was.")
};

static unsigned char const shown[] = { QQ_OUTCOME_RELEASED, QQ_OUTCOME_UNCHANGED, QQ_OUTCOME_GONE, QQ_OUTCOME_UNFINISHED, QQ_OUTCOME_FAILED, QQ_OUTCOMES };

static qq_outcome release(void *h, qq_pin *pin, stralloc *why)
{
  return qq_hold_release(pin, h, why);
}

static void release_all(void)
{
  qq_hold h;
  h.queuelifetime = qq_change_queuelifetime(&change);
  qq_change_begin(&change);
  h.is_online = change.changing.way == QQ_ONLINE;
  h.daemon = change.changing.daemon;
  qq_change_each(&change, release, &h, 0, 0, "");
  qq_change_end(&change);
  if (flush) qq_change_flush(&change, QQ_OUTCOME_RELEASED);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  qq_change_start(&change);
  if (genalloc_len(qq_id, &change.reading.ids)) release_all();
  qq_change_warn_gone(&change);
  qq_change_report(&change, shown);
  if (!change.quiet && !flush && change.changing.way == QQ_ONLINE && qq_change_count(&change, QQ_OUTCOME_RELEASED))
    qq_note("%s", _("When they are tried next is known to qmail-send alone; --flush has it try everything now."));
  qq_exit(qq_change_exit_code(&change));
}
