/* Removes a virtual domain. */

#include <string.h>
#include <strings.h>
#include <skalibs/bytestr.h>
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
  "qdom-rm", "DOMAIN", N_("Remove a virtual domain: the control files first, then users/assign and users/cdb. Its directory is kept."), options,
  N_("0 done; 100 wrong use, or there is no such domain, nothing done; 111 trouble, and what it was: the same again finishes it.")
};

/* The assignment of the prefix, and those of its mailboxes and aliases, =PREFIX-... and
   +PREFIX-.... */
static int belongs(qq_assignment const *one, char const *prefix, size_t n)
{
  qq_piece const *a = &one->address;
  if (a->n < n || memcmp(a->s, prefix, n)) return 0;
  return a->n == n ? one->is_wildcard : a->s[n] == '-';
}

/* A wildcard of another domain that takes what begins with this prefix once the prefix itself is
   not assigned (qmail-lspawn.c:nughde_get: the longest one counts). An empty one is everybody's. */
static int find_shorter(char const *prefix, size_t n, qq_piece *shorter)
{
  qq_assignment one;
  qq_assign a;
  int found = 0;
  qq_assign_begin(&a, place.plan.assign.s, place.plan.assign.len);
  while (!found && qq_assign_next(&a, &one) > 0)
    if (one.is_wildcard && one.address.n && one.address.n < n && !memcmp(one.address.s, prefix, one.address.n)) {
      *shorter = one.address;
      found = 1;
    }
  return found;
}

static int is_prefix(qq_assignment const *one, size_t n)
{
  return one->is_wildcard && one->address.n == n;
}

/* Drops the lines of the prefix; its own stays if mail that is queued for it would go to another
   domain without it. */
static void unassign_all(char const *prefix, size_t n)
{
  stralloc kept = STRALLOC_ZERO;
  qq_piece shorter;
  int const keeps = find_shorter(prefix, n, &shorter);
  qq_assignment one;
  qq_assign a;
  qq_assign_begin(&a, place.plan.assign.s, place.plan.assign.len);
  while (qq_assign_next(&a, &one) > 0)
    if (!belongs(&one, prefix, n) || (keeps && is_prefix(&one, n))) qq_demand_memory(qq_append(&kept, one.whole.s, one.whole.n) && stralloc_append(&kept, '\n'));
  if (keeps) qq_warn(_("users/assign keeps +%s: without it, +%.*s would take the mail that is still queued for the domain; when there is none any more: qusers-rm +%s"), prefix, (int)shorter.n, shorter.s, prefix);
  qq_demand_memory(qq_append(&kept, place.plan.assign.s + a.end, place.plan.assign.len - a.end) && qq_copy(&place.plan.assign, kept.s, kept.len));
  stralloc_free(&kept);
}

/* What an earlier run has begun: the domain is not in virtualdomains any more, but its directory is
   somebody's home. */
static int find_prefix(char const *domain, char const *directory, stralloc *prefix)
{
  qq_domain d;
  int r;
  if (qq_domains_find(&place.site.live, domain, strlen(domain), &d)) {
    qq_demand_memory(qq_append(prefix, d.prefix, d.prefix_length) && stralloc_0(prefix));
    return 1;
  }
  r = qq_domains_prefix_of_home(&place.site.users.text, directory, prefix);
  qq_demand_memory(r >= 0);
  return r;
}

/* Another domain may have the same prefix, and then keeps the assignments. */
static int is_shared(char const *domain, char const *prefix)
{
  qq_domains all;
  qq_domain d;
  qq_domains_begin(&all, &place.site.live);
  while (qq_domains_next(&all, &d))
    if (d.prefix_length == strlen(prefix) && !memcmp(d.prefix, prefix, d.prefix_length)
      && (d.name_length != strlen(domain) || strncasecmp(d.name, domain, d.name_length))) return 1;
  return 0;
}

int main(int argc, char *const *argv)
{
  stralloc directory = STRALLOC_ZERO, prefix = STRALLOC_ZERO, what = STRALLOC_ZERO;
  int shared, is_there;
  char *domain;
  qq_domain d;
  qq_start(&program, argc, argv);
  if (!*qq_operands() || qq_operands()[1]) qq_die_usage("%s", _("expected DOMAIN"));
  domain = strdup(*qq_operands());
  qq_demand_memory(domain != 0);
  case_lowerb(domain, strlen(domain));
  if (strchr(domain, '/') || *domain == '.' || !*domain) qq_die_usage(_("operand \"%s\": expected a domain"), domain);
  qq_dom_open(&place);
  if (qq_domains_find(&place.site.live, domain, strlen(domain), &d)) qq_dom_adopt_mailnames(&place, &d);
  qq_dom_path(&place, &directory, domain, 0);
  is_there = find_prefix(domain, directory.s, &prefix);
  if (!is_there && !(purge && qq_dom_is_there(directory.s))) qq_die(QQ_EXIT_USAGE, _("there is no domain \"%s\", neither in control/virtualdomains nor in users/assign; nothing was done"), domain);
  qq_demand_memory(qq_say(&what, "qdom-rm %s", domain) && stralloc_0(&what));
  qq_dom_unlist(&place, "virtualdomains", domain);
  qq_dom_unlist(&place, "rejectnonexist", domain);
  qq_dom_unlist(&place, "morercpthosts", domain);
  qq_dom_unlist(&place, "rcpthosts", domain);
  shared = is_there && is_shared(domain, prefix.s);
  if (shared) qq_warn(_("the prefix %s is another domain's too, which keeps its lines in users/assign"), prefix.s);
  else if (is_there) unassign_all(prefix.s, strlen(prefix.s));
  if (is_there) qq_dom_note_given(&place, prefix.s);
  qq_dom_do_control(&place, what.s);
  if (!place.dry_run && (qq_dom_changes_control(&place, "virtualdomains") || qq_dom_changes_assign(&place)) && !qq_dom_reread(&place))
    qq_die(QQ_EXIT_TROUBLE, "%s", _("users/assign keeps the lines of the domain until qmail-send has reread virtualdomains: the same again then"));
  qq_dom_do_assign(&place);
  if (purge && !qq_dom_is_there(directory.s)) qq_warn(_("there is no directory %s, so that nothing was purged: --mailnames says where domains are"), directory.s);
  else if (purge) qq_dom_purge(&place, directory.s);
  qq_exit(0);
}
