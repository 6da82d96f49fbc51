/* Removes a mailbox. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/dotqmail.h>
#include <qq/output.h>
#include "qdom.h"

#define CATCH_ALL_MAX 65536

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
    "was: run it again to finish.")
};

/* Its own address, also for what has an extension, and its aliases in whatever domain. A prefix of
   others that leads here is no address of the mailbox. */
static int goes_with_it(qq_assignment const *one, void const *which)
{
  qq_dom_box const *box = which;
  char const *own = box->address.s + 1;
  size_t const n = strlen(own);
  qq_piece const *a = &one->address;
  if (!qq_dom_has_home(one, box->home.s)) return 0;
  return !one->is_wildcard
    || (a->n >= n && !case_diffb(a->s, n, own) && (a->n == n || a->s[n] == '-'));
}

/* A line of .qmail that forwards to the address. */
static int forwards(stralloc const *text, char const *address)
{
  size_t const n = strlen(address);
  qq_piece rest = qq_piece_of(text), line, to;
  while (qq_piece_line(&rest, &line))
    if (qq_dotqmail_forward(line, &to) && to.n == n && !case_diffb(to.s, n, address)) return 1;
  return 0;
}

/* What forwards mail for nobody to the mailbox stays, and sends that in circles, if it is of the
   same domain. */
static void name_catch_alls(char const *address)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO, why = STRALLOC_ZERO;
  qq_assignment one;
  qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
  qq_assign a;
  qq_assign_begin(&a, place.site.users.text.s, place.site.users.text.len);
  while (qq_assign_next(&a, &one) > 0) {
    if (!one.is_wildcard || !home->n || *home->s != '/') continue;
    path.len = text.len = 0;
    qq_must_fmt(&path, "%.*s/.qmail-default", (int)home->n, home->s);
    if (qq_step_read(path.s, CATCH_ALL_MAX, &text) < 0) {
      qq_unable(&why, _("unable to read %s"), path.s);
      qq_warn("%.*s", (int)why.len, why.s);
      why.len = 0;
    }
    else if (forwards(&text, address))
      qq_warn(_("%s forwards mail for nobody to %s: qdom-add --catch-all, --bounce or --drop "
        "changes that"), path.s, address);
  }
  stralloc_free(&path);
  stralloc_free(&text);
  stralloc_free(&why);
}

int main(int argc, char *const *argv)
{
  qq_dom_box box;
  qq_start(&program, argc, argv);
  qq_dom_box_split(&box, qq_dom_one_operand(_("expected USER@DOMAIN")));
  qq_dom_open(&place);
  qq_dom_box_find(&place, &box);
  if (!qq_dom_unassign(&place, goes_with_it, &box) && !(purge && qq_dom_is_there(box.home.s)))
    qq_die(QQ_EXIT_USAGE, _("there is no mailbox %s: users/assign has no address with the home %s; "
      "nothing was done"), box.operand, box.home.s);
  if (purge)
    qq_dom_refuse_purge(box.home.s,
      qq_dom_name_others(&place, box.home.s, goes_with_it, &box));
  qq_dom_do_assign(&place);
  if (purge) qq_dom_purge(&place, box.home.s);
  name_catch_alls(box.operand);
  if (!place.dry_run && purge) qq_output_done(_("the mailbox %s is removed"), box.operand);
  else if (!place.dry_run)
    qq_output_done(_("the mailbox %s is removed: %s is kept"), box.operand, box.home.s);
  qq_exit(0);
}
