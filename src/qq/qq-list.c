/* The ids of every message in the queue. */

#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include "reading.h"

static int count, over;

static qq_option const options[] = {
  { 'c', "count", 0, N_("print how many there are instead of their ids"), QQ_SETS(count) },
  { 0, "over", 0, N_("only messages that are over and wait for qmail-send to take them away"),
    QQ_SETS(over) },
  QQ_OPTIONS_STREAM,
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-list", "[ID ... | -]",
  N_("Print the ids of the messages in the queue; with ids, of those that are still there."),
  options,
  N_("0 done; 100 wrong use; 111 trouble of the system, or a damaged message.")
};

typedef struct worker { stralloc out; uint64_t count; } worker;

static int visit(void *p, qq_message *m)
{
  worker *w = p;
  qq_id id;
  int r = qq_message_stat(m);
  if (r != 1) return r;
  if (m->over != over) return 1;
  w->count++;
  if (count) return 1;
  id = qq_message_id(m);
  qq_output_token(&w->out, &id);
  qq_output_batch(&w->out, QQ_OUTPUT_BATCH);
  return 1;
}

int main(int argc, char *const *argv)
{
  qq_reading reading;
  uint64_t total = 0;
  unsigned int i;
  qq_start(&program, argc, argv);
  if (!count) qq_output_has_tokens();
  qq_reading_start(&reading);
  qq_reading_prepare(&reading, visit, sizeof(worker));
  qq_reading_walk(&reading);
  for (i = 0; i < reading.walk.jobs; i++) {
    worker *w = reading.walk.workers[i];
    total += w->count;
    qq_output_batch(&w->out, 1);
  }
  if (count) qq_output_count(total);
  qq_exit(0);
}
