#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/assign.h>
#include <qq/text.h>

void qq_assign_begin(qq_assign *a, char const *s, size_t n)
{
  a->s = s;
  a->n = n;
  a->at = a->line = 0;
  a->end = n;
}

/* Six fields, each with its colon; what is behind the sixth does not count. */
static int split_fields(qq_assignment *one, char const *s, size_t n, char const **why)
{
  unsigned int i;
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) {
    char const *colon = n ? memchr(s, ':', n) : 0;
    if (!colon) {
      *why = _("has too few fields, expected USER:UID:GID:HOME:DASH:EXT: behind the address, each with its colon");
      return -1;
    }
    one->fields[i].s = s;
    one->fields[i].n = (size_t)(colon - s);
    n -= one->fields[i].n + 1;
    s = colon + 1;
  }
  return 1;
}

static int split(qq_assignment *one, char const **why)
{
  char const *s = one->whole.s, *colon = one->whole.n ? memchr(s, ':', one->whole.n) : 0;
  *why = 0;
  if (!one->whole.n) *why = _("is empty; there are no empty lines here");
  else if (memchr(s, 0, one->whole.n)) *why = _("has a NUL");
  else if (!colon) *why = *s == '#' ? _("is a comment; there are none here") : _("has no colon");
  else if (colon == s) *why = _("begins with a colon, expected = or +");
  if (*why) return -1;
  one->is_wildcard = *s == '+';
  one->address.s = s + 1;
  one->address.n = (size_t)(colon - s) - 1;
  return split_fields(one, colon + 1, one->whole.n - one->address.n - 2, why);
}

int qq_assign_next(qq_assign *a, qq_assignment *one, char const **why)
{
  char const *s = a->s + a->at, *end = a->at < a->n ? memchr(s, '\n', a->n - a->at) : 0;
  if (a->at < a->n && *s == '.') {
    a->end = a->at;
    return 0;
  }
  a->line++;
  if (a->at == a->n) {
    *why = _("is missing: the file has to end with a line that is a dot");
    return -1;
  }
  if (!end) {
    *why = _("is cut off, expected a newline, and a line that is a dot as the last one");
    return -1;
  }
  one->line = a->line;
  one->whole.s = s;
  one->whole.n = (size_t)(end - s);
  a->at += one->whole.n + 1;
  return split(one, why);
}

int qq_assignment_serves(qq_assignment const *one, char const *local, size_t n)
{
  if (one->is_wildcard ? one->address.n > n : one->address.n != n) return 0;
  return !case_diffb(one->address.s, one->address.n, local);
}

unsigned long qq_assign_number(qq_piece const *field)
{
  unsigned long u = 0;
  size_t i;
  for (i = 0; i < field->n && field->s[i] >= '0' && field->s[i] <= '9'; i++)
    u = u * 10 + (unsigned long)(field->s[i] - '0');
  return u;
}
