/* Adds an alias of a mailbox. */

#include <stdlib.h>
#include <string.h>
#include <qq/diagnostic.h>
#include "qdom.h"

static qq_dom_place place;

static qq_option const options[] = {
  { 0, "dry-run", 0, N_("show what would be done, do nothing"), QQ_SETS(place.dry_run) },
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qalias-add", "ALIAS@DOMAIN USER@DOMAIN", N_("Add another address of a mailbox to users/assign and users/cdb."), options,
  N_("0 done; 100 wrong use, no such mailbox, or the address is taken, nothing done; 111 trouble, and what it was.")
};

int main(int argc, char *const *argv)
{
  stralloc box = STRALLOC_ZERO, address = STRALLOC_ZERO;
  char *alias, *alias_domain, *user, *domain;
  char const *const *o;
  qq_domain d;
  qq_start(&program, argc, argv);
  o = qq_operands();
  if (!o[0] || !o[1] || o[2]) qq_die_usage("%s", _("expected ALIAS@DOMAIN and USER@DOMAIN"));
  qq_dom_split(o[0], &alias, &alias_domain);
  qq_dom_split(o[1], &user, &domain);
  qq_dom_open_to_add(&place);
  qq_dom_find(&place, domain, &d);
  qq_dom_path(&place, &box, domain, user);
  qq_dom_find(&place, alias_domain, &d);
  if (!qq_dom_is_there(box.s)) qq_die(QQ_EXIT_USAGE, _("there is no mailbox %s: no directory %s; nothing was done"), o[1], box.s);
  qq_demand_memory(qq_say(&address, "=%.*s-%s", (int)d.prefix_length, d.prefix, alias) && stralloc_0(&address));
  qq_dom_refuse_taken(&place, address.s, box.s);
  qq_dom_assign(&place, address.s, box.s);
  qq_dom_do_assign(&place);
  qq_exit(0);
}
