/* Figures of the log of qmail-send: in all, or by sender, host, reason, hour ... */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "metrics.h"
#include "qlog.h"

#define REPORTS 13

static qlog_report report = { 0, -1, 0, UINT64_MAX };
static qq_table tallies[REPORTS];
static int by[REPORTS], reports, key, json, tsv, metrics;
static char const *state, *file;

/* The same one twice is one. */
static void take_key(qq_option const *o, char const *value)
{
  qq_option const choice = { 0, o->name, o->argument, "", QQ_CHOICE(key) };
  int i = 0;
  choice.take(&choice, value);
  while (i < reports && by[i] != key) i++;
  if (i == reports) by[reports++] = key;
}

static qq_option const options[] = {
  QLOG_OPTIONS_CRITERIA,
  QQ_HEADING(N_("What to print")),
  { 0, "by", QLOG_KEYS, N_("figures for each; may be repeated"), QQ_CALLS(take_key, 0) },
  { 0, "top", "N", N_("only the first N of each"), QQ_NUMBER(report.top) },
  { 0, "sort", QLOG_SORTS, N_("the order; if nothing is said, the most messages first, and hours "
    "and days as they come"), QQ_CHOICE(report.sort) },
  { 0, "reverse", 0, N_("the other way round"), QQ_SETS(report.is_reversed) },
  { 0, "json", 0, N_("one JSON object a line"), QQ_FOR_SCRIPTS(json) },
  { 0, "tsv", 0, N_("with tabs between"), QQ_FOR_SCRIPTS(tsv) },
  { 0, "metrics", 0, N_("counters for Prometheus, of all that was logged since the last run"),
    QQ_FOR_SCRIPTS(metrics) },
  { 0, "state", "FILE", N_("with --metrics: what the last run has left"), QQ_TEXT(state) },
  { 0, "output", "FILE", N_("with --metrics: into this file, which is replaced whole"),
    QQ_TEXT(file) },
  QLOG_OPTIONS_LOG,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qlog-stat", "[LOG ... | -]",
  N_("Print figures of the messages that meet all criteria, by the log of qmail-send."),
  options,
  N_("0 done; 100 wrong use; 111 trouble of the system, or a log that cannot be read to its end.")
};

static qlog_figures totals = { { "", 0 }, { 0 }, QQ_LOG_UNKNOWN, QQ_LOG_UNKNOWN, 0 };
static qlog_delays delays;
static stralloc text = STRALLOC_ZERO;

static qlog_figures *figures_of(int i, qq_life const *l, qq_served const *r)
{
  qlog_figures *f;
  text.len = 0;
  qlog_key(&text, by[i], l, r);
  f = qlog_tally_find(&tallies[i], text.s, text.len);
  qlog_figures_message(f, l);
  return f;
}

static void count_by(int i, qq_life const *l)
{
  int const is_each = qlog_is_of_recipient(by[i]);
  qlog_figures *f = is_each ? 0 : figures_of(i, l, 0);
  qq_served const *r;
  for (r = l->recipients; r; r = r->next)
    if (qlog_served_is_meant(r)) qlog_figures_recipient(is_each ? figures_of(i, l, r) : f, r);
}

static void count_all(qq_life const *l)
{
  qq_served const *r;
  qlog_figures_message(&totals, l);
  for (r = l->recipients; r; r = r->next) {
    uint64_t delay;
    if (!qlog_served_is_meant(r)) continue;
    qlog_figures_recipient(&totals, r);
    if (r->result == QQ_RESULT_DELIVERED && (delay = qq_served_delay(r)) != QQ_LOG_UNKNOWN)
      qlog_delays_add(&delays, delay);
  }
}

static int count(qq_lives *lives, qq_life *l)
{
  int i;
  (void)lives;
  if (!qlog_is_meant(l)) return 1;
  if (!reports) count_all(l);
  for (i = 0; i < reports; i++) count_by(i, l);
  return 1;
}

static void check_options(void)
{
  if (json && tsv) qq_die_usage("%s", _("options --json and --tsv cannot be used together"));
  if (file && !metrics) qq_die_usage("%s", _("option --output needs --metrics"));
  if (state && !metrics) qq_die_usage("%s", _("option --state needs --metrics"));
  if (!metrics && !reports && (report.sort >= 0 || report.is_reversed || report.top != UINT64_MAX))
    qq_die_usage("%s", _("options --top, --sort and --reverse need --by"));
  if (!metrics) return;
  if (!state) qq_die_usage("%s", _("option --metrics needs --state"));
  if (json || tsv || reports || report.sort >= 0 || report.is_reversed || report.top != UINT64_MAX
    || qlog_has_criteria())
    qq_die_usage("%s", _("option --metrics counts all: no criteria, --by, --top, --sort, "
      "--reverse, --json or --tsv can be used with it"));
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO;
  qlog_print *print;
  int i;
  qq_start(&program, argc, argv);
  check_options();
  if (metrics) qlog_metrics(state, file);
  print = json ? qlog_print_json : tsv ? qlog_print_tsv : qlog_print_text;
  qlog_open();
  qlog_has_no_reasons = !reports && !qlog_has_criteria();
  for (i = 0; i < reports; i++)
    if (by[i] == QLOG_BY_IP || by[i] == QLOG_BY_LOGIN) qlog_shows_logins = 1;
  qlog_run(count, 0);
  if (!reports) (json ? qlog_totals_json : tsv ? qlog_totals_tsv : qlog_totals_text)(&out, &totals,
    &delays);
  for (i = 0; i < reports; i++) {
    report.by = by[i];
    print(&out, &report, &tallies[i]);
  }
  qq_output_batch(&out, 1);
  qq_exit(0);
}
