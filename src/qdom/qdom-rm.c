/* Removes a virtual domain. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;
static int purge;

static qq_option const options[] = {
  { 0, "purge", 0, N_("remove its directory with all mail, too"), QQ_SETS(purge) },
  QQ_OPTIONS_DOM_RM(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qdom-rm", "DOMAIN",
  N_("Remove a virtual domain: the control files first, then users/assign and users/cdb. Its "
    "directory is kept."), options,
  N_("0 done; 100 wrong use, or there is no such domain, nothing done; 111 trouble, and what it "
    "was: run it again to finish.")
};

static int begins_with(qq_piece const *address, qq_piece const *beginning)
{
  return address->n >= beginning->n && !memcmp(address->s, beginning->s, beginning->n);
}

static int is_of_prefix(qq_assignment const *one, void const *which)
{
  qq_piece const *prefix = which;
  return one->is_wildcard && !qq_piece_compare(&one->address, prefix);
}

/* Those of its mailboxes and aliases, =PREFIX-... and +PREFIX-.... */
static int is_behind_prefix(qq_assignment const *one, void const *which)
{
  qq_piece const *prefix = which, *a = &one->address;
  return a->n > prefix->n && begins_with(a, prefix) && a->s[prefix->n] == '-';
}

/* A wildcard of another domain that takes what begins with this prefix once the prefix itself is
   not assigned (qmail-lspawn.c:nughde_get: the longest one counts). An empty one is everybody's. */
static int is_shorter(qq_assignment const *one, void const *which)
{
  qq_piece const *prefix = which, *a = &one->address;
  return one->is_wildcard && a->n && a->n < prefix->n && begins_with(prefix, a);
}

/* All that go with the domain; without a prefix there are none. */
static int is_of_domain(qq_assignment const *one, void const *which)
{
  return which && (is_of_prefix(one, which) || is_behind_prefix(one, which));
}

/* Drops the lines of the prefix; its own stays if mail that is queued for it would go to another
   domain without it. */
static size_t unassign_all(qq_piece const *prefix)
{
  size_t const removed = qq_dom_unassign(&place, is_behind_prefix, prefix);
  int const n = (int)prefix->n;
  qq_assignment other;
  if (!qq_dom_find_assignment(&place, is_shorter, prefix, &other))
    return removed + qq_dom_unassign(&place, is_of_prefix, prefix);
  qq_warn(_("users/assign keeps +%.*s: without it, +%.*s would take the mail that is still queued "
    "for the domain; when there is none any more: qusers-rm +%.*s"), n, prefix->s,
    (int)other.address.n, other.address.s, n, prefix->s);
  return removed;
}

/* Sets the directory and the prefix. Without the domain in virtualdomains: what an earlier run has
   begun, as its directory is somebody's home. Returns 1, or 0: there is no prefix. */
static int find_domain(char const *domain, stralloc *directory, qq_piece *prefix)
{
  qq_domain d;
  int const is_virtual = qq_domains_find(&place.site.live, domain, strlen(domain), &d);
  if (is_virtual) qq_dom_adopt_mailnames(&place, &d);
  qq_must_fmt(directory, "%s/%s", place.mailnames.s, domain);
  if (!is_virtual) return qq_dom_find_prefix(&place, directory->s, prefix);
  *prefix = d.prefix;
  return 1;
}

/* Another entry may have the same prefix, and then keeps the assignments: each is warned of.
   Returns 1 if there is one, or 0. */
static int is_shared(char const *domain, qq_piece const *prefix)
{
  size_t const n = strlen(domain);
  int r = 0;
  qq_domains all;
  qq_domain d;
  qq_domains_begin(&all, &place.site.live);
  while (qq_domains_next_entry(&all, &d)) {
    if (qq_piece_compare(&d.prefix, prefix)) continue;
    if (d.name.n == n && !case_diffb(d.name.s, n, domain)) continue;
    qq_warn(_("the prefix %.*s is that of %.*s, too, which keeps its lines in users/assign: "
      "control/virtualdomains, line %zu"), (int)prefix->n, prefix->s, (int)d.name.n, d.name.s,
      d.line);
    r = 1;
  }
  return r;
}

/* own may be null: the prefix, if all its assignments go. Returns how much of what tells qmail-send
   where mail goes is removed. */
static size_t plan_removal(char const *domain, qq_piece const *own)
{
  size_t removed = qq_dom_unlist(&place, "virtualdomains", domain);
  qq_dom_unlist(&place, "rejectnonexist", domain);
  qq_dom_unlist(&place, "morercpthosts", domain);
  qq_dom_unlist(&place, "rcpthosts", domain);
  return own ? removed + unassign_all(own) : removed;
}

static void purge_directory(char const *directory)
{
  if (qq_dom_is_there(directory)) qq_dom_purge(&place, directory);
  else qq_warn(_("there is no directory %s, so nothing was purged: --mailnames says where domains "
    "are"), directory);
}

int main(int argc, char *const *argv)
{
  stralloc directory = STRALLOC_ZERO;
  char const *domain;
  qq_piece const *own;
  size_t removed;
  int is_there;
  qq_piece prefix;
  qq_start(&program, argc, argv);
  domain = qq_dom_domain_operand();
  qq_dom_open(&place);
  is_there = find_domain(domain, &directory, &prefix);
  if (!is_there && !(purge && qq_dom_is_there(directory.s)))
    qq_die(QQ_EXIT_USAGE, _("there is no domain \"%s\", neither in control/virtualdomains nor in "
      "users/assign; nothing was done"), domain);
  own = is_there && !is_shared(domain, &prefix) ? &prefix : 0;
  if (purge)
    qq_dom_refuse_purge(directory.s, qq_dom_name_others(&place, directory.s, is_of_domain, own));
  removed = plan_removal(domain, own);
  qq_dom_demand_control(&place);
  if (is_there) qq_dom_note_prefix(&place, prefix.s, prefix.n);
  qq_dom_do_control(&place, domain);
  if (removed && !place.dry_run && !qq_dom_reread(&place))
    qq_die(QQ_EXIT_TROUBLE, "%s", _("users/assign keeps the lines of the domain until qmail-send "
      "has reread virtualdomains: run the same command again then"));
  qq_dom_do_assign(&place);
  if (purge) purge_directory(directory.s);
  if (!place.dry_run && purge) qq_output_done(_("the domain %s is removed"), domain);
  else if (!place.dry_run)
    qq_output_done(_("the domain %s is removed: %s is kept"), domain, directory.s);
  qq_exit(0);
}
