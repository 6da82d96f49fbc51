#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include "qdom.h"

int qq_dom_has_address(qq_assignment const *one, void const *address)
{
  char const *s = address;
  size_t const n = strlen(s + 1);
  return one->is_wildcard == (*s == '+') && one->address.n == n
    && !case_diffb(one->address.s, n, s + 1);
}

int qq_dom_has_home(qq_assignment const *one, void const *directory)
{
  return qq_piece_is(one->fields[QQ_ASSIGN_HOME], directory);
}

int qq_dom_find_assignment(qq_dom_place const *p, qq_dom_picks *picks, void const *which,
  qq_assignment *one)
{
  qq_assign a;
  qq_assign_begin(&a, p->site.users.text.s, p->site.users.text.len);
  while (qq_assign_next(&a, one) > 0) if (picks(one, which)) return 1;
  return 0;
}

static int is_prefix_of_home(qq_assignment const *one, void const *directory)
{
  return one->is_wildcard && one->address.n && qq_dom_has_home(one, directory);
}

int qq_dom_find_prefix(qq_dom_place const *p, char const *directory, qq_piece *prefix)
{
  qq_assignment one;
  if (!qq_dom_find_assignment(p, is_prefix_of_home, directory, &one)) return 0;
  *prefix = one.address;
  return 1;
}

size_t qq_dom_unassign(qq_dom_place *p, qq_dom_picks *picks, void const *which)
{
  stralloc *text = &p->plan.assign;
  stralloc kept = STRALLOC_ZERO;
  qq_assignment one;
  size_t removed = 0;
  qq_assign a;
  qq_assign_begin(&a, text->s, text->len);
  while (qq_assign_next(&a, &one) > 0) {
    if (picks(&one, which)) removed++;
    else qq_demand_memory(qq_append(&kept, one.whole.s, one.whole.n + 1));     /* its newline */
  }
  qq_demand_memory(qq_append(&kept, text->s + a.end, text->len - a.end));
  qq_demand_memory(qq_copy(text, kept.s, kept.len));
  stralloc_free(&kept);
  return removed;
}

/* The form that the recipe for Plesk uses: neither dash nor extension. */
void qq_dom_assign(qq_dom_place *p, char const *address, char const *home)
{
  stralloc line = STRALLOC_ZERO;
  qq_assignment one;
  qq_must_fmt(&line, "%s:%s:%lu:%lu:%s:::\n", address, p->user,
    (unsigned long)p->account.uid, (unsigned long)p->account.gid, home);
  if (!qq_dom_find_assignment(p, qq_dom_has_address, address, &one)
    || one.whole.n + 1 != line.len || memcmp(one.whole.s, line.s, line.len)) {
    qq_dom_unassign(p, qq_dom_has_address, address);
    qq_demand_memory(stralloc_insert(&p->plan.assign, 0, &line));
  }
  stralloc_free(&line);
}

int qq_dom_is_assigned(qq_dom_place const *p, char const *address, char const *home)
{
  qq_assignment one;
  return qq_dom_find_assignment(p, qq_dom_has_address, address, &one)
    && qq_dom_has_home(&one, home);
}

void qq_dom_refuse_taken(qq_dom_place const *p, char const *address, char const *home)
{
  qq_assignment one;
  qq_piece const *other = &one.fields[QQ_ASSIGN_HOME];
  if (qq_dom_find_assignment(p, qq_dom_has_address, address, &one) && !qq_dom_has_home(&one, home))
    qq_die(QQ_EXIT_USAGE, _("%s is assigned to %.*s: users/assign, line %zu; nothing was done"),
      address, (int)other->n, other->s, one.line);
}
