/* Saves the live files as a template. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static int replace;

static qq_option const options[] = {
  { 0, "replace", 0, N_("in the place of a template of that name"), QQ_SETS(replace) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-save", "TEMPLATE [NAME ...]",
  N_("Make a template of the live files: of all settings, or of those named."), options,
  N_("0 done; 100 wrong use; 111 trouble, and what it was.")
};

static qq_site site;

/* A setting whose file is not there is saved as such. */
static void add_setting(qq_settings *saved, char const *name)
{
  qq_setting const *s = qq_settings_get(&site.live, name);
  qq_setting *added;
  if (s->exists) qq_demand_readable(&site, name);
  added = qq_settings_put(saved, name, s->exists, s->content.s, s->content.len);
  qq_demand_memory(added != 0);
  added->owner = s->owner;
}

static void add_all(qq_settings *saved)
{
  size_t i;
  for (i = 0; i < qq_controls_count; i++) {
    qq_control const *c = &qq_controls[i];
    if (qq_control_is_opaque(c)) continue;
    if (!c->origin || qq_settings_find(&site.live, c->name)) add_setting(saved, c->name);
  }
}

int main(int argc, char *const *argv)
{
  qq_settings saved = QQ_SETTINGS_ZERO, mentioned = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO, path = STRALLOC_ZERO;
  char const *name, *const *names;
  int r, i;
  qq_start(&program, argc, argv);
  names = qq_operands();
  if (!*names) qq_die_usage("%s", _("expected TEMPLATE"));
  name = *names++;
  if (!qq_template_is_name(name))
    qq_die(QQ_EXIT_USAGE, _("\"%s\" is not a template name: letters and digits, and `.', `_' and "
      "`-' after the first"), name);
  qq_ctl_open_to_change(&site);
  r = qq_find_template(&site, &path, name);
  if (r == QQ_TEMPLATE_SHIPPED)
    qq_die(QQ_EXIT_USAGE, _("the template \"%s\" is a shipped one: choose another name"), name);
  if (r && !replace)
    qq_die(QQ_EXIT_USAGE, _("there is a template \"%s\": choose another name, or use "
      "--replace"), name);
  for (i = 0; names[i]; i++)
    qq_demand_memory(qq_settings_put(&mentioned, names[i], 1, "", 0) != 0);
  qq_ctl_load(&site, &mentioned);
  for (i = 0; names[i]; i++) qq_demand_known(&site, names[i]);
  if (!*names) add_all(&saved);
  for (; *names; names++) add_setting(&saved, *names);
  qq_demand_done(qq_template_save(&site.store, name, &saved, &why), &why);
  qq_output_done(_("the template \"%s\" is saved: qctl-apply %s makes the settings so again"),
    name, name);
  qq_exit(0);
}
