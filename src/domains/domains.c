#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/append.h>
#include <qq/assign.h>
#include <qq/controltext.h>
#include <qq/domains.h>
#include <qq/id.h>

#define STEP 100
/* Multiples that are tried for one that does not overlap. */
#define TRIES 1000

int qq_domains_next(qq_settings const *all, size_t *at, qq_domain *d)
{
  qq_setting const *s = qq_settings_find(all, "virtualdomains");
  size_t i = 0;
  qq_entries e;
  if (!s || !s->exists) return 0;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e)) {
    char const *line = s->content.s + e.start, *colon = e.length ? memchr(line, ':', e.length) : 0;
    if (i++ < *at) continue;
    ++*at;
    if (!colon || colon == line || *line == '.' || memchr(line, '@', (size_t)(colon - line)) || colon + 1 == line + e.length) continue;
    d->name = line;
    d->name_length = (size_t)(colon - line);
    d->prefix = colon + 1;
    d->prefix_length = e.length - d->name_length - 1;
    d->line = e.line;
    return 1;
  }
  return 0;
}

int qq_domains_find(qq_settings const *all, char const *name, size_t n, qq_domain *d)
{
  qq_domain one;
  size_t at = 0;
  int found = 0;
  while (qq_domains_next(all, &at, &one)) {
    if (one.name_length != n || case_diffb(one.name, n, name)) continue;
    *d = one;
    found = 1;
  }
  return found;
}

/* ---- numbers ---- */

static size_t digits(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && s[i] >= '0' && s[i] <= '9') i++;
  return i;
}

/* Says whether it begins with a number that stands by itself or before a dash. */
static int is_prefix(char const *s, size_t n)
{
  size_t const i = digits(s, n);
  return i && (i == n || s[i] == '-');
}

/* Calls each with what is in use as a number, in entries of every kind and in assignments, and stops when it returns not 0. */
static int each_number(qq_settings const *all, stralloc const *assign, int (*each)(void *, char const *, size_t), void *p)
{
  qq_setting const *s = qq_settings_find(all, "virtualdomains");
  qq_assignment one;
  char const *why;
  qq_assign a;
  qq_entries e;
  int r = 0;
  qq_entries_begin(&e, s && s->exists ? s->content.s : "", s && s->exists ? s->content.len : 0);
  while (!r && qq_entries_next(&e)) {
    char const *line = s->content.s + e.start, *colon = e.length ? memchr(line, ':', e.length) : 0;
    if (colon && is_prefix(colon + 1, e.length - (size_t)(colon - line) - 1)) r = each(p, colon + 1, digits(colon + 1, e.length - (size_t)(colon - line) - 1));
  }
  qq_assign_begin(&a, assign->s, assign->len);
  while (!r && qq_assign_next(&a, &one, &why) > 0) if (is_prefix(one.address.s, one.address.n)) r = each(p, one.address.s, digits(one.address.s, one.address.n));
  return r;
}

static int higher(void *p, char const *s, size_t n)
{
  uint64_t *highest = p, u;
  if (n < 18 && qq_number_scan(s, n, &u) && u > *highest) *highest = u;
  return 0;
}

static int begins_alike(void *p, char const *s, size_t n)
{
  char const *prefix = p;
  size_t const length = strlen(prefix), shorter = length < n ? length : n;
  return length != n && !memcmp(prefix, s, shorter);
}

int qq_domains_overlap(qq_settings const *all, stralloc const *assign, char const *prefix)
{
  stralloc copy = STRALLOC_ZERO;
  int r = 0;
  if (digits(prefix, strlen(prefix)) < strlen(prefix)) return 0;
  if (stralloc_cats(&copy, prefix) && stralloc_0(&copy)) r = each_number(all, assign, begins_alike, copy.s);
  stralloc_free(&copy);
  return r;
}

static int set(stralloc *prefix, uint64_t u)
{
  char s[QQ_NUMBER_FMT];
  prefix->len = 0;
  return qq_append(prefix, s, qq_number_format(s, u)) && stralloc_0(prefix);
}

int qq_domains_next_prefix(qq_settings const *all, stralloc const *assign, stralloc *prefix, int *overlaps)
{
  uint64_t highest = 0, next;
  unsigned int i;
  each_number(all, assign, higher, &highest);
  next = (highest / STEP + 1) * STEP;
  for (i = 0; i < TRIES; i++) {
    if (!set(prefix, next + i * UINT64_C(100))) return 0;
    *overlaps = qq_domains_overlap(all, assign, prefix->s);
    if (!*overlaps) return 1;
  }
  return set(prefix, next);
}

int qq_domains_prefix_of_home(stralloc const *assign, char const *home, stralloc *prefix)
{
  qq_assignment one;
  char const *why;
  qq_assign a;
  qq_assign_begin(&a, assign->s, assign->len);
  while (qq_assign_next(&a, &one, &why) > 0) {
    qq_piece const *h = &one.fields[QQ_ASSIGN_HOME];
    if (!one.is_wildcard || !one.address.n || h->n != strlen(home) || memcmp(h->s, home, h->n)) continue;
    prefix->len = 0;
    return qq_append(prefix, one.address.s, one.address.n) && stralloc_0(prefix) ? 1 : -1;
  }
  return 0;
}
