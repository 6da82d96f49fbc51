/* Removes an alias of a mailbox. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;

static qq_option const options[] = {
  QQ_OPTIONS_DOM_RM(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qalias-rm", "ALIAS@DOMAIN",
  N_("Remove an alias from users/assign and users/cdb, or the .qmail file of one that "
    "forwards."), options,
  N_("0 done; 100 wrong use, or there is no such alias, nothing done; 111 trouble, and what it "
    "was.")
};

/* One that forwards has no line in users/assign. */
static void remove_forward(qq_dom_box const *alias)
{
  stralloc path = STRALLOC_ZERO;
  qq_dom_forward_find(&place, alias, &path);
  if (!qq_dom_forward_is_there(path.s))
    qq_die(QQ_EXIT_USAGE, _("there is no alias %s; nothing was done"), alias->operand);
  qq_dom_forward_remove(&place, path.s);
  stralloc_free(&path);
}

int main(int argc, char *const *argv)
{
  qq_dom_box alias;
  qq_start(&program, argc, argv);
  qq_dom_box_split(&alias, qq_dom_one_operand(_("expected ALIAS@DOMAIN")));
  qq_dom_open(&place);
  qq_dom_box_find(&place, &alias);
  if (qq_dom_is_assigned(&place, alias.address.s, alias.home.s) || qq_dom_is_there(alias.home.s))
    qq_die(QQ_EXIT_USAGE, _("%s is a mailbox: qmbox-rm removes it"), alias.operand);
  if (qq_dom_unassign(&place, qq_dom_has_address, alias.address.s)) qq_dom_do_assign(&place);
  else remove_forward(&alias);
  if (!place.dry_run) qq_output_done(_("the alias %s is removed"), alias.operand);
  qq_exit(0);
}
