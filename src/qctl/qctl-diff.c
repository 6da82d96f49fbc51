/* Compares the live files with a template, or two templates. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qctl.h"

static int rows;

static qq_option const options[] = {
  QQ_OPTIONS_ROWS(rows, N_("a JSON object for each parameter that differs")),
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-diff", "TEMPLATE [TEMPLATE]",
  N_("Show what applying the template would change; or how the second template differs from the "
    "first."), options,
  N_("0 no difference; 1 some; 100 wrong use; 111 trouble of the system.")
};

int main(int argc, char *const *argv)
{
  qq_settings first = QQ_SETTINGS_ZERO, second = QQ_SETTINGS_ZERO;
  char const *const *operands;
  stralloc out = STRALLOC_ZERO;
  qq_difference d;
  qq_site site;
  qq_start(&program, argc, argv);
  operands = qq_operands();
  if (!operands[0]) qq_die_usage("%s", _("expected TEMPLATE"));
  if (operands[1] && operands[2])
    qq_die_usage(_("operand \"%s\": expected at most two templates"), operands[2]);
  qq_ctl_open(&site);
  qq_ctl_template(&site, operands[0], &first);
  if (operands[1]) {
    qq_ctl_template(&site, operands[1], &second);
    qq_difference_begin(&d, &first, &second);
    d.are_templates = 1;
  }
  else {
    qq_ctl_load(&site, &first);
    qq_difference_begin(&d, &site.live, &first);
  }
  qq_rows_begin(rows, QQ_DIFFERENCE_TITLES);
  if (rows) qq_difference_json(&d, &out);
  else {
    qq_difference_text(&d, &out);
    if (!operands[1]) qq_difference_effects(&d, &out);
  }
  qq_output(out.s, out.len);
  if (!operands[1]) qq_difference_report(&d, &site);
  qq_exit(qq_difference_next(&d) ? QQ_EXIT_NONE : 0);
}
