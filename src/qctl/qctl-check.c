/* Checks the live control files, or a template. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static qq_site site;
static qq_finding_output told;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(told.rows, N_("a JSON object for each finding")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-check", "[TEMPLATE]", N_("Check the control files, or a template, as qmail reads them."),
  options,
  N_("0 nothing found; 1 errors, warnings or hints; 100 wrong use; 111 trouble of the system.")
};

/* The template, and with it the live files that it says nothing of. */
static void check_template(char const *name)
{
  static char const *const others[] = { "locals", "virtualdomains" };
  static qq_settings template = QQ_SETTINGS_ZERO;
  size_t i;
  qq_ctl_template(&site, name, &template);
  qq_ctl_load(&site, &template);
  qq_report_valid(&told, &site, &template);
  for (i = 0; i < sizeof others / sizeof *others; i++)
    if (!qq_settings_find(&template, others[i])) qq_report_unreadable(&site, others[i]);
}

/* Returns whether all of them could be read. */
static int check_live(qq_findings const *to)
{
  qq_setting const *s;
  int are_known = 1;
  qq_ctl_load(&site, 0);
  for (s = 0; (s = qq_settings_next(&site.live, s)); ) {
    qq_demand_memory(qq_check_file(to, s, site.store.home_fd, site.home.s) > 0);
    are_known &= !s->error;
  }
  qq_demand_memory(qq_check_set(to, &site.live) > 0 && qq_check_domains(to, &site.live) > 0);
  qq_report_deliveries(to, &site);
  return are_known;
}

int main(int argc, char *const *argv)
{
  qq_findings const findings = { qq_output_finding, &told };
  char const *name;
  int are_known = 1;
  qq_start(&program, argc, argv);
  name = *qq_operands() ? qq_ctl_operand("TEMPLATE") : 0;
  qq_ctl_open(&site);
  qq_rows_begin(told.rows, QQ_FINDING_TITLES);
  if (name) check_template(name);
  else are_known = check_live(&findings);
  if (!are_known) qq_exit(QQ_EXIT_TROUBLE);
  qq_exit(told.errors || told.warnings || told.hints ? QQ_EXIT_NONE : 0);
}
