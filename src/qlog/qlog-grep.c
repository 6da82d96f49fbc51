/* The lines of the log that are about the messages meant: log in, log out. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/when.h>
#include "qlog.h"

static int count, quiet;
static uint64_t limit = UINT64_MAX;

static qq_option const options[] = {
  QLOG_OPTIONS_CRITERIA,
  QQ_HEADING(N_("What to print")),
  { 'c', "count", 0, N_("how many messages there are instead of their lines"), QQ_SETS(count) },
  { 'm', "max-count", "N", N_("stop after N messages"), QQ_NUMBER(limit) },
  { 'q', "quiet", 0, N_("nothing: the exit code says whether there is one"), QQ_SETS(quiet) },
  QLOG_OPTIONS_LOG,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qlog-grep", "[LOG ... | -]",
  N_("Print the lines of the log that are about messages that meet all criteria."),
  options,
  N_("0 found; 1 nothing found; 100 wrong use; 111 trouble of the system, or a log that cannot be "
    "read to its end.")
};

static qlog_set meant;
static uint64_t found, lines, last;     /* last: no line behind it is wanted */
static stralloc out = STRALLOC_ZERO;

static int choose(qq_lives *lives, qq_life *l)
{
  (void)lives;
  if (!qlog_is_meant(l)) return 1;
  qlog_set_add(&meant, l->serial);
  last = lines;
  return ++found < limit && !quiet;
}

static void number_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  (void)lives;
  (void)l;
  (void)line;
  lines++;
}

/* For people, a stamp of TAI64N in local time; all else is as it was logged, but safe. */
static void show(qq_log_line const *line)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  qq_piece raw = line->raw, one;
  if (*raw.s == '@' && raw.n > 26 && line->stamp != QQ_LOG_UNKNOWN) {
    qq_demand_memory(qq_when_logged(&out, &calendar, line->stamp));
    qq_piece_skip(&raw, 25);
  }
  while (qq_piece_line(&raw, &one))
    qq_demand_memory(qq_safe(&out, one.s, one.n) && stralloc_append(&out, '\n'));
}

static void print_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  (void)lives;
  lines++;
  if (!l || !qlog_set_has(&meant, l->serial)) return;
  if (qq_output_is_terminal()) show(line);
  else {
    qq_demand_memory(qq_append(&out, line->raw.s, line->raw.n));
    if (line->raw.n && line->raw.s[line->raw.n - 1] != '\n')
      qq_demand_memory(stralloc_append(&out, '\n'));
  }
  qq_output_batch(&out, QQ_OUTPUT_BATCH);
}

static int is_enough(qq_lives *lives, qq_life *l)
{
  (void)lives;
  (void)l;
  return lines < last;
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  qlog_open();
  if (!count && !quiet) qlog_keep();
  if (limit) qlog_run(choose, number_line);
  if (count && !quiet) qq_output_count(found);
  if (found && !count && !quiet) {
    qlog_set_settle(&meant);
    lines = 0;
    qlog_run_again(is_enough, print_line);
    qq_output_batch(&out, 1);
  }
  qq_exit(found ? 0 : QQ_EXIT_NONE);
}
