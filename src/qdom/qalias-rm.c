/* Removes an alias of a mailbox. */

#include <string.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include "qdom.h"

static qq_dom_place place;

static qq_option const options[] = {
  { 0, "dry-run", 0, N_("show what would be done, do nothing"), QQ_SETS(place.dry_run) },
  QQ_OPTIONS_DOM_RM(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qalias-rm", "ALIAS@DOMAIN", N_("Remove an alias from users/assign and users/cdb."), options,
  N_("0 done; 100 wrong use, or there is no such alias, nothing done; 111 trouble, and what it was.")
};

int main(int argc, char *const *argv)
{
  stralloc box = STRALLOC_ZERO, address = STRALLOC_ZERO;
  char *alias, *domain;
  qq_domain d;
  qq_start(&program, argc, argv);
  if (!*qq_operands() || qq_operands()[1]) qq_die_usage("%s", _("expected ALIAS@DOMAIN"));
  qq_dom_split(*qq_operands(), &alias, &domain);
  qq_dom_open(&place);
  qq_dom_find(&place, domain, &d);
  qq_dom_path(&place, &box, domain, alias);
  qq_demand_memory(qq_say(&address, "=%.*s-%s", (int)d.prefix_length, d.prefix, alias) && stralloc_0(&address));
  if (qq_dom_has(&place, address.s, box.s) || qq_dom_is_there(box.s)) qq_die(QQ_EXIT_USAGE, _("%s is a mailbox: qmbox-rm removes it"), *qq_operands());
  if (!qq_dom_unassign(&place, address.s)) qq_die(QQ_EXIT_USAGE, _("there is no alias %s; nothing was done"), *qq_operands());
  qq_dom_do_assign(&place);
  qq_exit(0);
}
