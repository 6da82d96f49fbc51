#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/when.h>
#include "batch.h"

static int is_uncertain(qq_batch const *b, qq_outcome outcome)
{
  return b->may_be_under_way && outcome == QQ_OUTCOME_SILENCED;
}

static void note_message(qq_batch const *b, char const *token, qq_outcome outcome)
{
  /* Translators: the second is a word as removed, gone, held, the same in all languages, so that
     it is better a title, as `dry run', than part of a sentence. */
  qq_note(b->dry_run ? _("%s: would be %s: %s")
    : is_uncertain(b, outcome) ? _("%s: %s (may be under way): %s") : "%s: %s: %s",
    qq_program_in_charge()->name, qq_outcome_word(outcome), token);
}

static void write_object(qq_batch const *b, size_t i, char const *token, stralloc *out)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  qq_outcome const outcome = (qq_outcome)b->outcomes[i];
  qq_json j = qq_json_begin(out);
  qq_json_number(&j, "id", b->ids[i].id);
  qq_json_word(&j, "token", token);
  qq_json_word(&j, "result", qq_outcome_word(outcome));
  if (is_uncertain(b, outcome)) qq_json_boolean(&j, "may_be_under_way", 1);
  if (b->attempts && b->attempts[i]) qq_json_moment(&j, "last_attempt", &calendar, b->attempts[i]);
  else if (b->attempts) qq_json_null(&j, "last_attempt");
  qq_json_end(&j);
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

static void report_each(qq_batch const *b)
{
  stralloc out = STRALLOC_ZERO;
  char token[QQ_ID_FMT];
  size_t i;
  qq_rows_begin(b->rows, "id\ttoken\tresult\tmay_be_under_way\tlast_attempt");
  for (i = 0; i < b->count; i++) {
    token[qq_id_format(token, &b->ids[i])] = 0;
    if (b->verbose) note_message(b, token, (qq_outcome)b->outcomes[i]);
    if (b->rows) write_object(b, i, token, &out);
  }
  qq_output_batch(&out, 1);
  stralloc_free(&out);
}

static void summarize(qq_batch const *b)
{
  stralloc line = STRALLOC_ZERO;
  unsigned int i;
  for (i = 0; i < QQ_OUTCOMES; i++) {
    uint64_t const n = qq_batch_count(b, (qq_outcome)i);
    if (n)
      qq_must_fmt(&line, "%s%llu %s", line.len ? ", " : "", (unsigned long long)n,
        qq_outcome_word((qq_outcome)i));
  }
  qq_note(b->dry_run ? _("%s: would be: %.*s") : "%s: %.*s",
    qq_program_in_charge()->name, (int)line.len, line.s);
  stralloc_free(&line);
}

uint64_t qq_batch_count(qq_batch const *b, qq_outcome outcome)
{
  uint64_t n = 0;
  size_t i;
  for (i = 0; i < b->count; i++) n += b->outcomes[i] == outcome;
  return n;
}

int qq_batch_report(qq_batch const *b)
{
  size_t i;
  for (i = 0; i < b->count && b->expects_all; i++)
    if (b->outcomes[i] == QQ_OUTCOME_GONE) qq_reading_warn_gone(&b->ids[i]);
  if (b->verbose || b->rows) report_each(b);
  if (!b->quiet && b->count) summarize(b);
  if (qq_batch_count(b, QQ_OUTCOME_UNFINISHED) || qq_batch_count(b, QQ_OUTCOME_FAILED))
    return QQ_EXIT_TROUBLE;
  return b->expects_all && qq_batch_count(b, QQ_OUTCOME_GONE) ? QQ_EXIT_NONE : 0;
}
