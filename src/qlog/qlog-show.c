/* What became of messages, by the log of qmail-send. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qlog.h"

static int in_full, json, tsv, follow;

static qq_option const options[] = {
  QLOG_OPTIONS_CRITERIA,
  QQ_HEADING(N_("What to print")),
  { 'l', "long", 0, N_("the story of each message"), QQ_SETS(in_full) },
  { 0, "follow", 0, N_("the forwards and bounces that came of it, too"), QQ_SETS(follow) },
  { 0, "json", 0, N_("one JSON object a line, for each message"), QQ_FOR_SCRIPTS(json) },
  { 0, "tsv", 0, N_("a line for each recipient, with tabs between"), QQ_FOR_SCRIPTS(tsv) },
  QLOG_OPTIONS_LOG,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qlog-show", "[LOG ... | -]",
  N_("Show what became of the messages that meet all criteria, a line for each recipient."),
  options,
  N_("0 done; 100 wrong use; 111 trouble of the system, or a log that cannot be read to its end.")
};

static stralloc out = STRALLOC_ZERO;
static qlog_form *form = qlog_rows;

static qlog_set meant;

static int choose(qq_lives *lives, qq_life *l)
{
  (void)lives;
  if (qlog_is_meant(l)) qlog_set_add(&meant, l->serial);
  return 1;
}

static int show(qq_lives *lives, qq_life *l)
{
  if (follow ? !qlog_set_has(&meant, l->serial) : !qlog_is_meant(l)) return 1;
  form(&out, lives, l);
  qq_output_batch(&out, QQ_OUTPUT_BATCH);
  return 1;
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  if (in_full + json + tsv > 1)
    qq_die_usage("%s", _("options -l, --json and --tsv cannot be used together"));
  qlog_shows_logins = json || in_full;
  qlog_open();
  if (json) form = qlog_json;
  else if (in_full) form = qlog_story;
  else if (tsv) {
    form = qlog_tsv;
    qlog_tsv_heading(&out);
  }
  else qlog_rows_heading(&out);
  if (follow) {
    qlog_keep();
    qlog_run(choose, qlog_follow_line);
    qlog_set_settle(&meant);
    qlog_follow(&meant);
    qlog_shows_all = 1;
    qlog_run_again(show, in_full ? qlog_story_line : 0);
  }
  else qlog_run(show, in_full ? qlog_story_line : 0);
  qq_output_batch(&out, 1);
  qq_exit(0);
}
