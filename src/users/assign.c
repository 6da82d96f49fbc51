#include <ctype.h>
#include <string.h>
#include <qq/assign.h>
#include <qq/text.h>

void qq_assign_begin(qq_assign *a, char const *s, size_t n)
{
  a->s = s;
  a->n = n;
  a->at = a->line = 0;
  a->end = n;
  a->is_over = 0;
  a->why = 0;
}

/* Six fields, each with its colon; what is behind the sixth does not count. Returns what is wrong,
   or null. */
static char const *split_fields(qq_assignment *one, char const *s, size_t n)
{
  unsigned int i;
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) {
    char const *colon = n ? memchr(s, ':', n) : 0;
    if (!colon)
      return _("has too few fields, expected USER:UID:GID:HOME:DASH:EXT: after the address, each "
        "with its colon");
    one->fields[i].s = s;
    one->fields[i].n = (size_t)(colon - s);
    n -= one->fields[i].n + 1;
    s = colon + 1;
  }
  return 0;
}

static char const *split(qq_assignment *one)
{
  size_t const n = one->whole.n;
  char const *s = one->whole.s, *colon = n ? memchr(s, ':', n) : 0;
  if (!n) return _("is empty; there are no empty lines here");
  if (memchr(s, 0, n)) return _("has a NUL");
  if (!colon) return *s == '#' ? _("is a comment; there are none here") : _("has no colon");
  if (colon == s) return _("begins with a colon, expected = or +");
  one->is_wildcard = *s == '+';
  one->address.s = s + 1;
  one->address.n = (size_t)(colon - s) - 1;
  return split_fields(one, colon + 1, n - one->address.n - 2);
}

int qq_assign_next(qq_assign *a, qq_assignment *one)
{
  char const *s = a->s + a->at, *end = a->at < a->n ? memchr(s, '\n', a->n - a->at) : 0;
  if (a->at < a->n && *s == '.') {
    a->end = a->at;
    a->is_over = 1;
    return 0;
  }
  a->is_over = !end;
  one->line = ++a->line;
  if (a->at == a->n) a->why = _("is missing: the file has to end with a line that is a dot");
  else if (!end)
    a->why = _("is cut off, expected a newline, and a line that is a dot as the last one");
  else {
    one->whole.s = s;
    one->whole.n = (size_t)(end - s);
    a->at += one->whole.n + 1;
    a->why = split(one);
  }
  return a->why ? -1 : 1;
}

int qq_assign_is_digits(qq_piece const *p)
{
  size_t n = 0;
  while (n < p->n && isdigit((unsigned char)p->s[n])) n++;
  return n && n == p->n;
}

uid_t qq_assign_id(qq_piece const *field)
{
  unsigned long u = 0;
  size_t i;
  for (i = 0; i < field->n && isdigit((unsigned char)field->s[i]); i++)
    u = u * 10 + (unsigned long)(field->s[i] - '0');
  return (uid_t)u;
}
