/* Prints the value of one setting that is in force. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static int rows;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(rows, N_("a JSON object, as qctl-show has it")),
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
  stralloc out = STRALLOC_ZERO;
  qq_control const *c;
  char const *name;
  qq_site site;
  qq_value_source source;
  qq_start(&program, argc, argv);
  name = qq_ctl_operand("NAME");
  c = qq_control_find(name);
  if (!c) qq_die_unknown_setting(name);
  if (qq_control_is_opaque(c))
    qq_die(QQ_EXIT_USAGE, _("%s has no value that can be printed"), name);
  qq_ctl_open(&site);
  qq_ctl_load(&site, 0);
  qq_demand_readable(&site, name);
  qq_rows_begin(rows, QQ_SETTING_TITLES);
  source = qq_demand_value(&out, c, &site.live);
  if (rows) {
    out.len = 0;
    qq_setting_json(&out, c, &site.live);
  }
  else if (!qq_control_has_entries(c) && source != QQ_VALUE_NONE)
    qq_demand_memory(stralloc_append(&out, '\n'));
  qq_output(out.s, out.len);
  qq_exit(source == QQ_VALUE_NONE ? QQ_EXIT_NONE : 0);
}
