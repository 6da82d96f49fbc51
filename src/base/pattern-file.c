#include <errno.h>
#include <skalibs/djbunix.h>
#include <qq/pattern.h>

static int add_line(qq_patterns *p, qq_piece line, char const *name, uint64_t number, stralloc *why)
{
  stralloc reason = STRALLOC_ZERO;
  int r;
  if (line.n && line.s[line.n - 1] == '\r') line.n--;
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
