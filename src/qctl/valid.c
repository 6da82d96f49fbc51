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
  qq_must_fmt(&text, "%d %s ", (int)f->severity, f->name);
  qq_demand_memory(qq_append(&text, f->text.s, f->text.len));
  return qq_piece_of(&text);
}

static void note_known(void *p, qq_finding const *f)
{
  known *filter = p;
  qq_piece const text = text_of(f);
  qq_demand_memory(genalloc_append(qq_piece, &filter->before, &text));
}

/* What was not so before is a fault of the change, in whatever file it shows. */
static int is_new(void const *p, qq_finding const *f)
{
  known const *filter = p;
  qq_piece const text = text_of(f);
  return f->severity != QQ_SEVERITY_HINT
    && !qq_pieces_have(&filter->before, &text, qq_piece_compare);
}

/* What is amiss with the same files as they are. */
static void note_before(known *filter, qq_site const *site)
{
  qq_findings const findings = { note_known, filter };
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(filter->differing, s)); )
    qq_demand_memory(qq_check_file(&findings, qq_settings_get(&site->live, s->name),
      site->store.home_fd, site->home.s) > 0);
  qq_demand_memory(qq_check_set(&findings, &site->live) > 0);
  qq_pieces_sort(&filter->before, qq_piece_compare);
}

/* A name that neither the table nor the live directory has is a slip: an editor's copy, say. */
static void check_name(qq_findings const *to, qq_settings const *live, qq_setting const *s)
{
  if (!s->exists || qq_control_find(s->name) || qq_settings_find(live, s->name)) return;
  qq_demand_memory(qq_finding_say(to, QQ_SEVERITY_ERROR, s->name, 0, _("is not a known control "
    "file, and control/ has none of that name")) > 0);
}

/* Sets after to the live files with changes in their places. */
static void overlay(qq_settings *after, qq_settings const *live, qq_settings const *changes)
{
  qq_demand_memory(qq_settings_overlay(after, live) > 0
    && qq_settings_overlay(after, changes) > 0);
}

/* Each of the files, and after, which has them. */
static void check_all(qq_findings const *to, qq_site const *site, qq_settings const *changes,
  qq_settings const *after)
{
  qq_setting const *s;
  for (s = 0; (s = qq_settings_next(changes, s)); ) {
    check_name(to, &site->live, s);
    qq_demand_memory(qq_check_file(to, s, site->store.home_fd, site->home.s) > 0);
  }
  qq_demand_memory(qq_check_set(to, after) > 0);
}

static int is_about_or_new(void const *p, qq_finding const *f)
{
  known const *filter = p;
  return qq_settings_find(filter->differing, f->name) || is_new(p, f);
}

void qq_report_valid(qq_finding_output *told, qq_site const *site, qq_settings const *changes)
{
  known filter = { changes, GENALLOC_ZERO };
  qq_findings const findings = { qq_output_finding, told };
  qq_settings after = QQ_SETTINGS_ZERO;
  note_before(&filter, site);
  told->is_wanted = is_about_or_new;
  told->wanted = &filter;
  overlay(&after, &site->live, changes);
  check_all(&findings, site, changes, &after);
  qq_demand_memory(qq_check_domains(&findings, &after) > 0);
  told->is_wanted = 0;
}

void qq_demand_valid(qq_site const *site, qq_settings const *changes)
{
  qq_settings differing = QQ_SETTINGS_ZERO, after = QQ_SETTINGS_ZERO;
  qq_setting const *s;
  known filter = { &differing, GENALLOC_ZERO };
  qq_finding_output told = { 0, 0, 0, 0, 1, is_new, &filter };
  qq_findings const findings = { qq_output_finding, &told };
  find_differing(&differing, &site->live, changes);
  note_before(&filter, site);
  overlay(&after, &site->live, &differing);
  check_all(&findings, site, &differing, &after);
  /* It may have been so before, where that cannot be read. */
  for (s = 0; told.errors && (s = qq_settings_next(&differing, s)); )
    if (qq_settings_get(&site->live, s->name)->error) qq_demand_readable(site, s->name);
  if (told.errors)
    qq_die(QQ_EXIT_USAGE, ngettext("%llu error: nothing was changed",
      "%llu errors: nothing was changed", (unsigned long)told.errors),
      (unsigned long long)told.errors);
}

int qq_report_opened(qq_site const *site, qq_settings const *changes)
{
  qq_settings after = QQ_SETTINGS_ZERO;
  known filter = { changes, GENALLOC_ZERO };
  qq_finding_output told = { 0, 0, 0, 0, 1, is_new, &filter };
  qq_findings const findings = { qq_output_finding, &told };
  note_before(&filter, site);
  overlay(&after, &site->live, changes);
  qq_demand_memory(qq_check_closed(&findings, &after) > 0);
  return told.errors > 0;
}
