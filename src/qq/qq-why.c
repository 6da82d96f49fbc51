/* Why what is in the queue waits, by the log of qmail-send. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "why.h"

static int in_full, json, tsv, ids, by = -1;

static qq_option const options[] = {
  QQ_HEADING(N_("Which recipients (PAT: a part of it, without case)")),
  { 0, "to", "PAT", N_("the address"), QQ_CALLS(qq_why_take_pattern, QQ_WHY_TO) },
  { 0, "host", "PAT", N_("host that the last reason names; else the address's domain"),
    QQ_CALLS(qq_why_take_pattern, QQ_WHY_HOST) },
  { 0, "reason", "PAT", N_("the last reason, with blanks or as logged"),
    QQ_CALLS(qq_why_take_pattern, QQ_WHY_REASON) },
  { 0, "min-attempts", "N", N_("tried N times or more"), QQ_NUMBER(qq_why_min_attempts) },
  QQ_OPTIONS_PATTERNS,
  QQ_HEADING(N_("What to print")),
  { 'l', "long", 0, N_("all about each recipient"), QQ_SETS(in_full) },
  { 0, "json", 0, N_("one JSON object a line, for each message"), QQ_FOR_SCRIPTS(json) },
  { 0, "tsv", 0, N_("a line for each recipient, with tabs between"), QQ_FOR_SCRIPTS(tsv) },
  { 0, "by", QQ_WHY_BY, N_("how many recipients for each"), QQ_CHOICE(by) },
  { 0, "ids", 0, N_("the ids of the messages"), QQ_SETS(ids) },
  QQ_OPTIONS_STREAM,
  QQ_HEADING(N_("Which log; else $QQ_LOG, else that of the qmail-send on this queue")),
  { 0, "log", "PATH", N_("a file or directory; may be repeated"), QQ_CALLS(qq_why_take_log, 0) },
  { 0, "verbose", 0, N_("say which files are read"), QQ_SETS(qq_why_verbose) },
  QQ_OPTIONS_QUEUE,
  QQ_OPTIONS_JOBS,
  QQ_OPTIONS_OF_GREP,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qq-why", "[ID ... | -]",
  N_("Say why recipients in the queue wait, those that were tried most often last; with ids, only "
    "of these."),
  options,
  N_("0 done; 1 a named message is gone; 100 wrong use; 111 trouble of the system, a damaged "
    "message, or a log that cannot be read to its end.")
};

static void check_forms(void)
{
  if (in_full + json + tsv > 1)
    qq_die_usage("%s", _("options -l, --json and --tsv cannot be used together"));
  if (ids && (in_full || json || tsv || by >= 0))
    qq_die_usage("%s", _("option --ids cannot be used with -l, --json, --tsv or --by"));
  if (in_full && by >= 0) qq_die_usage("%s", _("options -l and --by cannot be used together"));
}

/* As root: nothing is read yet. */
static void look(qq_queue const *q)
{
  uint64_t oldest;
  qq_why_is.show.now = qq_now();
  qq_show_look(&qq_why_is.show, q);
  oldest = qq_why_oldest();
  if (oldest != QQ_LOG_UNKNOWN) qq_why_open_log(oldest);
}

static void learn(void)
{
  qq_reading *r = &qq_why_is.reading;
  uint64_t oldest;
  qq_reading_start_after(r, look);
  qq_reading_smtp_users(r);
  qq_reading_prefixes(r);
  qq_why_is.show.queuelifetime = qq_reading_queuelifetime(r);
  oldest = qq_why_read_queue();
  if (oldest != QQ_LOG_UNKNOWN) qq_why_read_log(oldest);
  qq_why_choose();
}

/* What no row says. */
static void tell_of_untied(void)
{
  qq_why_message *const *m = genalloc_s(qq_why_message *, &qq_why_is.messages);
  size_t const n = genalloc_len(qq_why_message *, &qq_why_is.messages);
  unsigned long untied = 0;
  size_t i;
  for (i = 0; i < n; i++)
    untied += !m[i]->is_over && m[i]->count && m[i]->recipients->channel >= 0
      && m[i]->tie != QQ_WHY_TIED && m[i]->tie != QQ_WHY_BY_NUMBER;
  if (untied)
    qq_note(ngettext("%s: %s says nothing about %lu message", "%s: %s says nothing about %lu "
      "messages", untied), program.name, qq_why_is.log.s, untied);
}

static void print(stralloc *out)
{
  if (ids) qq_why_ids(out);
  else if (by >= 0) (json ? qq_why_by_json : tsv ? qq_why_by_tsv : qq_why_by_text)(out, by);
  else (json ? qq_why_json : tsv ? qq_why_tsv : in_full ? qq_why_long : qq_why_rows)(out);
}

int main(int argc, char *const *argv)
{
  stralloc out = STRALLOC_ZERO;
  qq_start(&program, argc, argv);
  check_forms();
  if (ids) qq_output_has_tokens();
  qq_why_criteria_ready();
  learn();
  print(&out);
  qq_output_batch(&out, 1);
  if (ids || by >= 0) tell_of_untied();
  qq_exit(qq_reading_missed() ? QQ_EXIT_NONE : 0);
}
