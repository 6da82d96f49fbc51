#include <qq/diagnostic.h>
#include "qctl.h"

static void open_site(qq_site *p)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_site_begin(p, qq_shared_options->queue, qq_shared_options->home, &why), &why);
}

void qq_ctl_open(qq_site *p)
{
  stralloc why = STRALLOC_ZERO;
  open_site(p);
  if (!qq_site_recover(p, &why)) qq_warn("%.*s", (int)why.len, why.s);
  stralloc_free(&why);
}

void qq_ctl_open_to_change(qq_site *p)
{
  stralloc why = STRALLOC_ZERO;
  open_site(p);
  qq_demand_done(qq_site_lock(p, &why), &why);
}

void qq_ctl_load(qq_site *p, qq_settings const *whole)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_site_load(p, whole, &why), &why);
}

void qq_ctl_template(qq_site const *p, char const *name, qq_settings *s)
{
  stralloc path = STRALLOC_ZERO, why = STRALLOC_ZERO;
  qq_demand_template(p, &path, name);
  qq_demand(qq_template_load(s, &p->store, p->shipped, name, &why), &why);
}

char const *qq_ctl_operand(char const *what)
{
  char const *const *operands = qq_operands();
  if (!operands[0]) qq_die_usage(_("expected %s"), what);
  if (operands[1]) qq_die_usage(_("operand \"%s\": expected nothing after %s"), operands[1], what);
  return operands[0];
}
