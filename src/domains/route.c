#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/control.h>
#include <qq/controltext.h>
#include <qq/domains.h>
#include <qq/settings.h>

/* Says whether the value in force of the list has the entry. */
static int is_listed(qq_settings const *all, char const *name, char const *s, size_t n)
{
  stralloc value = STRALLOC_ZERO;
  size_t at = 0;
  int found = qq_value_get(&value, qq_control_find(name), all) < 0 ? -1 : 0;
  while (!found && at < value.len) {
    char const *end = memchr(value.s + at, '\n', value.len - at);
    size_t const length = end ? (size_t)(end - value.s) - at : value.len - at;
    found = length == n && !case_diffb(value.s + at, n, s);
    at += length + 1;
  }
  stralloc_free(&value);
  return found;
}

/* The prefix of the last line with the key. Returns 1, 0, or -1 with errno. */
static int look_up(qq_settings const *all, char const *key, size_t n, stralloc *entry, size_t *prefix)
{
  qq_setting const *s = qq_settings_find(all, "virtualdomains");
  qq_entries e;
  int found = 0;
  if (!s || !s->exists) return 0;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e)) {
    char const *line = s->content.s + e.start, *colon = e.length ? memchr(line, ':', e.length) : 0;
    if (!colon || (size_t)(colon - line) != n || case_diffb(line, n, key)) continue;
    entry->len = 0;
    if (!stralloc_catb(entry, line, e.length)) return -1;
    *prefix = n + 1;
    found = 1;
  }
  return found;
}

static size_t last(char const *s, size_t n, char c)
{
  size_t i = n;
  while (i && s[i - 1] != c) i--;
  return i ? i - 1 : n;
}

static int complete(qq_route *r, qq_settings const *all, char const *address)
{
  r->address.len = 0;
  if (!stralloc_cats(&r->address, address)) return -1;
  if (last(r->address.s, r->address.len, '@') < r->address.len) return 1;
  r->is_completed = 1;
  return stralloc_append(&r->address, '@') ? qq_value_get(&r->address, qq_control_find("envnoathost"), all) < 0 ? -1 : 1 : -1;
}

static int percent_hack(qq_route *r, qq_settings const *all)
{
  size_t at = last(r->address.s, r->address.len, '@');
  int listed;
  while ((listed = is_listed(all, "percenthack", r->address.s + at + 1, r->address.len - at - 1)) > 0) {
    size_t const percent = last(r->address.s, at, '%');
    if (percent == at) return 1;
    r->address.len = at;
    r->address.s[percent] = '@';
    at = percent;
    r->hacked++;
  }
  return listed;
}

/* The whole address; its domain; every end of that which begins with a dot; and the empty key, in
   that order. */
static int find_virtual(qq_route *r, qq_settings const *all, size_t at)
{
  size_t i, prefix = 0;
  for (i = 0; i <= r->address.len; i++) {
    int found;
    if (i && i != at + 1 && i != r->address.len && (i <= at || r->address.s[i] != '.')) continue;
    found = look_up(all, r->address.s + i, r->address.len - i, &r->entry, &prefix);
    if (found < 0) return -1;
    if (!found) continue;
    r->kind = prefix < r->entry.len ? QQ_ROUTE_VIRTUAL : QQ_ROUTE_EXCEPTION;
    return r->kind == QQ_ROUTE_EXCEPTION || (stralloc_catb(&r->recipient, r->entry.s + prefix, r->entry.len - prefix)
      && stralloc_append(&r->recipient, '-')) ? 1 : -1;
  }
  r->kind = QQ_ROUTE_REMOTE;
  return 1;
}

int qq_route_find(qq_route *r, qq_settings const *all, char const *address)
{
  size_t at;
  int listed;
  r->recipient.len = r->entry.len = 0;
  r->is_completed = 0;
  r->hacked = 0;
  if (complete(r, all, address) < 0 || percent_hack(r, all) < 0) return -1;
  at = last(r->address.s, r->address.len, '@');
  listed = is_listed(all, "locals", r->address.s + at + 1, r->address.len - at - 1);
  if (listed < 0) return -1;
  r->kind = QQ_ROUTE_LOCAL;
  if (!listed && find_virtual(r, all, at) < 0) return -1;
  return stralloc_catb(&r->recipient, r->address.s, r->address.len) ? 1 : -1;
}

void qq_route_free(qq_route *r)
{
  stralloc_free(&r->address);
  stralloc_free(&r->recipient);
  stralloc_free(&r->entry);
}
