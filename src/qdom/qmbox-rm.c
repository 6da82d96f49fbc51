/* Removes a mailbox. */

#include <string.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include "qdom.h"

static qq_dom_place place;
static int purge;

static qq_option const options[] = {
  { 0, "purge", 0, N_("remove its directory with all mail, too"), QQ_SETS(purge) },
  { 0, "dry-run", 0, N_("show what would be done, do nothing"), QQ_SETS(place.dry_run) },
  QQ_OPTIONS_DOM_RM(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qmbox-rm", "USER@DOMAIN", N_("Remove a mailbox and its aliases from users/assign and users/cdb. Its directory is kept."), options,
  N_("0 done; 100 wrong use, or there is no such mailbox, nothing done; 111 trouble, and what it was: the same again finishes it.")
};

/* Every address that has the mailbox's directory as its home: its own, and its aliases in whatever
   domain. */
static size_t unassign_all(char const *box)
{
  stralloc kept = STRALLOC_ZERO;
  qq_assignment one;
  size_t removed = 0;
  qq_assign a;
  qq_assign_begin(&a, place.plan.assign.s, place.plan.assign.len);
  while (qq_assign_next(&a, &one) > 0) {
    if (qq_dom_is_home(&one, box)) removed++;
    else qq_demand_memory(qq_append(&kept, one.whole.s, one.whole.n) && stralloc_append(&kept, '\n'));
  }
  qq_demand_memory(qq_append(&kept, place.plan.assign.s + a.end, place.plan.assign.len - a.end) && qq_copy(&place.plan.assign, kept.s, kept.len));
  stralloc_free(&kept);
  return removed;
}

int main(int argc, char *const *argv)
{
  stralloc box = STRALLOC_ZERO;
  char *user, *domain;
  qq_domain d;
  qq_start(&program, argc, argv);
  if (!*qq_operands() || qq_operands()[1]) qq_die_usage("%s", _("expected USER@DOMAIN"));
  qq_dom_split(*qq_operands(), &user, &domain);
  qq_dom_open(&place);
  qq_dom_find(&place, domain, &d);
  qq_dom_path(&place, &box, domain, user);
  if (!unassign_all(box.s) && !(purge && qq_dom_is_there(box.s)))
    qq_die(QQ_EXIT_USAGE, _("there is no mailbox %s: users/assign has no address with the home %s; nothing was done"), *qq_operands(), box.s);
  qq_dom_do_assign(&place);
  if (purge) qq_dom_purge(&place, box.s);
  qq_exit(0);
}
