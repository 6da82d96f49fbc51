#include <stdlib.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include "qdom.h"

int qq_dom_is_wanted(qq_dom_place const *p, qq_assignment const *one)
{
  return !p->user || qq_piece_is(one->fields[QQ_ASSIGN_USER], p->user);
}

void qq_dom_index_make(qq_dom_index *x, qq_dom_place const *p)
{
  memset(x, 0, sizeof *x);
  x->place = p;
  qq_demand_memory(qq_assign_keys_read(&x->lines, &p->site.users.text));
}

static int by_line(void const *a, void const *b)
{
  qq_assignment const *x = a, *y = b;
  return x->line < y->line ? -1 : x->line > y->line;
}

/* Appends to what is found those that begin with the address; all of it, if it is that of a
   wildcard. */
static void find_lines(qq_dom_index *x, qq_assign_key const *k)
{
  qq_assign_key const *s = genalloc_s(qq_assign_key, &x->lines);
  size_t const count = genalloc_len(qq_assign_key, &x->lines), n = k->address.n;
  stralloc const *text = &x->place->site.users.text;
  size_t at;
  for (at = qq_assign_keys_from(&x->lines, k); at < count; at++) {
    qq_piece const *address = &s[at].address;
    char const *line = address->s - 1;
    qq_assignment one;
    qq_assign a;
    if (s[at].is_wildcard != k->is_wildcard || address->n < n
      || case_diffb(address->s, n, k->address.s)) return;
    if ((address->n == n) != k->is_wildcard) continue;
    qq_assign_begin(&a, line, text->len - (size_t)(line - text->s));
    qq_assign_next(&a, &one);     /* it was read before */
    one.line = s[at].line;
    if (qq_dom_is_wanted(x->place, &one))
      qq_demand_memory(genalloc_append(qq_assignment, &x->found, &one));
  }
}

void qq_dom_index_begin(qq_dom_index *x, qq_domain const *d)
{
  stralloc prefix = STRALLOC_ZERO;
  qq_assign_key k;
  size_t n;
  genalloc_setlen(qq_assignment, &x->found, 0);
  qq_must_fmt(&prefix, "%.*s-", (int)d->prefix.n, d->prefix.s);
  k = qq_assign_key_of(0, prefix.s, prefix.len);
  find_lines(x, &k);
  k = qq_assign_key_of(1, prefix.s, prefix.len - 1);
  find_lines(x, &k);
  n = genalloc_len(qq_assignment, &x->found);
  if (n) qsort(genalloc_s(qq_assignment, &x->found), n, sizeof(qq_assignment), by_line);
  x->next = 0;
  x->taken = prefix.len;
  stralloc_free(&prefix);
}

int qq_dom_index_next(qq_dom_index *x, qq_assignment *one, qq_piece *user)
{
  if (x->next == genalloc_len(qq_assignment, &x->found)) return 0;
  *one = genalloc_s(qq_assignment, &x->found)[x->next++];
  user->s = one->is_wildcard ? 0 : one->address.s + x->taken;
  user->n = one->is_wildcard ? 0 : one->address.n - x->taken;
  return 1;
}

/* ---- directories ---- */

int qq_dom_is_in_mailnames(qq_dom_place const *p, qq_piece const *home, qq_piece *rest)
{
  size_t const n = p->mailnames.len - 1;
  if (home->n <= n || memcmp(home->s, p->mailnames.s, n) || home->s[n] != '/') return 0;
  rest->s = home->s + n;
  rest->n = home->n - n;
  return 1;
}

/* Takes a slash and the name off the path. Names of directories are in small letters. */
static int take_name(qq_piece *path, qq_piece const *name)
{
  size_t const n = name->n + 1;
  size_t i;
  if (path->n < n || *path->s != '/' || case_diffb(path->s + 1, name->n, name->s)) return 0;
  for (i = 1; i < n; i++) if (path->s[i] >= 'A' && path->s[i] <= 'Z') return 0;
  path->s += n;
  path->n -= n;
  return 1;
}

int qq_dom_is_box(qq_dom_place const *p, qq_domain const *d, qq_piece const *user,
  qq_piece const *home)
{
  qq_piece rest;
  return qq_dom_is_in_mailnames(p, home, &rest) && take_name(&rest, &d->name)
    && take_name(&rest, user) && !rest.n;
}

static int is_own_directory(qq_dom_place const *p, qq_domain const *d, qq_piece const *home)
{
  qq_piece rest;
  return qq_dom_is_in_mailnames(p, home, &rest) && take_name(&rest, &d->name) && !rest.n;
}

int qq_dom_is_directory(qq_dom_place const *p, qq_domain const *d, qq_piece const *home)
{
  qq_domains all;
  qq_domain other;
  if (is_own_directory(p, d, home)) return 1;
  qq_domains_begin(&all, &p->site.live);
  while (qq_domains_next_with(&all, &d->prefix, &other))
    if (is_own_directory(p, &other, home)) return 1;
  return 0;
}
