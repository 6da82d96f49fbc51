#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/assign.h>
#include <qq/controltext.h>
#include <qq/domains.h>
#include <qq/text.h>

void qq_domains_begin(qq_domains *all, qq_settings const *settings)
{
  qq_setting const *s = qq_settings_find(settings, "virtualdomains");
  all->s = s && s->exists && s->content.len ? s->content.s : "";
  qq_entries_begin(&all->entries, all->s, s && s->exists ? s->content.len : 0);
}

int qq_domains_next(qq_domains *all, qq_domain *d)
{
  qq_entries *e = &all->entries;
  while (qq_entries_next(e)) {
    char const *line = all->s + e->start, *colon = e->length ? memchr(line, ':', e->length) : 0;
    if (!colon || colon == line || *line == '.' || memchr(line, '@', (size_t)(colon - line)) || colon + 1 == line + e->length) continue;
    d->name = line;
    d->name_length = (size_t)(colon - line);
    d->prefix = colon + 1;
    d->prefix_length = e->length - d->name_length - 1;
    d->line = e->line;
    return 1;
  }
  return 0;
}

int qq_domains_find(qq_settings const *all, char const *name, size_t n, qq_domain *d)
{
  qq_domain one;
  int found = 0;
  qq_domains e;
  qq_domains_begin(&e, all);
  while (qq_domains_next(&e, &one)) {
    if (one.name_length != n || case_diffb(one.name, n, name)) continue;
    *d = one;
    found = 1;
  }
  return found;
}

int qq_domains_prefix_of_home(stralloc const *assign, char const *home, stralloc *prefix)
{
  qq_assignment one;
  qq_assign a;
  qq_assign_begin(&a, assign->s, assign->len);
  while (qq_assign_next(&a, &one) > 0) {
    qq_piece const *h = &one.fields[QQ_ASSIGN_HOME];
    if (!one.is_wildcard || !one.address.n || h->n != strlen(home) || memcmp(h->s, home, h->n)) continue;
    prefix->len = 0;
    return qq_append(prefix, one.address.s, one.address.n) && stralloc_0(prefix) ? 1 : -1;
  }
  return 0;
}
