#include <qq/append.h>
#include <qq/header.h>

static inline int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* The length of the line end at s, 0 if there is none. */
static inline size_t line_end(char const *s, size_t n)
{
  if (*s == '\n') return 1;
  return n > 1 && s[1] == '\n' ? 2 : 0;
}

int qq_unfold(stralloc *out, char const *s, size_t n)
{
  size_t const old = out->len;
  while (n && (is_blank(*s) || *s == '\r' || *s == '\n')) { s++; n--; }
  if (!n) return 1;
  if (!qq_room(out, n)) return 0;
  while (n) {
    size_t i = 0, length;
    while (i < n && s[i] != '\n' && s[i] != '\r') i++;
    qq_append(out, s, i);
    s += i;
    n -= i;
    if (!n) break;
    length = line_end(s, n);
    if (!length || length == n || !is_blank(s[length])) {
      out->s[out->len++] = ' ';
      length = 1;
    }
    s += length;
    n -= length;
  }
  while (out->len > old && is_blank(out->s[out->len - 1])) out->len--;
  return 1;
}
