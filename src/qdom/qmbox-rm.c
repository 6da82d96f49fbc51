/* Removes a mailbox. */

#include <qq/diagnostic.h>
#include "qdom.h"

static qq_dom_place place;
static int purge;

static qq_option const options[] = {
  { 0, "purge", 0, N_("remove its directory with all mail, too"), QQ_SETS(purge) },
  QQ_OPTIONS_DOM_RM(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qmbox-rm", "USER@DOMAIN",
  N_("Remove a mailbox and its aliases from users/assign and users/cdb. Its directory is kept."),
  options,
  N_("0 done; 100 wrong use, or there is no such mailbox, nothing done; 111 trouble, and what it "
    "was: the same again finishes it.")
};

int main(int argc, char *const *argv)
{
  qq_dom_box box;
  qq_start(&program, argc, argv);
  qq_dom_box_split(&box, qq_dom_one_operand(_("expected USER@DOMAIN")));
  qq_dom_open(&place);
  qq_dom_box_find(&place, &box);
  /* Its own address, and its aliases in whatever domain. */
  if (!qq_dom_unassign(&place, qq_dom_has_home, box.home.s)
    && !(purge && qq_dom_is_there(box.home.s)))
    qq_die(QQ_EXIT_USAGE, _("there is no mailbox %s: users/assign has no address with the home %s; "
      "nothing was done"), box.operand, box.home.s);
  qq_dom_do_assign(&place);
  if (purge) qq_dom_remove_directory(&place, box.home.s);
  qq_exit(0);
}
