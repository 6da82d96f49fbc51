#include <errno.h>
#include <string.h>
#include <skalibs/buffer.h>
#include <skalibs/skamisc.h>
#include <qq/pattern.h>
#include <qq/text.h>

static int add_line(qq_patterns *p, stralloc *line, char const *name, uint64_t number, stralloc *why)
{
  stralloc reason = STRALLOC_ZERO;
  int r;
  if (line->len && line->s[line->len - 1] == '\n') line->len--;
  if (line->len && line->s[line->len - 1] == '\r') line->len--;
  if (!line->len) return 1;
  r = qq_patterns_add(p, line->s, line->len, &reason);
  if (r < 0) {
    int const e = errno;
    if (stralloc_0(&reason)) qq_say(why, "%s:%llu: %s", name, (unsigned long long)number, reason.s);
    errno = e;
  }
  stralloc_free(&reason);
  return r;
}

int qq_patterns_add_lines(qq_patterns *p, int fd, char const *name, stralloc *why)
{
  char buf[16384];
  buffer b = BUFFER_INIT(&buffer_read, fd, buf, sizeof buf);
  stralloc line = STRALLOC_ZERO;
  size_t const before = qq_patterns_count(p);
  uint64_t number = 0;
  int r;
  for (;;) {
    line.len = 0;
    errno = 0;
    r = skagetln(&b, &line, '\n');
    if (!r) break;
    if (r < 0 && (errno != EPIPE || !line.len)) {   /* EPIPE: a last line without its end */
      int const e = errno;
      qq_say(why, _("unable to read %s: %s"), name, strerror(e));
      errno = e;
      break;
    }
    r = add_line(p, &line, name, ++number, why);
    if (r < 0) break;
  }
  stralloc_free(&line);
  if (r < 0) return -1;
  if (qq_patterns_count(p) > before) return 1;
  qq_say(why, _("%s: expected a pattern on each line, found none"), name);
  errno = EINVAL;
  return -1;
}
