#include <string.h>
#include <qq/charset.h>
#include <qq/text.h>

static inline int digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  /* Not allowed in section 6.7 (1), and written all the same. */
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int qq_quoted_byte(char high, char low)
{
  int const h = digit(high), l = digit(low);
  return h < 0 || l < 0 ? -1 : h << 4 | l;
}

void qq_quoted_start(qq_quoted *q)
{
  q->held_length = 0;
  q->long_run = 0;
}

static char *give(char *to, char const *s, size_t n)
{
  memcpy(to, s, n);
  return to + n;
}

static char *give_held(qq_quoted *q, char *to)
{
  to = give(to, q->held, q->held_length);
  q->held_length = 0;
  return to;
}

/* The line ends behind what is held: section 6.7 (3) takes blanks away, (5) a `=` with its line
   end. A CR before the LF belongs to the line end. */
static char *end_line(qq_quoted *q, char *to)
{
  if (*q->held != '=') {
    if (q->held[q->held_length - 1] == '\r') *to++ = '\r';
    *to++ = '\n';
  }
  q->held_length = 0;
  return to;
}

/* Something is held: takes one byte, or none and holds nothing any more. */
static char const *resolve(qq_quoted *q, char **to, char const *s)
{
  char const last = q->held[q->held_length - 1];
  int const escape = *q->held == '=';
  size_t const blanks = q->held_length - (size_t)escape;
  if (escape && blanks == 1 && digit(last) >= 0) {
    int const byte = qq_quoted_byte(last, *s);
    if (byte >= 0) {
      *(*to)++ = (char)byte;
      q->held_length = 0;
      return s + 1;
    }
  } else if (*s == '\n') {
    *to = end_line(q, *to);
    return s + 1;
  } else if (last != '\r' && (*s == '\r' || (qq_is_blank(*s) && blanks < QQ_QUOTED_BLANKS_MAX)
    || (escape && !blanks && digit(*s) >= 0))) {
    q->held[q->held_length++] = *s;
    return s + 1;
  } else {
    q->long_run = last != '\r' && qq_is_blank(*s);
  }
  *to = give_held(q, *to);
  return s;
}

/* Nothing is held: gives text up to the next `=` or behind the next line end, and holds blanks that
   the piece ends with. */
static char const *plain(qq_quoted *q, char **to, char const *s, char const *end)
{
  char const *stop = s, *line, *text;
  while (stop != end && *stop != '=' && *stop != '\n') stop++;
  if (stop != end && *stop == '=') {
    *to = give(*to, s, (size_t)(stop - s));
    q->held[q->held_length++] = '=';
    return stop + 1;
  }
  line = stop > s && stop[-1] == '\r' ? stop - 1 : stop;
  text = line;
  while (text > s && qq_is_blank(text[-1])) text--;
  if (text == line || line - text > QQ_QUOTED_BLANKS_MAX) {
    q->long_run = text != line && line == end;
    text = line = stop;
  }
  *to = give(*to, s, (size_t)(text - s));
  if (stop == end) {
    q->held_length = (size_t)(stop - text);
    memcpy(q->held, text, q->held_length);
    return end;
  }
  *to = give(*to, line, (size_t)(stop + 1 - line));
  return stop + 1;
}

int qq_quoted_feed(qq_quoted *q, stralloc *out, char const *s, size_t n)
{
  char const *const end = s + n;
  char *to;
  if (!qq_room(out, n + sizeof(q->held))) return 0;
  to = out->s + out->len;
  while (s != end) {
    if (q->long_run) {
      if (qq_is_blank(*s)) *to++ = *s++;
      else q->long_run = 0;
    } else {
      s = q->held_length ? resolve(q, &to, s) : plain(q, &to, s, end);
    }
  }
  out->len = (size_t)(to - out->s);
  return 1;
}

int qq_quoted_end(qq_quoted *q, stralloc *out)
{
  size_t n = q->held_length;
  if (n && q->held[n - 1] == '\r') n--;
  while (n && qq_is_blank(q->held[n - 1])) n--;
  /* A soft line break whose LF was that of a boundary. */
  if (n == 1 && *q->held == '=') n = 0;
  q->held_length = 0;
  q->long_run = 0;
  return qq_append(out, q->held, n);
}
