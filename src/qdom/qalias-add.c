/* Adds an alias of a mailbox, or an address that forwards. */

#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;
static stralloc forward = STRALLOC_ZERO;        /* lines of .qmail */

static qq_option const options[] = {
  { 0, "forward", "ADDRESS", N_("mail goes to that address; more than once: to all of them"),
    qq_dom_take_forward, { .object = &forward }, 0 },
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qalias-add", "ALIAS@DOMAIN USER@DOMAIN | --forward ADDRESS ALIAS@DOMAIN",
  N_("Add another address of a mailbox to users/assign and users/cdb; or one that forwards, as a "
    ".qmail file."), options,
  N_("0 done; 100 wrong use, no such mailbox, or the address is taken, nothing done; 111 trouble, "
    "and what it was.")
};

static void add_forward(qq_dom_box *alias)
{
  stralloc path = STRALLOC_ZERO;
  qq_dom_open(&place);
  qq_dom_box_find(&place, alias);
  qq_dom_refuse_taken(&place, alias->address.s, "");
  qq_dom_forward_find(&place, alias, &path);
  if (!place.account.uid)
    qq_die(QQ_EXIT_USAGE, _("mail for %s would be delivered as root, which qmail does not do; "
      "nothing was done"), alias->operand);
  qq_dom_refuse_otherwise(path.s, &forward);
  qq_dom_make(&place, QQ_STEP_FILE, path.s, "", &forward, 0600);
  if (!place.dry_run) qq_output_done(_("mail for %s goes by %s"), alias->operand, path.s);
}

static void add_alias(qq_dom_box *alias, char const *user)
{
  qq_dom_box box;
  qq_dom_box_split(&box, user);
  qq_dom_open_to_add(&place);
  qq_dom_box_find_to_add(&place, &box);
  qq_dom_box_find(&place, alias);
  if (!qq_dom_is_there(box.home.s))
    qq_die(QQ_EXIT_USAGE, _("there is no mailbox %s: no directory %s (an address elsewhere: "
      "--forward); nothing was done"), box.operand, box.home.s);
  qq_dom_refuse_taken(&place, alias->address.s, box.home.s);
  qq_dom_assign(&place, alias->address.s, box.home.s);
  qq_dom_do_assign(&place);
  if (!place.dry_run)
    qq_output_done(_("mail for %s goes where that for %s goes"), alias->operand, box.operand);
}

int main(int argc, char *const *argv)
{
  qq_dom_box alias;
  char const *const *o;
  qq_start(&program, argc, argv);
  o = qq_operands();
  if (!o[0] || (forward.len ? o[1] != 0 : !o[1] || o[2]))
    qq_die_usage("%s", forward.len ? _("expected ALIAS@DOMAIN alone with --forward")
      : _("expected ALIAS@DOMAIN and USER@DOMAIN"));
  qq_dom_box_split_new(&alias, o[0]);
  if (forward.len) add_forward(&alias);
  else add_alias(&alias, o[1]);
  qq_exit(0);
}
