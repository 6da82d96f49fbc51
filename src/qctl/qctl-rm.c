/* Removes a template. */

#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static qq_option const options[] = {
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-rm", "TEMPLATE", N_("Remove a template. The live files do not change."), options,
  N_("0 done; 100 wrong use, or the template is in force or a shipped one; "
    "111 trouble, and what it was.")
};

int main(int argc, char *const *argv)
{
  stralloc why = STRALLOC_ZERO, path = STRALLOC_ZERO, now = STRALLOC_ZERO;
  char const *name;
  qq_site site;
  qq_start(&program, argc, argv);
  name = qq_ctl_operand("TEMPLATE");
  qq_ctl_open_to_change(&site);
  if (qq_demand_template(&site, &path, name))
    qq_die(QQ_EXIT_USAGE, _("the template \"%s\" is a shipped one"), name);
  qq_demand_in_force(&site, &now);
  if (!strcmp(now.s, name)) qq_die(QQ_EXIT_USAGE, _("the template \"%s\" is in force"), name);
  qq_demand_done(qq_template_remove(&site.store, name, &why), &why);
  qq_output_done(_("the template \"%s\" is removed"), name);
  qq_exit(0);
}
