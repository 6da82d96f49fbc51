/* Lists the templates. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static int rows;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(rows, N_("a JSON object for each template")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-list", "",
  N_("List the templates: which one is in force, and which live files differ from it."),
  options,
  N_("0 done; 100 wrong use; 111 trouble of the system.")
};

static qq_site site;

/* The files in which the live ones have drifted from the template in force. */
static void begin_drift(qq_difference *d, char const *name)
{
  static qq_settings template = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO;
  if (qq_template_load(&template, &site.store, site.shipped, name, &why) < 0) {
    qq_trouble("%.*s", (int)why.len, why.s);
    return;
  }
  qq_ctl_load(&site, &template);
  qq_difference_begin(d, &site.live, &template);
  qq_difference_report(d, &site);
}

static void append_text(qq_template const *t, int in_force, qq_difference drift, stralloc *out)
{
  int begun = 0;
  qq_demand_memory(qq_fmt(out, "%c %s%s", in_force ? '*' : ' ', t->name,
    t->is_shipped ? _(" (shipped)") : ""));
  while (in_force && qq_difference_next(&drift)) {
    if (begun) qq_must_fmt(out, ", %s", drift.name);
    else qq_must_fmt(out, "  %s %s", _("live files differ:"), drift.name);
    begun = 1;
  }
  qq_demand_memory(stralloc_append(out, '\n'));
}

static void append_json(qq_template const *t, int in_force, qq_difference drift, stralloc *out)
{
  qq_json j = qq_json_begin(out);
  qq_json_word(&j, "name", t->name);
  qq_json_boolean(&j, "shipped", t->is_shipped);
  qq_json_boolean(&j, "in_force", in_force);
  qq_json_array(&j, "drifted");
  while (in_force && qq_difference_next(&drift))
    qq_json_bytes(&j, 0, drift.name, strlen(drift.name));
  qq_json_array_end(&j);
  qq_json_end(&j);
}

int main(int argc, char *const *argv)
{
  static qq_settings const none = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO, now = STRALLOC_ZERO, out = STRALLOC_ZERO, path = STRALLOC_ZERO;
  genalloc list = GENALLOC_ZERO;        /* of qq_template */
  qq_difference drift;
  size_t i;
  qq_difference_begin(&drift, &none, &none);
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_ctl_open(&site);
  qq_demand_done(qq_template_list(&list, site.home.s, site.shipped, &why), &why);
  qq_demand_in_force(&site, &now);
  if (*now.s && !qq_template_is_name(now.s)) {
    qq_warn(_("%s/qqtools/in-force does not have the name of a template"), site.home.s);
    *now.s = 0;
  }
  if (*now.s && qq_template_find(&path, site.home.s, site.shipped, now.s) > 0)
    begin_drift(&drift, now.s);
  else if (*now.s) qq_warn(_("the template in force, \"%s\", no longer exists"), now.s);
  qq_rows_begin(rows, "name\tshipped\tin_force\tdrifted");
  for (i = 0; i < genalloc_len(qq_template, &list); i++) {
    qq_template const *t = &genalloc_s(qq_template, &list)[i];
    int const in_force = !strcmp(t->name, now.s);
    if (rows) append_json(t, in_force, drift, &out);
    else append_text(t, in_force, drift, &out);
  }
  qq_output(out.s, out.len);
  qq_exit(0);
}
