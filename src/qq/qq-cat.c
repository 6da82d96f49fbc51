/* Messages themselves. */

#include <qq/diagnostic.h>
#include <qq/options.h>
#include "cat.h"
#include "reading.h"

static int (*const forms[])(qq_cat *, qq_message *) = {
  qq_cat_whole, qq_cat_headers, qq_cat_body, qq_cat_envelope, qq_cat_text, qq_cat_mbox
};
static int form;

static void choose_form(qq_option const *option, char const *none)
{
  (void)none;
  if (form && form != option->value)
    qq_die_usage("%s",
      _("options --headers, --body, --envelope, --text and --mbox cannot be used together"));
  form = option->value;
}

static qq_option const options[] = {
  { 0, "headers", 0, N_("only the header, with the blank line that ends it"),
    QQ_CALLS(choose_form, 1) },
  { 0, "body", 0, N_("only the body"), QQ_CALLS(choose_form, 2) },
  { 0, "envelope", 0, N_("sender and undelivered recipients, as qmail-queue reads them"),
    QQ_CALLS(choose_form, 3) },
  { 0, "text", 0, N_("for reading: main header fields and text parts, decoded"),
    QQ_CALLS(choose_form, 4) },
  { 0, "mbox", 0, N_("a mailbox (mboxrd) of all messages"), QQ_CALLS(choose_form, 5) },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-cat", "[ID ...]",
  N_("Write queued messages, byte for byte; the ids are operands, or come from standard input."),
  options,
  N_("0 done; 1 a named message is gone; 100 wrong use; 111 trouble of the system, or a damaged "
    "message.")
};

static int visit(void *worker, qq_message *m)
{
  int const r = qq_message_pin(m);
  return r == 1 ? forms[form](worker, m) : r;
}

int main(int argc, char *const *argv)
{
  static qq_reading reading;
  qq_start(&program, argc, argv);
  qq_reading_open_to_read(&reading);
  qq_named(&reading.ids);
  reading.restricted = 1;
  qq_reading_prepare(&reading, visit, sizeof(qq_cat));
  qq_reading_walk_in_order(&reading);
  qq_exit(qq_reading_missed() ? QQ_EXIT_NONE : 0);
}
