#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/domains.h>
#include <qq/home.h>
#include <qq/text.h>

void qq_domains_begin(qq_domains *all, qq_settings const *settings)
{
  stralloc const *text = &qq_settings_get(settings, "virtualdomains")->content;
  qq_entries_begin(&all->entries, text->s, text->len);
}

int qq_domains_next_entry(qq_domains *all, qq_domain *d)
{
  qq_entries *e = &all->entries;
  while (qq_entries_next(e)) {
    size_t const colon = byte_chr(e->entry.s, e->entry.n, ':');
    if (colon == e->entry.n) continue;
    d->name = d->prefix = e->entry;
    d->name.n = colon;
    qq_piece_skip(&d->prefix, colon + 1);
    d->line = e->line;
    return 1;
  }
  return 0;
}

int qq_domains_next(qq_domains *all, qq_domain *d)
{
  while (qq_domains_next_entry(all, d))
    if (d->name.n && *d->name.s != '.' && !memchr(d->name.s, '@', d->name.n) && d->prefix.n)
      return 1;
  return 0;
}

int qq_domains_next_with(qq_domains *all, qq_piece const *prefix, qq_domain *d)
{
  while (qq_domains_next(all, d)) if (!qq_piece_compare(&d->prefix, prefix)) return 1;
  return 0;
}

static int find_last(qq_settings const *settings, int (*next)(qq_domains *, qq_domain *),
  char const *name, size_t n, qq_domain *d)
{
  qq_domains all;
  qq_domain one;
  int found = 0;
  qq_domains_begin(&all, settings);
  while (next(&all, &one)) {
    if (one.name.n != n || case_diffb(one.name.s, n, name)) continue;
    *d = one;
    found = 1;
  }
  return found;
}

int qq_domains_find(qq_settings const *all, char const *name, size_t n, qq_domain *d)
{
  return find_last(all, qq_domains_next, name, n, d);
}

int qq_domains_find_entry(qq_settings const *all, char const *key, size_t n, qq_domain *d)
{
  return find_last(all, qq_domains_next_entry, key, n, d);
}

static char const anybody[QQ_DOMAIN_WORD + 1] = "anybody";

int qq_domain_taker(qq_taker *t, qq_users const *u, qq_built const *b, qq_domain const *d,
  stralloc *why)
{
  size_t const at = byte_chr(d->name.s, d->name.n, '@');
  int const is_one = at < d->name.n && at;
  stralloc local = STRALLOC_ZERO;
  int r = qq_append(&local, d->prefix.s, d->prefix.n) && stralloc_append(&local, '-')
    && (is_one ? qq_append(&local, d->name.s, at) : stralloc_cats(&local, anybody))
    ? qq_taker_find(t, u, b, local.s, local.len, why) : -1;
  if (r > 0) r = qq_taker_takes_some(t, b, is_one ? 0 : QQ_DOMAIN_WORD);
  if (r < 0 && !why->len) qq_unable(why, "%s", _("unable to look at a home"));
  stralloc_free(&local);
  return r;
}

int qq_domain_is_ours(qq_domain const *d, qq_taker const *t)
{
  return t->kind == QQ_TAKER_ASSIGNED && t->found.is_wildcard && t->found.taken == d->prefix.n;
}
