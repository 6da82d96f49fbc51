#include <stdlib.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include "qdom.h"

int qq_dom_is_wanted(qq_dom_place const *p, qq_assignment const *one)
{
  qq_piece const *user = &one->fields[QQ_ASSIGN_USER];
  return !p->user || (user->n == strlen(p->user) && !memcmp(user->s, p->user, user->n));
}

/* ---- the index ---- */

static void add(genalloc *keys, char const *s, size_t n)
{
  qq_assign_key const k = qq_assign_key_of(1, s, n);
  qq_demand_memory(genalloc_append(qq_assign_key, keys, &k));
}

static void add_hosts(qq_dom_index *x, char const *name)
{
  qq_setting const *s = qq_settings_find(&x->place->site.live, name);
  qq_entries e;
  if (!s || !s->exists) return;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e)) add(&x->hosts, s->content.s + e.start, e.length);
}

void qq_dom_index_make(qq_dom_index *x, qq_dom_place const *p)
{
  qq_domains all;
  qq_domain d;
  memset(x, 0, sizeof *x);
  x->place = p;
  qq_demand_memory(qq_assign_keys_read(&x->lines, &p->site.users.text));
  qq_domains_begin(&all, &p->site.live);
  while (qq_domains_next(&all, &d)) add(&x->prefixes, d.prefix, d.prefix_length);
  qq_assign_keys_sort(&x->prefixes);
  add_hosts(x, "rcpthosts");
  add_hosts(x, "morercpthosts");
  qq_assign_keys_sort(&x->hosts);
}

static int has(genalloc const *keys, char const *s, size_t n)
{
  qq_assign_key const k = qq_assign_key_of(1, s, n);
  return qq_assign_keys_find(keys, &k) != 0;
}

int qq_dom_index_has(qq_dom_index const *x, qq_piece const *prefix)
{
  return has(&x->prefixes, prefix->s, prefix->n);
}

int qq_dom_index_is_accepted(qq_dom_index const *x, qq_domain const *d)
{
  size_t i;
  for (i = 0; i < d->name_length; i++)
    if ((!i || d->name[i] == '.') && has(&x->hosts, d->name + i, d->name_length - i)) return 1;
  return 0;
}

void qq_dom_index_line(qq_dom_index const *x, qq_assign_key const *k, qq_assignment *one)
{
  stralloc const *text = &x->place->site.users.text;
  char const *s = k->address.s - 1;
  qq_assign a;
  qq_assign_begin(&a, s, text->len - (size_t)(s - text->s));
  qq_assign_next(&a, one);        /* it was read before */
  one->line = k->line;
}

static int by_line(void const *a, void const *b)
{
  qq_assign_key const *x = a, *y = b;
  return x->line < y->line ? -1 : x->line > y->line;
}

/* Appends those that begin with the address; all of it, if it is that of a wildcard. */
static void find(qq_dom_index const *x, qq_assign_key const *k, genalloc *keys)
{
  qq_assign_key const *s = genalloc_s(qq_assign_key, &x->lines);
  size_t const n = k->address.n;
  size_t at;
  for (at = qq_assign_keys_from(&x->lines, k); at < genalloc_len(qq_assign_key, &x->lines); at++) {
    qq_assignment one;
    if (s[at].is_wildcard != k->is_wildcard || s[at].address.n < n || case_diffb(s[at].address.s, n, k->address.s)) return;
    if (k->is_wildcard ? s[at].address.n > n : s[at].address.n == n) continue;
    qq_dom_index_line(x, &s[at], &one);
    if (qq_dom_is_wanted(x->place, &one)) qq_demand_memory(genalloc_append(qq_assign_key, keys, &s[at]));
  }
}

void qq_dom_index_find(qq_dom_index const *x, qq_domain const *d, genalloc *keys)
{
  stralloc prefix = STRALLOC_ZERO;
  qq_assign_key k;
  genalloc_setlen(qq_assign_key, keys, 0);
  qq_demand_memory(qq_append(&prefix, d->prefix, d->prefix_length) && stralloc_append(&prefix, '-'));
  k = qq_assign_key_of(0, prefix.s, prefix.len);
  find(x, &k, keys);
  k = qq_assign_key_of(1, prefix.s, prefix.len - 1);
  find(x, &k, keys);
  if (genalloc_len(qq_assign_key, keys)) qsort(genalloc_s(qq_assign_key, keys), genalloc_len(qq_assign_key, keys), sizeof k, by_line);
  stralloc_free(&prefix);
}

/* ---- directories ---- */

/* Names of directories are in small letters. */
static int is_path(qq_dom_place const *p, qq_domain const *d, qq_piece const *user, qq_piece const *home)
{
  stralloc path = STRALLOC_ZERO;
  size_t const at = p->mailnames.len;           /* behind its slash */
  int r;
  if (!qq_append(&path, p->mailnames.s, at - 1) || !stralloc_append(&path, '/') || !qq_append(&path, d->name, d->name_length)
    || (user && (!stralloc_append(&path, '/') || !qq_append(&path, user->s, user->n)))) qq_die_memory();
  case_lowerb(path.s + at, path.len - at);
  r = path.len == home->n && !memcmp(path.s, home->s, home->n);
  stralloc_free(&path);
  return r;
}

int qq_dom_is_box(qq_dom_place const *p, qq_domain const *d, qq_piece const *user, qq_piece const *home)
{
  return is_path(p, d, user, home);
}

int qq_dom_is_directory(qq_dom_place const *p, qq_domain const *d, qq_piece const *home)
{
  qq_domains all;
  qq_domain other;
  if (is_path(p, d, 0, home)) return 1;
  qq_domains_begin(&all, &p->site.live);
  while (qq_domains_next(&all, &other))
    if (other.prefix_length == d->prefix_length && !memcmp(other.prefix, d->prefix, d->prefix_length) && is_path(p, &other, 0, home)) return 1;
  return 0;
}
