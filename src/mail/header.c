#include <stddef.h>
#include <string.h>
#include <qq/header.h>
#include <qq/text.h>

/* Where in the header the next byte stands. */
enum { LINE, LINE_CR, NAME, BLANKS, VALUE, SKIP, OVER };

void qq_header_start(qq_header *h, qq_field *fields, size_t count)
{
  size_t i;
  h->letters = 0;
  for (i = 0; i < count; i++) {
    h->letters |= (uint32_t)1 << (*fields[i].name & 31);
    fields[i].value.len = 0;
    fields[i].found = 0;
  }
  h->fields = fields;
  h->count = h->missing = count;
  h->size = 0;
  h->charset_length = 0;
  h->name.len = 0;
  h->current = 0;
  h->state = LINE;
}

void qq_header_free(qq_header *h)
{
  size_t i;
  for (i = 0; i < h->count; i++) stralloc_free(&h->fields[i].value);
  stralloc_free(&h->name);
}

/* The line behind the current field is no continuation: its value is complete. One of which every
   occurrence is wanted keeps its line end, and so the next one begins a line. */
static void complete(qq_header *h)
{
  stralloc *const v = &h->current->value;
  h->current->found = 1;
  if (!h->current->every) {
    if (v->len && v->s[v->len - 1] == '\n') v->len--;
    if (v->len && v->s[v->len - 1] == '\r') v->len--;
    h->missing--;
  }
  h->current = 0;
}

void qq_header_end(qq_header *h)
{
  if (h->current) complete(h);
  h->state = OVER;
}

static inline int lower(char c)
{
  return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

/* If the line at s, n bytes, begins with this name and a colon, returns what is behind. The line
   may hold any byte, NUL too. */
static inline char const *behind_name(char const *name, char const *s, size_t n)
{
  size_t i;
  for (i = 0; name[i]; i++)
    if (i == n || lower(name[i]) != lower(s[i])) return 0;
  /* RFC 5322 section 4.5: blanks may stand before the colon. */
  while (i < n && qq_is_blank(s[i])) i++;
  return i < n && s[i] == ':' ? s + i + 1 : 0;
}

/* Looks for a wanted field in the first n bytes of a line. Returns what is behind its name, or
   null. */
static char const *find_field(qq_header *h, char const *s, size_t n)
{
  size_t i;
  if (!n || !(h->letters >> (*s & 31) & 1)) return 0;
  if (n > QQ_HEADER_NAME_MAX) n = QQ_HEADER_NAME_MAX;
  for (i = 0; i < h->count; i++) {
    char const *const value = behind_name(h->fields[i].name, s, n);
    if (!value) continue;
    if (!h->fields[i].found || h->fields[i].every) h->current = h->fields + i;
    return value;
  }
  return 0;
}

static char const *at_line(qq_header *h, char const *s)
{
  if (h->state == LINE && qq_is_blank(*s)) {
    h->state = h->current ? VALUE : SKIP;
    return s;
  }
  if (h->current) complete(h);
  if (*s == '\n') {
    h->state = OVER;
    return s + 1;
  }
  if (h->state == LINE && *s == '\r') {
    h->state = LINE_CR;
    return s + 1;
  }
  /* A line that begins with CR and goes on names nothing. */
  h->state = h->state == LINE_CR || !h->missing ? SKIP : NAME;
  h->name.len = 0;
  return s;
}

/* The name is copied only where a piece ends in the line and may end in the name. */
static char const *in_name(qq_header *h, char const *s, char const *end)
{
  char const *const lf = memchr(s, '\n', (size_t)(end - s));
  size_t const old = h->name.len, room = QQ_HEADER_NAME_MAX - old;
  size_t const n = (size_t)((lf ? lf : end) - s), more = n < room ? n : room;
  char const *value;
  if (lf && !old) {
    value = find_field(h, s, n);
  } else {
    if (!qq_append(&h->name, s, more)) return 0;
    value = find_field(h, h->name.s, old + more);
    if (value) value = s + (value - h->name.s - (ptrdiff_t)old);
    else if (!lf && n < room && !memchr(s, ':', n)) return end;
  }
  h->state = h->current ? BLANKS : lf ? LINE : SKIP;
  return h->current ? value : lf ? lf + 1 : end;
}

static char const *behind_line(qq_header *h, char const *s, char const *end)
{
  char const *const line_end = memchr(s, '\n', (size_t)(end - s));
  if (!line_end) return end;
  h->state = LINE;
  return line_end + 1;
}

static char const *in_value(qq_header *h, char const *s, char const *end)
{
  stralloc *const v = &h->current->value;
  char const *const next = behind_line(h, s, end);
  return qq_append_up_to(v, s, (size_t)(next - s), QQ_HEADER_VALUE_MAX) ? next : 0;
}

static char const *behind_blanks(qq_header *h, char const *s, char const *end)
{
  while (s < end && qq_is_blank(*s)) s++;
  if (s < end) h->state = VALUE;
  return s;
}

int qq_field_next(qq_piece *values, qq_piece *value)
{
  qq_piece line;
  if (!values->n) return 0;
  *value = *values;
  do qq_piece_line(values, &line);
  while (values->n && qq_is_blank(*values->s));
  value->n -= values->n;
  if (value->n && value->s[value->n - 1] == '\n') value->n--;
  if (value->n && value->s[value->n - 1] == '\r') value->n--;
  return 1;
}

int qq_header_feed(qq_header *h, char const *s, size_t n)
{
  char const *at = s, *const end = s + n;
  while (at != end && h->state != OVER) {
    switch (h->state) {
    case LINE: case LINE_CR: at = at_line(h, at); break;
    case NAME: at = in_name(h, at, end); break;
    case BLANKS: at = behind_blanks(h, at, end); break;
    case VALUE: at = in_value(h, at, end); break;
    default: at = behind_line(h, at, end); break;
    }
    if (!at) return -1;
  }
  h->size += (uint64_t)(at - s);
  return h->state == OVER ? 1 : h->missing ? 0 : 2;
}
