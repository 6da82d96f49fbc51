#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qctl.h"

/* What differs from the live files. */
static void find_differing(qq_settings *differing, qq_settings const *live,
  qq_settings const *changes)
{
  qq_difference d;
  qq_difference_begin(&d, live, changes);
  while (qq_difference_next(&d))
    qq_demand_memory(qq_settings_put(differing, d.name, d.after->exists, d.after->content.s,
      d.after->content.len) != 0);
}

/* What was amiss before the change is none of its faults: it may be on the way to mending it. */
typedef struct known {
  qq_settings const *differing;
  genalloc before;              /* of qq_piece, findings as text */
} known;

static qq_piece text_of(qq_finding const *f)
{
  stralloc text = STRALLOC_ZERO;
  qq_piece piece;
  qq_must_fmt(&text, "%d %s ", (int)f->severity, f->name);
  qq_demand_memory(qq_append(&text, f->text.s, f->text.len));
  piece.s = text.s;
  piece.n = text.len;
  return piece;
}

static void note_known(void *p, qq_finding const *f)
{
  known *filter = p;
  qq_piece const text = text_of(f);
  qq_demand_memory(genalloc_append(qq_piece, &filter->before, &text));
}

static int is_wanted(void const *p, qq_finding const *f)
{
  known const *filter = p;
  qq_piece const text = text_of(f);
  return f->severity != QQ_SEVERITY_HINT && qq_is_about(filter->differing, f)
    && !qq_pieces_have(&filter->before, &text, qq_piece_compare);
}

/* What is amiss with the same files as they are. */
static void note_before(known *filter, qq_settings const *live)
{
  qq_findings const findings = { note_known, filter };
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(filter->differing, s)); )
    qq_demand_memory(qq_check_file(&findings, qq_settings_get(live, s->name)) > 0);
  qq_demand_memory(qq_check_set(&findings, live) > 0);
  qq_pieces_sort(&filter->before, qq_piece_compare);
}

/* A name that neither the table nor the live directory has is a slip: an editor's copy, say. */
static void check_name(qq_findings const *to, qq_settings const *live, qq_setting const *s)
{
  if (!s->exists || qq_control_find(s->name) || qq_settings_find(live, s->name)) return;
  qq_demand_memory(qq_finding_say(to, QQ_SEVERITY_ERROR, s->name, 0, _("is no control file that is "
    "known here, and there is none of that name in control/")) > 0);
}

void qq_report_valid(qq_findings const *findings, qq_settings const *live,
  qq_settings const *changes)
{
  qq_settings after = QQ_SETTINGS_ZERO;
  qq_setting const *s;
  qq_demand_memory(qq_settings_overlay(&after, live) > 0
    && qq_settings_overlay(&after, changes) > 0);
  for (s = 0; (s = qq_settings_next(changes, s)); ) {
    check_name(findings, live, s);
    qq_demand_memory(qq_check_file(findings, s) > 0);
  }
  qq_demand_memory(qq_check_set(findings, &after) > 0);
}

int qq_is_about(void const *changes, qq_finding const *f)
{
  return qq_settings_find(changes, f->name) != 0;
}

void qq_demand_valid(qq_settings const *live, qq_settings const *changes)
{
  qq_settings differing = QQ_SETTINGS_ZERO;
  known filter = { &differing, GENALLOC_ZERO };
  qq_finding_output told = { 0, 0, 0, 0, 1, is_wanted, &filter };
  qq_findings const findings = { qq_output_finding, &told };
  find_differing(&differing, live, changes);
  note_before(&filter, live);
  qq_report_valid(&findings, live, &differing);
  if (told.errors)
    qq_die(QQ_EXIT_USAGE, ngettext("%llu error: nothing was changed",
      "%llu errors: nothing was changed", (unsigned long)told.errors),
      (unsigned long long)told.errors);
}
