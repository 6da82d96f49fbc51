#include <string.h>
#include <skalibs/genalloc.h>
#include <qq/assign.h>
#include <qq/controltext.h>
#include <qq/domains.h>
#include <qq/id.h>
#include <qq/text.h>

#define STEP UINT64_C(100)
/* Longer ones are no numbers of domains, and are not counted with. */
#define DIGITS 17

static size_t digits(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && s[i] >= '0' && s[i] <= '9') i++;
  return i;
}

/* Appends what the text begins with if that is a number before a dash or, unless it needs one, by
   itself. Runs of the same one are taken once. */
static int note(genalloc *all, char const *s, size_t n, int needs_dash)
{
  size_t const count = genalloc_len(qq_piece, all);
  qq_piece const *last = count ? &genalloc_s(qq_piece, all)[count - 1] : 0;
  qq_piece one;
  one.s = s;
  one.n = digits(s, n);
  if (!one.n || (one.n == n ? needs_dash : s[one.n] != '-')) return 1;
  if (last && last->n == one.n && !memcmp(last->s, s, one.n)) return 1;
  return genalloc_append(qq_piece, all, &one);
}

/* What is in use as a number, in entries of every kind and in assignments, sorted. A local part
   that is a number is no prefix: nothing else begins with it. */
static int collect(genalloc *all, qq_settings const *settings, stralloc const *assign)
{
  qq_setting const *s = qq_settings_find(settings, "virtualdomains");
  qq_assignment one;
  qq_assign a;
  qq_entries e;
  qq_entries_begin(&e, s && s->exists ? s->content.s : "", s && s->exists ? s->content.len : 0);
  while (qq_entries_next(&e)) {
    char const *line = s->content.s + e.start, *colon = e.length ? memchr(line, ':', e.length) : 0;
    if (colon && !note(all, colon + 1, e.length - (size_t)(colon - line) - 1, 0)) return 0;
  }
  qq_assign_begin(&a, assign->s, assign->len);
  while (qq_assign_next(&a, &one) > 0) if (!note(all, one.address.s, one.address.n, !one.is_wildcard)) return 0;
  qq_pieces_sort(all, qq_piece_compare);
  return 1;
}

/* The first one that is not before it. */
static qq_piece const *find(genalloc const *all, qq_piece const *one)
{
  qq_piece const *s = genalloc_s(qq_piece, all);
  size_t low = 0, high = genalloc_len(qq_piece, all);
  while (low < high) {
    size_t const middle = low + (high - low) / 2;
    if (qq_piece_compare(&s[middle], one) < 0) low = middle + 1;
    else high = middle;
  }
  return low < genalloc_len(qq_piece, all) ? &s[low] : 0;
}

static int begins_with(qq_piece const *one, qq_piece const *beginning)
{
  return one->n > beginning->n && !memcmp(one->s, beginning->s, beginning->n);
}

/* One that is a beginning of the number, or that has it as its beginning; or null. */
static qq_piece const *find_alike(genalloc const *all, qq_piece const *number)
{
  qq_piece const *end = genalloc_s(qq_piece, all) + genalloc_len(qq_piece, all), *found;
  qq_piece part = *number;
  for (part.n = 1; part.n < number->n; part.n++) {
    found = find(all, &part);
    if (found && !qq_piece_compare(found, &part)) return found;
  }
  found = find(all, number);
  while (found && found < end && !qq_piece_compare(found, number)) found++;
  return found && found < end && begins_with(found, number) ? found : 0;
}

int qq_domains_overlap(qq_settings const *settings, stralloc const *assign, char const *prefix, qq_piece *other)
{
  genalloc all = GENALLOC_ZERO;         /* of qq_piece */
  qq_piece const *found;
  qq_piece number;
  int r = -1;
  number.s = prefix;
  number.n = strlen(prefix);
  if (!number.n || digits(prefix, number.n) < number.n) return 0;
  if (collect(&all, settings, assign)) {
    found = find_alike(&all, &number);
    r = found != 0;
    if (found) *other = *found;
  }
  genalloc_free(qq_piece, &all);
  return r;
}

/* ---- the next one ---- */

static uint64_t highest(genalloc const *all)
{
  uint64_t top = 0, u;
  size_t i;
  for (i = 0; i < genalloc_len(qq_piece, all); i++) {
    qq_piece const *one = &genalloc_s(qq_piece, all)[i];
    if (one->n <= DIGITS && qq_number_scan(one->s, one->n, &u) && u > top) top = u;
  }
  return top;
}

/* The first number behind all of those that have as many digits and begin with the piece. */
static uint64_t behind(qq_piece const *beginning, size_t n)
{
  uint64_t u = 0;
  size_t i;
  for (i = 0; i < n; i++) u = u * 10 + (i < beginning->n ? (uint64_t)(beginning->s[i] - '0') : 0) + (i + 1 == beginning->n);
  return u;
}

int qq_domains_next_prefix(qq_settings const *settings, stralloc const *assign, uint64_t above, stralloc *prefix, qq_piece *other)
{
  genalloc all = GENALLOC_ZERO;         /* of qq_piece */
  char s[QQ_NUMBER_FMT];
  qq_piece number;
  uint64_t first, u;
  int r = -1;
  number.s = s;
  if (!collect(&all, settings, assign)) return -1;
  first = highest(&all);
  if (first < above) first = above;
  first = u = (first / STEP + 1) * STEP;
  while (r < 0) {
    qq_piece const *alike;
    number.n = qq_number_format(s, u);
    alike = find_alike(&all, &number);
    if (!alike) r = 0;
    else {
      if (u == first) *other = *alike;
      u = alike->n < number.n ? (behind(alike, number.n) + STEP - 1) / STEP * STEP : u + STEP;
      if (number.n > DIGITS) {          /* whatever number there is begins with one that is in use */
        u = first;
        r = 1;
      }
    }
  }
  genalloc_free(qq_piece, &all);
  prefix->len = 0;
  return qq_append(prefix, s, qq_number_format(s, u)) && stralloc_0(prefix) ? r : -1;
}
