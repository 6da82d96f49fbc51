/* Adds an alias of a mailbox. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;

static qq_option const options[] = {
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qalias-add", "ALIAS@DOMAIN USER@DOMAIN",
  N_("Add another address of a mailbox to users/assign and users/cdb."), options,
  N_("0 done; 100 wrong use, no such mailbox, or the address is taken, nothing done; 111 trouble, "
    "and what it was.")
};

int main(int argc, char *const *argv)
{
  qq_dom_box alias, box;
  char const *const *o;
  qq_start(&program, argc, argv);
  o = qq_operands();
  if (!o[0] || !o[1] || o[2]) qq_die_usage("%s", _("expected ALIAS@DOMAIN and USER@DOMAIN"));
  qq_dom_box_split_new(&alias, o[0]);
  qq_dom_box_split(&box, o[1]);
  qq_dom_open_to_add(&place);
  qq_dom_box_find(&place, &box);
  qq_dom_box_find(&place, &alias);
  if (!qq_dom_is_there(box.home.s))
    qq_die(QQ_EXIT_USAGE, _("there is no mailbox %s: no directory %s; nothing was done"),
      box.operand, box.home.s);
  qq_dom_refuse_taken(&place, alias.address.s, box.home.s);
  qq_dom_assign(&place, alias.address.s, box.home.s);
  qq_dom_do_assign(&place);
  if (!place.dry_run)
    qq_output_done(_("mail for %s goes where that for %s goes"), alias.operand, box.operand);
  qq_exit(0);
}
