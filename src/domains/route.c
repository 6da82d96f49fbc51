#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/control.h>
#include <qq/domains.h>
#include <qq/settings.h>
#include <qq/text.h>

int qq_route_is_listed(qq_settings const *all, char const *list, char const *s, size_t n)
{
  stralloc value = STRALLOC_ZERO;
  int found = qq_value_get(&value, qq_control_find(list), all) < 0 ? -1 : 0;
  qq_piece rest = { value.s, value.len }, line;
  while (!found && qq_piece_line(&rest, &line))
    found = line.n == n && !case_diffb(line.s, n, s);
  stralloc_free(&value);
  return found;
}

static int complete(qq_route *r, qq_settings const *all, char const *address)
{
  r->is_completed = !strchr(address, '@');
  if (!qq_copy(&r->address, address, strlen(address))) return -1;
  if (!r->is_completed) return 1;
  return stralloc_append(&r->address, '@')
    && qq_value_get(&r->address, qq_control_find("envnoathost"), all) >= 0 ? 1 : -1;
}

/* Says whether what is behind the @ is listed. */
static int has_listed_domain(qq_route const *r, qq_settings const *all, char const *list, size_t at)
{
  return qq_route_is_listed(all, list, r->address.s + at + 1, r->address.len - at - 1);
}

/* Moves *at, the position of the @ that counts. */
static int percent_hack(qq_route *r, qq_settings const *all, size_t *at)
{
  int listed;
  r->hacked = 0;
  while ((listed = has_listed_domain(r, all, "percenthack", *at)) > 0) {
    size_t const percent = byte_rchr(r->address.s, *at, '%');
    if (percent == *at) return 1;
    r->address.len = *at;
    r->address.s[percent] = '@';
    *at = percent;
    r->hacked++;
  }
  return listed;
}

/* The whole address; its domain; every end of that which begins with a dot; and the empty key, in
   that order. */
static int find_virtual(qq_route *r, qq_settings const *all, size_t at)
{
  stralloc const *a = &r->address;
  qq_domain d;
  size_t i;
  r->kind = QQ_ROUTE_REMOTE;
  for (i = 0; i <= a->len; i++) {
    int const is_key = !i || i == at + 1 || i == a->len || (i > at && a->s[i] == '.');
    if (is_key && qq_domains_find_entry(all, a->s + i, a->len - i, &d)) {
      r->kind = d.prefix.n ? QQ_ROUTE_VIRTUAL : QQ_ROUTE_EXCEPTION;
      r->entry.s = d.name.s;
      r->entry.n = d.name.n + 1 + d.prefix.n;
      break;
    }
  }
  return r->kind != QQ_ROUTE_VIRTUAL || (qq_append(&r->recipient, d.prefix.s, d.prefix.n)
    && stralloc_append(&r->recipient, '-')) ? 1 : -1;
}

int qq_route_find(qq_route *r, qq_settings const *all, char const *address)
{
  size_t at;
  int listed;
  r->recipient.len = r->entry.n = 0;
  if (complete(r, all, address) < 0) return -1;
  at = byte_rchr(r->address.s, r->address.len, '@');
  if (percent_hack(r, all, &at) < 0) return -1;
  listed = has_listed_domain(r, all, "locals", at);
  if (listed < 0) return -1;
  r->kind = QQ_ROUTE_LOCAL;
  if (!listed && find_virtual(r, all, at) < 0) return -1;
  return qq_append(&r->recipient, r->address.s, r->address.len) ? 1 : -1;
}

int qq_route_is_here(qq_route const *r)
{
  return r->kind == QQ_ROUTE_LOCAL || r->kind == QQ_ROUTE_VIRTUAL;
}

/* Says whether the address becomes the stored one. */
static int becomes(qq_route *r, qq_settings const *all, char const *address, char const *stored,
  int is_local)
{
  size_t const n = strlen(stored);
  if (qq_route_find(r, all, address) < 0) return -1;
  return qq_route_is_here(r) == is_local && r->recipient.len == n
    && !memcmp(r->recipient.s, stored, n);
}

int qq_route_original(stralloc *out, qq_settings const *all, char const *stored, int is_local)
{
  qq_route route = QQ_ROUTE_ZERO;
  char const *address = stored;
  int r;
  while (!(r = becomes(&route, all, address, stored, is_local))) {
    char const *const dash = strchr(address, '-');
    if (!dash || !is_local) break;
    address = dash + 1;
  }
  if (r > 0 && out && !qq_append(out, address, strlen(address))) r = -1;
  qq_route_free(&route);
  return r;
}

void qq_route_free(qq_route *r)
{
  stralloc_free(&r->address);
  stralloc_free(&r->recipient);
}
