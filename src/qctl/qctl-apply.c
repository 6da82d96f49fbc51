/* Applies a template. */

#include <qq/diagnostic.h>
#include "qctl.h"

static int dry_run, act;

static qq_option const options[] = {
  { 0, "dry-run", 0, N_("show what would change, change nothing"), QQ_SETS(dry_run) },
  { 0, "act", 0, N_("restart qmail-send or have it reread, if that is needed"), QQ_SETS(act) },
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
  qq_place place;
  qq_start(&program, argc, argv);
  name = qq_place_operand("TEMPLATE");
  if (dry_run) qq_place_open(&place);
  else qq_place_open_to_change(&place);
  qq_place_template(&place, name, &template);
  qq_place_load(&place, &template);
  qq_act_apply(&place, name, &template, dry_run, act);
  qq_exit(0);
}
