/* Makes users/cdb of users/assign. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qusers.h"

static qq_option const options[] = {
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qusers-compile", "", N_("Make users/cdb from users/assign, byte for byte as qmail-newu does."),
  options, N_("0 done; 100 wrong use, or a line that qmail-newu refuses, nothing changed; 111 "
    "trouble, and what it was.")
};

int main(int argc, char *const *argv)
{
  stralloc why = STRALLOC_ZERO;
  qq_site site;
  qq_start(&program, argc, argv);
  if (*qq_operands()) qq_die_usage(_("operand \"%s\": expected none"), *qq_operands());
  qq_qusers_open_to_change(&site);
  qq_demand(qq_users_compile(&site.users, &why), &why);
  qq_output_done(_("users/cdb is made anew, and in force from the next delivery on"));
  qq_exit(0);
}
