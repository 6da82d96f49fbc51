#include <string.h>
#include <qq/diagnostic.h>
#include <qq/json.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/text.h>

static void count(qq_told *t, qq_severity severity)
{
  switch (severity) {
    case QQ_SEVERITY_ERROR: t->errors++; break;
    case QQ_SEVERITY_WARNING: t->warnings++; break;
    default: t->hints++;
  }
}

static void tell_json(qq_finding const *f, stralloc *out)
{
  qq_json j = QQ_JSON(out);
  qq_json_object(&j, 0);
  qq_json_word(&j, "severity", qq_severity_word(f->severity));
  qq_json_text(&j, "name", f->name, strlen(f->name), f->name, strlen(f->name));
  if (f->line) qq_json_number(&j, "line", f->line);
  else qq_json_null(&j, "line");
  qq_json_text(&j, "text", f->text.s, f->text.len, f->text.s, f->text.len);
  qq_json_object_end(&j);
  qq_json_line(&j);
}

static void tell_text(qq_finding const *f, stralloc *out)
{
  int good = qq_say(out, "%s: ", _(qq_severity_word(f->severity))) && qq_safe(out, f->name, strlen(f->name));
  if (f->line) good = good && qq_say(out, _(": line %zu"), f->line);
  good = good && stralloc_cats(out, ": ") && qq_safe(out, f->text.s, f->text.len);
  if (!good) qq_die_memory();
}

void qq_tell_finding(void *p, qq_finding const *f)
{
  qq_told *t = p;
  stralloc out = STRALLOC_ZERO;
  if (t->is_wanted && !t->is_wanted(t->wanted, f)) return;
  count(t, f->severity);
  if (t->json) tell_json(f, &out);
  else tell_text(f, &out);
  if (t->to_stderr) qq_note("%s: %.*s", qq_program_in_charge()->name, (int)out.len, out.s);
  else {
    if (!t->json && !stralloc_append(&out, '\n')) qq_die_memory();
    qq_output(out.s, out.len);
  }
  stralloc_free(&out);
}
