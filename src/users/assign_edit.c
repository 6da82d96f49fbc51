#include <stdlib.h>
#include <string.h>
#include <qq/assign.h>
#include <qq/text.h>

/* The largest uid or gid; the next one means `no change' to chown(2). */
#define LARGEST "4294967294"

static int is_number(qq_piece const *p)
{
  return qq_assign_is_digits(p) && p->n <= 10 && (p->n < 10 || memcmp(p->s, LARGEST, 10) <= 0);
}

char const *qq_assign_fault(qq_assignment const *one)
{
  char const last = one->address.n ? one->address.s[one->address.n - 1] : 'a';
  qq_piece const *f = one->fields;
  if (*one->whole.s != '=' && *one->whole.s != '+') return _("begins with neither = nor +");
  if (!one->is_wildcard && !one->address.n) return _("assigns the empty local part");
  if (one->is_wildcard && last >= 'A' && last <= 'Z')
    return _("has a prefix that ends with a capital letter, which qmail-lspawn never finds: write "
      "it small");
  if (!f[QQ_ASSIGN_USER].n) return _("has no user");
  if (!is_number(&f[QQ_ASSIGN_UID])) return _("has a uid that is not a number");
  if (!qq_assign_id(&f[QQ_ASSIGN_UID]))
    return _("has uid 0, and qmail-lspawn does not deliver as root");
  if (!is_number(&f[QQ_ASSIGN_GID])) return _("has a gid that is not a number");
  if (!f[QQ_ASSIGN_HOME].n || *f[QQ_ASSIGN_HOME].s != '/')
    return _("has a home that does not begin with /");
  return 0;
}

qq_assign_key qq_assign_key_of(int is_wildcard, char const *address, size_t n)
{
  qq_assign_key const k = { { address, n }, is_wildcard, 0, 0 };
  return k;
}

/* By type and address without case. */
static int compare(void const *a, void const *b)
{
  qq_assign_key const *x = a, *y = b;
  if (x->is_wildcard != y->is_wildcard) return x->is_wildcard - y->is_wildcard;
  return qq_piece_compare_case(&x->address, &y->address);
}

static int compare_with_line(void const *a, void const *b)
{
  int const r = compare(a, b);
  qq_assign_key const *x = a, *y = b;
  return r ? r : x->line < y->line ? -1 : x->line > y->line;
}

int qq_assign_key_same(qq_assign_key const *a, qq_assign_key const *b)
{
  return !compare(a, b);
}

void qq_assign_keys_sort(genalloc *keys)
{
  size_t const n = genalloc_len(qq_assign_key, keys);
  if (n) qsort(genalloc_s(qq_assign_key, keys), n, sizeof(qq_assign_key), compare_with_line);
}

int qq_assign_keys_read(genalloc *keys, stralloc const *text)
{
  qq_assignment one;
  qq_assign a;
  qq_assign_begin(&a, text->s, text->len);
  while (!a.is_over) {
    qq_assign_key k;
    if (qq_assign_next(&a, &one) < 1) continue;
    k = qq_assign_key_of(one.is_wildcard, one.address.s, one.address.n);
    k.line = one.line;
    if (!genalloc_append(qq_assign_key, keys, &k)) return 0;
  }
  qq_assign_keys_sort(keys);
  return 1;
}

size_t qq_assign_keys_from(genalloc const *keys, qq_assign_key const *key)
{
  qq_assign_key const *s = genalloc_s(qq_assign_key, keys);
  size_t low = 0, high = genalloc_len(qq_assign_key, keys);
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (compare(&s[middle], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

qq_assign_key *qq_assign_keys_find(genalloc const *keys, qq_assign_key const *key)
{
  size_t const at = qq_assign_keys_from(keys, key);
  qq_assign_key *s = genalloc_s(qq_assign_key, keys);
  return at < genalloc_len(qq_assign_key, keys) && qq_assign_key_same(&s[at], key) ? &s[at] : 0;
}

int qq_assign_remove(stralloc *text, genalloc *keys, qq_assign *at)
{
  size_t kept = 0;
  qq_assignment one;
  int r;
  qq_assign_begin(at, text->s, text->len);
  while ((r = qq_assign_next(at, &one)) > 0) {
    qq_assign_key const k = qq_assign_key_of(one.is_wildcard, one.address.s, one.address.n);
    qq_assign_key *match = qq_assign_keys_find(keys, &k);
    if (match) match->is_found = 1;
    else {
      memmove(text->s + kept, one.whole.s, one.whole.n + 1);
      kept += one.whole.n + 1;
    }
  }
  if (r < 0) return 0;
  memmove(text->s + kept, text->s + at->at, text->len - at->at);
  text->len -= at->at - kept;
  return 1;
}
