#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>
#include <qq/assign.h>
#include <qq/domains.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/text.h>

#define STEP UINT64_C(100)
/* Longer ones are no numbers of domains, and are not counted with. */
#define DIGITS 17
#define LAST_PREFIX "last-prefix"

static size_t digits(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && s[i] >= '0' && s[i] <= '9') i++;
  return i;
}

/* Appends what the text begins with if that is a number before a dash or, unless it needs one, by
   itself. Runs of the same one are taken once. */
static int add_number(genalloc *all, qq_piece const *text, int needs_dash)
{
  size_t const count = genalloc_len(qq_piece, all);
  qq_piece const one = { text->s, digits(text->s, text->n) };
  if (!one.n || (one.n == text->n ? needs_dash : one.s[one.n] != '-')) return 1;
  if (count && !qq_piece_compare(&genalloc_s(qq_piece, all)[count - 1], &one)) return 1;
  return genalloc_append(qq_piece, all, &one);
}

/* What is in use as a number, in entries of every kind and in assignments. A local part that is a
   number is no prefix: nothing else begins with it. */
static int collect_numbers(genalloc *all, qq_settings const *settings, stralloc const *assign)
{
  qq_assignment one;
  qq_domains entries;
  qq_domain d;
  qq_assign a;
  qq_domains_begin(&entries, settings);
  while (qq_domains_next_entry(&entries, &d)) if (!add_number(all, &d.prefix, 0)) return 0;
  qq_assign_begin(&a, assign->s, assign->len);
  while (qq_assign_next(&a, &one) > 0)
    if (!add_number(all, &one.address, !one.is_wildcard)) return 0;
  return 1;
}

/* Of those that are a beginning of the number, or that have it as their beginning, the first by
   qq_piece_compare, so the shortest; or null. */
static qq_piece const *find_alike(genalloc const *all, qq_piece const *number)
{
  qq_piece const *s = genalloc_s(qq_piece, all), *found = 0;
  size_t i;
  for (i = 0; i < genalloc_len(qq_piece, all); i++) {
    size_t const n = s[i].n < number->n ? s[i].n : number->n;
    if (s[i].n == number->n || memcmp(s[i].s, number->s, n)) continue;
    if (!found || qq_piece_compare(&s[i], found) < 0) found = &s[i];
  }
  return found;
}

int qq_domains_overlap(qq_settings const *settings, stralloc const *assign, char const *prefix,
  qq_piece *other)
{
  qq_piece const number = { prefix, strlen(prefix) };
  genalloc all = GENALLOC_ZERO;         /* of qq_piece */
  int r = -1;
  if (!number.n || digits(number.s, number.n) < number.n) return 0;
  if (collect_numbers(&all, settings, assign)) {
    qq_piece const *found = find_alike(&all, &number);
    r = found != 0;
    if (found) *other = *found;
  }
  genalloc_free(qq_piece, &all);
  return r;
}

/* ---- the next one ---- */

static uint64_t highest_number(genalloc const *all, uint64_t above)
{
  uint64_t u;
  size_t i;
  for (i = 0; i < genalloc_len(qq_piece, all); i++) {
    qq_piece const *one = &genalloc_s(qq_piece, all)[i];
    if (one->n <= DIGITS && qq_number_scan(one->s, one->n, &u) && u > above) above = u;
  }
  return above;
}

/* The first multiple behind all numbers of n digits that begin with the piece. */
static uint64_t step_behind(qq_piece const *beginning, size_t n)
{
  uint64_t u = 0;
  size_t i;
  for (i = 0; i < beginning->n; i++) u = u * 10 + (uint64_t)(beginning->s[i] - '0');
  for (u++; i < n; i++) u *= 10;
  return (u + STEP - 1) / STEP * STEP;
}

int qq_domains_next_prefix(qq_settings const *settings, stralloc const *assign, uint64_t above,
  stralloc *prefix, qq_piece *other)
{
  genalloc all = GENALLOC_ZERO;         /* of qq_piece */
  char s[QQ_NUMBER_FMT];
  qq_piece number = { s, 0 };
  qq_piece const *alike;
  uint64_t first, u;
  int r = -1;
  if (!collect_numbers(&all, settings, assign)) return -1;
  first = u = (highest_number(&all, above) / STEP + 1) * STEP;
  while (r < 0) {
    number.n = qq_number_format(s, u);
    alike = find_alike(&all, &number);
    if (alike && u == first) *other = *alike;
    if (!alike) r = 0;
    else if (number.n > DIGITS) r = 1;  /* whatever number there is begins with one in use */
    else u = alike->n < number.n ? step_behind(alike, number.n) : u + STEP;
  }
  genalloc_free(qq_piece, &all);
  prefix->len = 0;
  return qq_fmt(prefix, "%llu", (unsigned long long)(r ? first : u)) && stralloc_0(prefix) ? r : -1;
}

/* ---- the last one ---- */

int qq_last_prefix_read(int directory, uint64_t *highest)
{
  char s[QQ_NUMBER_FMT + 1];
  ssize_t n;
  int fd;
  *highest = 0;
  if (directory < 0) return 1;
  fd = openat(directory, LAST_PREFIX, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 1 : -1;
  n = read(fd, s, sizeof s);
  fd_close(fd);
  if (n < 0) return -1;
  if (n && s[n - 1] == '\n' && qq_number_scan(s, (size_t)n - 1, highest)) return 1;
  errno = EPROTO;
  return -1;
}

int qq_last_prefix_note(int directory, char const *prefix, size_t n, uint64_t highest)
{
  qq_owner const owner = qq_owner_self(0644);
  char s[QQ_NUMBER_FMT + 1];
  uint64_t u;
  size_t length;
  if (n > DIGITS || !qq_number_scan(prefix, n, &u) || u <= highest) return 1;
  length = qq_number_format(s, u);
  s[length++] = '\n';
  return qq_replace(directory, LAST_PREFIX, s, length, &owner);
}
