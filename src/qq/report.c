#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/output.h>
#include <qq/text.h>
#include <qq/when.h>
#include "batch.h"

static void tell_person(qq_change const *c, char const *token, qq_outcome outcome)
{
  char const *name = qq_program_in_charge()->name, *word = _(qq_outcome_word(outcome));
  if (c->dry_run) qq_note(_("%s: would be %s: %s"), name, word, token);
  else if (c->may_be_under_way && outcome == QQ_OUTCOME_SILENCED) qq_note(_("%s: %s (may be under way): %s"), name, word, token);
  else qq_note("%s: %s: %s", name, word, token);
}

static void tell_attempt(qq_json *j, uint64_t moment)
{
  static qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc text = STRALLOC_ZERO;
  if (!moment) {
    qq_json_null(j, "last_attempt");
    return;
  }
  if (!qq_when_rfc3339(&text, &calendar, moment) || !stralloc_0(&text)) qq_die_memory();
  qq_json_word(j, "last_attempt", text.s);
  stralloc_free(&text);
}

static void tell(qq_change const *c, size_t i, stralloc *out)
{
  qq_id const *id = &genalloc_s(qq_id, &c->reading.ids)[i];
  qq_outcome const outcome = (qq_outcome)c->outcomes[i];
  char token[QQ_ID_FMT];
  qq_json j = QQ_JSON(out);
  token[qq_id_format(token, id)] = 0;
  if (c->verbose) tell_person(c, token, outcome);
  if (!c->json) return;
  qq_json_object(&j, 0);
  qq_json_number(&j, "id", id->id);
  qq_json_word(&j, "token", token);
  qq_json_word(&j, "result", qq_outcome_word(outcome));
  if (c->may_be_under_way && outcome == QQ_OUTCOME_SILENCED) qq_json_boolean(&j, "may_be_under_way", 1);
  if (c->attempts) tell_attempt(&j, c->attempts[i]);
  qq_json_object_end(&j);
  qq_json_line(&j);
  qq_output_batch(out, QQ_OUTPUT_BATCH);
}

static void summarize(qq_change const *c, unsigned char const *outcomes)
{
  stralloc line = STRALLOC_ZERO;
  unsigned int i;
  for (i = 0; outcomes[i] != QQ_OUTCOMES; i++)
    if (!qq_say(&line, "%s%llu %s", i ? ", " : "", (unsigned long long)qq_change_count(c, (qq_outcome)outcomes[i]),
      _(qq_outcome_word((qq_outcome)outcomes[i])))) qq_die_memory();
  qq_note(c->dry_run ? _("%s: would be: %.*s") : "%s: %.*s", qq_program_in_charge()->name, (int)line.len, line.s);
  stralloc_free(&line);
}

uint64_t qq_change_count(qq_change const *c, qq_outcome outcome)
{
  size_t const count = genalloc_len(qq_id, &c->reading.ids);
  uint64_t n = 0;
  size_t i;
  for (i = 0; i < count; i++) n += c->outcomes[i] == outcome;
  return n;
}

void qq_change_report(qq_change *c, unsigned char const *outcomes)
{
  size_t const count = genalloc_len(qq_id, &c->reading.ids);
  stralloc out = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < count && (c->verbose || c->json); i++) tell(c, i, &out);
  qq_output_batch(&out, 1);
  stralloc_free(&out);
  if (!c->quiet && count) summarize(c, outcomes);
}

void qq_change_warn_gone(qq_change *c)
{
  qq_id const *ids = genalloc_s(qq_id, &c->reading.ids);
  size_t const count = genalloc_len(qq_id, &c->reading.ids);
  size_t i;
  for (i = 0; i < count; i++) {
    if (c->outcomes[i] != QQ_OUTCOME_GONE) continue;
    c->missed = 1;
    qq_warn(_("message %llu is not in the queue (any more)"), (unsigned long long)ids[i].id);
  }
}

int qq_change_exit_code(qq_change const *c)
{
  if (qq_change_count(c, QQ_OUTCOME_UNFINISHED) || qq_change_count(c, QQ_OUTCOME_FAILED)) return QQ_EXIT_TROUBLE;
  return c->missed ? QQ_EXIT_NONE : 0;
}
