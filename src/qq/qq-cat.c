/* Messages themselves. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include "cat.h"
#include "reading.h"

enum { HEADERS = QQ_OPTION_OWN, BODY, ENVELOPE, TEXT, MBOX };

static qq_option const options[] = {
  { HEADERS, "headers", 0, N_("only the header, with the blank line that ends it") },
  { BODY, "body", 0, N_("only the body") },
  { ENVELOPE, "envelope", 0, N_("sender and undelivered recipients, as qmail-queue reads them") },
  { TEXT, "text", 0, N_("for reading: main header fields and text parts, decoded") },
  { MBOX, "mbox", 0, N_("a mailbox (mboxrd) of all messages") },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-cat", "[ID ...]", N_("Write queued messages, byte for byte; the ids are operands, or come from standard input."), options,
  N_("0 done; 1 a named message is gone; 100 wrong use; 111 trouble of the system, or a damaged message.")
};

static int (*form)(qq_cat *, qq_message *);

static int visit(void *worker, qq_message *m)
{
  int const r = qq_message_pin(m);
  return r == 1 ? form(worker, m) : r;
}

static void choose(int option)
{
  static int chosen;
  if (chosen && chosen != option) qq_die_usage("%s", _("options --headers, --body, --envelope, --text and --mbox exclude each other"));
  chosen = option;
  form = option == HEADERS ? qq_cat_headers : option == BODY ? qq_cat_body : option == ENVELOPE ? qq_cat_envelope
    : option == TEXT ? qq_cat_text : qq_cat_mbox;
}

int main(int argc, char *const *argv)
{
  static qq_reading reading;
  char const *value;
  int option;
  form = qq_cat_whole;
  qq_start(&program, argc, argv);
  while ((option = qq_next_option(&value))) choose(option);
  qq_reading_open(&reading.queue, &reading.queue_path, &reading.home_path);
  qq_reading_drop(&reading.queue);
  qq_named(&reading.ids);
  reading.restricted = 1;
  qq_reading_prepare(&reading, visit, sizeof(qq_cat));
  qq_reading_walk_in_order(&reading);
  qq_exit(reading.missed ? QQ_EXIT_NONE : 0);
}
