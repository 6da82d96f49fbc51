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

static uint64_t found;
static stralloc out = STRALLOC_ZERO;

static int choose(qq_lives *lives, qq_life *l)
{
  (void)lives;
  if (l->is_trail_lost || !qlog_is_meant(l)) return 1;
  qlog_wanted_add(l);
  return ++found < limit && !quiet;
}

static void keep_line(qq_lives *lives, qq_life *l, qq_log_line const *line)
{
  if (!l || l->is_trail_lost) return;
  if (line->event == QQ_LOG_INFO && qlog_is_excluded(l)) qq_trail_lose(lives, l);
  else qq_demand_memory(qq_trail_add(qlog_log(), lives, l, line) > 0);
}

/* For people, a stamp of TAI64N in local time; all else is as it was logged, but safe. */
static void show(qq_piece raw)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  qq_log_clock clock = { 0 };
  qq_log_line line;
  qq_piece one;
  line.text = raw;
  if (qq_log_tai_scan(&line, &clock) && line.stamp != QQ_LOG_UNKNOWN) {
    qq_demand_memory(qq_when_logged(&out, &calendar, line.stamp));
    qq_piece_skip(&raw, 25);
  }
  while (qq_piece_line(&raw, &one))
    qq_demand_memory(qq_safe(&out, one.s, one.n) && stralloc_append(&out, '\n'));
}

static void print(stralloc const *line)
{
  if (qq_output_is_terminal()) show(qq_piece_of(line));
  else {
    qq_demand_memory(qq_append(&out, line->s, line->len));
    if (line->s[line->len - 1] != '\n') qq_demand_memory(stralloc_append(&out, '\n'));
  }
  qq_output_batch(&out, QQ_OUTPUT_BATCH);
}

int main(int argc, char *const *argv)
{
  int prints;
  qq_start(&program, argc, argv);
  qlog_open();
  prints = !count && !quiet;
  if (prints) qlog_keep();
  if (limit) qlog_run(choose, prints ? keep_line : 0);
  if (count && !quiet) qq_output_count(found);
  if (found && prints) {
    qlog_wanted_print(print);
    qq_output_batch(&out, 1);
  }
  qq_exit(found ? 0 : QQ_EXIT_NONE);
}
