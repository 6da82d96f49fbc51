#include <string.h>
#include <strings.h>
#include <qq/assign.h>
#include <qq/diagnostic.h>
#include "qdom.h"

int qq_dom_unassign(qq_dom_place *p, char const *address)
{
  genalloc keys = GENALLOC_ZERO;
  qq_assign a;
  int is_found;
  qq_assign_key const k = qq_assign_key_of(*address == '+', address + 1, strlen(address + 1));
  qq_demand_memory(genalloc_append(qq_assign_key, &keys, &k));
  qq_assign_remove(&p->plan.assign, &keys, &a);         /* it was read to its end before */
  is_found = genalloc_s(qq_assign_key, &keys)->is_found;
  genalloc_free(qq_assign_key, &keys);
  return is_found;
}

/* The assignment of the address. Returns 1 or 0. */
static int find(qq_dom_place const *p, char const *address, qq_assignment *one)
{
  qq_assign a;
  qq_assign_begin(&a, p->site.users.text.s, p->site.users.text.len);
  while (qq_assign_next(&a, one) > 0)
    if (one->is_wildcard == (*address == '+') && one->address.n == strlen(address + 1) && !strncasecmp(one->address.s, address + 1, one->address.n)) return 1;
  return 0;
}

void qq_dom_adopt_mailnames(qq_dom_place *p, qq_domain const *d)
{
  stralloc address = STRALLOC_ZERO;
  qq_assignment one;
  if (p->said_mailnames) return;
  qq_demand_memory(qq_say(&address, "+%.*s", (int)d->prefix_length, d->prefix) && stralloc_0(&address));
  if (find(p, address.s, &one)) {
    qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
    size_t const n = home->n > d->name_length + 1 ? home->n - d->name_length - 1 : 0;
    if (n && home->s[n] == '/' && !strncasecmp(home->s + n + 1, d->name, d->name_length)) {
      p->mailnames.len = 0;
      qq_demand_memory(stralloc_catb(&p->mailnames, home->s, n) && stralloc_0(&p->mailnames));
    }
  }
  stralloc_free(&address);
}

/* The form that the recipe for Plesk uses: neither dash nor extension. */
int qq_dom_assign(qq_dom_place *p, char const *address, char const *home)
{
  stralloc line = STRALLOC_ZERO;
  qq_assignment one;
  int is_there;
  qq_demand_memory(qq_say(&line, "%s:%s:%lu:%lu:%s:::\n", address, p->user, (unsigned long)p->account.uid, (unsigned long)p->account.gid, home));
  is_there = find(p, address, &one) && one.whole.n + 1 == line.len && !memcmp(one.whole.s, line.s, one.whole.n);
  if (!is_there) {
    qq_dom_unassign(p, address);
    qq_demand_memory(stralloc_insert(&p->plan.assign, 0, &line));
  }
  stralloc_free(&line);
  return !is_there;
}

int qq_dom_is_home(qq_assignment const *one, char const *directory)
{
  qq_piece const *h = &one->fields[QQ_ASSIGN_HOME];
  return h->n == strlen(directory) && !memcmp(h->s, directory, h->n);
}

int qq_dom_has(qq_dom_place const *p, char const *address, char const *home)
{
  qq_assignment one;
  return find(p, address, &one) && qq_dom_is_home(&one, home);
}

void qq_dom_refuse_taken(qq_dom_place const *p, char const *address, char const *home)
{
  qq_assignment one;
  if (find(p, address, &one) && !qq_dom_has(p, address, home))
    qq_die(QQ_EXIT_USAGE, _("%s is assigned to %.*s: users/assign, line %zu; nothing was done"), address, (int)one.fields[QQ_ASSIGN_HOME].n,
      one.fields[QQ_ASSIGN_HOME].s, one.line);
}
