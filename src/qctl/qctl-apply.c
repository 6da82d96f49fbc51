/* Applies a template. */

#include <qq/diagnostic.h>
#include "change.h"

enum { DRY_RUN = QQ_OPTION_OWN, ACT };

static qq_option const options[] = {
  { DRY_RUN, "dry-run", 0, N_("show what would change, change nothing") },
  { ACT, "act", 0, N_("restart qmail-send or have it reread, if that is needed") },
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
  int option, dry_run = 0, act = 0;
  char const *value, *name;
  qq_place place;
  qq_start(&program, argc, argv);
  while ((option = qq_next_option(&value))) {
    if (option == DRY_RUN) dry_run = 1;
    else act = 1;
  }
  name = qq_place_operand("TEMPLATE");
  if (dry_run) qq_place_open(&place);
  else qq_place_open_to_change(&place);
  qq_place_template(&place, name, &template);
  qq_place_load(&place, &template);
  qq_act_apply(&place, name, &template, dry_run, act);
  qq_exit(0);
}
