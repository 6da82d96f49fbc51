/* Places messages from a stream of qq-save in a queue. */

#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "moving.h"

static qq_load load = { .lock = QQ_QUEUE_LOCK, .placing = { .patience = QQ_PLACING_PATIENCE } };
static int quiet;

static void take_timeout(qq_option const *o, char const *value)
{
  load.lock.patience = load.placing.patience = qq_duration_value(o, value);
}

static qq_option const options[] = {
  { 0, "held", 0, N_("hold the messages: nothing is tried until they are released"),
    QQ_SETS(load.stays_held) },
  { 'q', "quiet", 0, N_("no summary"), QQ_SETS(quiet) },
  { 0, "timeout", "DURATION", N_("how long to wait where nothing goes on: for another run that "
    "changes the queue (15s), for qmail-send (30s)"), QQ_CALLS(take_timeout, 0) },
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-load", "",
  N_("Place the messages that qq-save wrote, beside a running qmail-send; print the ids that they "
    "had there, as they are safely here."),
  options,
  N_("0 all are here; 100 wrong use, or no such stream, nothing done; 111 trouble, and what it "
    "was: the same stream again finishes it.")
};

static void separate(stralloc *text)
{
  if (text->len) qq_must_fmt(text, ", ");
}

/* What is 0 is left out. */
static void say_counts(stralloc *text)
{
  unsigned long const placed = load.placed, known = load.known, failed = load.failed;
  if (placed) qq_must_fmt(text, ngettext("%lu placed", "%lu placed", placed), placed);
  if (known) {
    separate(text);
    qq_must_fmt(text, ngettext("%lu already here", "%lu already here", known), known);
  }
  if (failed) {
    separate(text);
    qq_must_fmt(text, ngettext("%lu failed", "%lu failed", failed), failed);
  }
}

static void tell(void)
{
  stralloc text = STRALLOC_ZERO;
  if (load.unsettled) qq_trouble(ngettext("%llu of them has not been preprocessed yet: load the "
    "same stream again to put its age and failures right", "%llu of them have not been "
    "preprocessed yet: load the same stream again to put their ages and failures right",
    (unsigned long)load.unsettled), (unsigned long long)load.unsettled);
  say_counts(&text);
  if (!text.len) qq_must_fmt(&text, "%s", _("no message"));
  if (!quiet) qq_note("qq-load: %.*s", (int)text.len, text.s);
  stralloc_free(&text);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\" given, expected none"), *qq_operands());
  qq_output_has_tokens();
  qq_load_run(&load);
  tell();
  qq_exit(0);
}
