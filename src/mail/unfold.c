#include <qq/header.h>
#include <qq/text.h>

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
    if (behind == end || !qq_is_blank(*behind)) {
      *to++ = ' ';
      behind = s + 1;
    }
    s = behind;
  }
  out->len = (size_t)(to - out->s);
}

int qq_unfold(stralloc *out, char const *s, size_t n)
{
  size_t const old = out->len;
  for (; n && (qq_is_blank(*s) || *s == '\r' || *s == '\n'); n--) s++;
  if (!n) return 1;
  if (!qq_room(out, n)) return 0;
  if (memchr(s, '\n', n) || memchr(s, '\r', n)) unfold(out, s, n);
  else qq_append(out, s, n);
  while (out->len > old && qq_is_blank(out->s[out->len - 1])) out->len--;
  return 1;
}
