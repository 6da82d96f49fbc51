#include <stdlib.h>
#include <string.h>
#include <qq/check.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/told.h>
#include "change.h"

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
  genalloc before;              /* of char *, findings as text */
} known;

static char *text_of(qq_finding const *f)
{
  stralloc text = STRALLOC_ZERO;
  qq_demand_memory(qq_say(&text, "%d %s ", (int)f->severity, f->name)
    && stralloc_catb(&text, f->text.s, f->text.len) && stralloc_0(&text));
  return text.s;
}

static void note_known(void *p, qq_finding const *f)
{
  known *filter = p;
  char *text;
  if (!qq_settings_find(filter->differing, f->name)) return;
  text = text_of(f);
  qq_demand_memory(genalloc_append(char *, &filter->before, &text));
}

static int compare_text(void const *a, void const *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_wanted(void const *p, qq_finding const *f)
{
  known const *filter = p;
  genalloc const *before = &filter->before;
  char *text;
  int is_new;
  if (f->severity == QQ_SEVERITY_HINT || !qq_settings_find(filter->differing, f->name)) return 0;
  text = text_of(f);
  is_new = !genalloc_len(char *, before) || !bsearch(&text, genalloc_s(char *, before),
    genalloc_len(char *, before), sizeof text, compare_text);
  free(text);
  return is_new;
}

/* What is amiss with the same files as they are. */
static void note_before(known *filter, qq_settings const *live)
{
  qq_findings const findings = { note_known, filter };
  qq_setting const *s;
  size_t i;
  for (i = 0; (s = qq_settings_at(filter->differing, i)); i++)
    qq_demand_memory(qq_check_file(&findings, qq_settings_get(live, s->name)) > 0);
  qq_demand_memory(qq_check_set(&findings, live) > 0);
  if (genalloc_len(char *, &filter->before))
    qsort(genalloc_s(char *, &filter->before), genalloc_len(char *, &filter->before),
      sizeof(char *), compare_text);
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
  size_t i;
  qq_demand_memory(qq_settings_overlay(&after, live) > 0
    && qq_settings_overlay(&after, changes) > 0);
  for (i = 0; (s = qq_settings_at(changes, i)); i++) {
    check_name(findings, live, s);
    qq_demand_memory(qq_check_file(findings, s) > 0);
  }
  qq_demand_memory(qq_check_set(findings, &after) > 0);
  qq_settings_free(&after);
}

int qq_is_about(void const *changes, qq_finding const *f)
{
  return qq_settings_find(changes, f->name) != 0;
}

void qq_demand_valid(qq_settings const *live, qq_settings const *changes)
{
  qq_settings differing = QQ_SETTINGS_ZERO;
  known filter = { &differing, GENALLOC_ZERO };
  qq_told told = { 0, 0, 0, 0, 1, is_wanted, &filter };
  qq_findings const findings = { qq_tell_finding, &told };
  find_differing(&differing, live, changes);
  note_before(&filter, live);
  qq_report_valid(&findings, live, &differing);
  qq_settings_free(&differing);
  if (told.errors)
    qq_die(QQ_EXIT_USAGE, ngettext("%llu error: nothing was changed",
      "%llu errors: nothing was changed", (unsigned long)told.errors),
      (unsigned long long)told.errors);
}
