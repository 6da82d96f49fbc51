#include <string.h>
#include <qq/diagnostic.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/text.h>

static void finding_json(qq_finding const *f, stralloc *out)
{
  qq_json j = qq_json_begin(out);
  qq_json_word(&j, "severity", qq_severity_word(f->severity));
  qq_json_bytes(&j, "name", f->name, strlen(f->name));
  if (f->line) qq_json_number(&j, "line", f->line);
  else qq_json_null(&j, "line");
  qq_json_bytes(&j, "text", f->text.s, f->text.len);
  qq_json_end(&j);
}

static void finding_text(qq_finding const *f, stralloc *out)
{
  qq_must_fmt(out, "%s: ", qq_severity_word(f->severity));
  qq_demand_memory(qq_safe(out, f->name, strlen(f->name)));
  if (f->line) {
    qq_must_fmt(out, ": ");
    qq_must_fmt(out, _("line %zu"), f->line);
  }
  qq_must_fmt(out, ": ");
  qq_demand_memory(qq_safe(out, f->text.s, f->text.len));
}

void qq_output_finding(void *p, qq_finding const *f)
{
  qq_finding_output *o = p;
  stralloc out = STRALLOC_ZERO;
  if (o->is_wanted && !o->is_wanted(o->wanted, f)) return;
  if (f->severity == QQ_SEVERITY_ERROR) o->errors++;
  else if (f->severity == QQ_SEVERITY_WARNING) o->warnings++;
  else o->hints++;
  if (o->rows) finding_json(f, &out);
  else finding_text(f, &out);
  if (o->to_stderr) qq_note("%s: %.*s", qq_program_in_charge()->name, (int)out.len, out.s);
  else {
    if (!o->rows) qq_must_fmt(&out, "\n");
    qq_output(out.s, out.len);
  }
  stralloc_free(&out);
}
