/* Prints the value of one setting that is in force. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static qq_option const options[] = {
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-get", "NAME",
  N_("Print the value of a setting that is in force; of lists and maps an entry a line."), options,
  N_("0 done; 1 there is none; 100 wrong use; 111 trouble of the system.")
};

int main(int argc, char *const *argv)
{
  stralloc value = STRALLOC_ZERO;
  qq_control const *c;
  char const *name;
  qq_site site;
  int source;
  qq_start(&program, argc, argv);
  name = qq_ctl_operand("NAME");
  c = qq_control_find(name);
  if (!c) qq_die_unknown_setting(name);
  if (qq_control_is_opaque(c))
    qq_die(QQ_EXIT_USAGE, _("%s has no value that could be printed"), name);
  qq_ctl_open(&site);
  qq_ctl_load(&site, 0);
  source = qq_value_get(&value, c, &site.live);
  qq_demand_memory(source >= 0);
  qq_demand_readable(&site, name);
  if (source == QQ_VALUE_NONE) qq_exit(QQ_EXIT_NONE);
  if (!qq_control_has_entries(c)) qq_demand_memory(stralloc_append(&value, '\n'));
  qq_output(value.s, value.len);
  qq_exit(0);
}
