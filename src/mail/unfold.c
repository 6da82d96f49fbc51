#include <qq/header.h>
#include <qq/text.h>

static inline int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static size_t skip_blanks(char const *s, size_t n)
{
  size_t i = 0;
  while (i < n && (is_blank(s[i]) || s[i] == '\r' || s[i] == '\n')) i++;
  return i;
}

/* s has line ends. */
static void unfold(stralloc *out, char const *s, size_t n)
{
  char const *const end = s + n;
  char *to = out->s + out->len;
  for (;;) {
    char const *behind;
    while (s != end && *s != '\n' && *s != '\r') *to++ = *s++;
    if (s == end) break;
    behind = *s == '\n' ? s + 1 : end - s > 1 && s[1] == '\n' ? s + 2 : end;
    if (behind == end || !is_blank(*behind)) {
      *to++ = ' ';
      behind = s + 1;
    }
    s = behind;
  }
  out->len = (size_t)(to - out->s);
}

int qq_unfold(stralloc *out, char const *s, size_t n)
{
  size_t const old = out->len, blanks = skip_blanks(s, n);
  if (blanks == n) return 1;
  s += blanks;
  n -= blanks;
  if (!qq_room(out, n)) return 0;
  if (memchr(s, '\n', n) || memchr(s, '\r', n)) unfold(out, s, n);
  else qq_append(out, s, n);
  while (out->len > old && is_blank(out->s[out->len - 1])) out->len--;
  return 1;
}
