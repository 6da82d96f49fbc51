#include <qq/header.h>

static inline int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* The length of the line end at s, 0 if there is none. */
static inline size_t line_end(char const *s, size_t n)
{
  if (*s == '\n') return 1;
  return *s == '\r' && n > 1 && s[1] == '\n' ? 2 : 0;
}

int qq_unfold(stralloc *out, char const *s, size_t n)
{
  size_t i = 0;
  char *begin, *to;
  while (n && (is_blank(*s) || *s == '\r' || *s == '\n')) { s++; n--; }
  if (!n) return 1;
  if (!stralloc_readyplus(out, n)) return 0;
  begin = to = out->s + out->len;
  while (i < n) {
    char const c = s[i];
    size_t const length = c == '\n' || c == '\r' ? line_end(s + i, n - i) : 0;
    if (length && i + length < n && is_blank(s[i + length])) {
      i += length;
    } else {
      *to++ = c == '\n' || c == '\r' ? ' ' : c;
      i++;
    }
  }
  while (to > begin && is_blank(to[-1])) to--;
  out->len += (size_t)(to - begin);
  return 1;
}
