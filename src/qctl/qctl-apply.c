/* Applies a template. */

#include <qq/diagnostic.h>
#include "qctl.h"

static qq_option const options[] = {
  QQ_OPTIONS_CHANGE,
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-apply", "TEMPLATE",
  N_("Make the control files what the template says: all of them or none."), options,
  N_("0 done, or so already; 100 wrong use, or the template does not validate, nothing changed; "
    "111 trouble, and what it was.")
};

int main(int argc, char *const *argv)
{
  qq_settings template = QQ_SETTINGS_ZERO;
  char const *name;
  qq_site site;
  qq_start(&program, argc, argv);
  name = qq_ctl_operand("TEMPLATE");
  qq_act_open(&site);
  qq_ctl_template(&site, name, &template);
  qq_ctl_load(&site, &template);
  qq_act_apply(&site, name, &template);
  qq_exit(0);
}
