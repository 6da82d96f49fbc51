#include <errno.h>
#include <string.h>
#include <skalibs/djbunix.h>
#include <qq/pattern.h>

/* What editors and web pages put around a line, and nobody sees: blanks, no-break spaces, byte
   order marks. */
static char const *const unseen[] = { " ", "\t", "\r", "\xc2\xa0", "\xef\xbb\xbf" };
#define UNSEEN (sizeof unseen / sizeof *unseen)

static int begins_with(qq_piece const *p, char const *s)
{
  size_t const n = strlen(s);
  return p->n >= n && !memcmp(p->s, s, n);
}

static int ends_with(qq_piece const *p, char const *s)
{
  size_t const n = strlen(s);
  return p->n >= n && !memcmp(p->s + p->n - n, s, n);
}

static size_t unseen_where(qq_piece const *line, int (*stands)(qq_piece const *, char const *))
{
  size_t i;
  for (i = 0; i < UNSEEN; i++) if (stands(line, unseen[i])) return strlen(unseen[i]);
  return 0;
}

static void trim(qq_piece *line)
{
  size_t n;
  while ((n = unseen_where(line, begins_with))) qq_piece_skip(line, n);
  while ((n = unseen_where(line, ends_with))) line->n -= n;
}

static int add_line(qq_patterns *p, qq_piece line, char const *name, uint64_t number, stralloc *why)
{
  stralloc reason = STRALLOC_ZERO;
  int r;
  trim(&line);
  if (!line.n) return 1;
  r = qq_patterns_add(p, line.s, line.n, &reason);
  if (r < 0 && reason.len)
    qq_refuse(why, errno, "%s:%llu: %.*s", name, (unsigned long long)number,
      (int)reason.len, reason.s);
  stralloc_free(&reason);
  return r;
}

static int add_all(qq_patterns *p, qq_piece text, char const *name, stralloc *why)
{
  size_t const before = qq_patterns_count(p);
  uint64_t number = 0;
  qq_piece line;
  if (begins_with(&text, "\xff\xfe") || begins_with(&text, "\xfe\xff"))
    return qq_refuse(why, EINVAL, _("%s: expected patterns in UTF-8, found UTF-16"), name);
  if (text.n && memchr(text.s, 0, text.n))
    return qq_refuse(why, EINVAL, _("%s: expected patterns in UTF-8, found a NUL, as UTF-16 has "
      "them"), name);
  while (qq_piece_line(&text, &line)) if (add_line(p, line, name, ++number, why) < 0) return -1;
  if (qq_patterns_count(p) > before) return 1;
  return qq_refuse(why, EINVAL, _("%s: expected a pattern on each line, found none"), name);
}

int qq_patterns_add_lines(qq_patterns *p, int fd, char const *name, stralloc *why)
{
  stralloc content = STRALLOC_ZERO;
  int r;
  if (!slurp(&content, fd)) return qq_unable(why, _("unable to read %s"), name);
  r = add_all(p, qq_piece_of(&content), name, why);
  stralloc_free(&content);
  return r;
}
