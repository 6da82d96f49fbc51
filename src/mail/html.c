#include <string.h>
#include <qq/mime.h>

/* In text; in an entity; behind <; in a tag's name, and between its attributes; in an attribute's
   name, behind it, at its value, in a value with and without quotes; in <!...>, in a comment; in
   what is not shown, up to its closing tag. */
enum {
  TEXT, ENTITY, OPENED, TAG, BETWEEN, NAME, BEHIND_NAME, VALUE, QUOTED, PLAIN, DECLARATION, COMMENT,
  UNSEEN
};

void qq_html_start(qq_html *h)
{
  h->state = TEXT;
  h->value.len = h->link.len = h->length = h->same = 0;
  h->lines = h->blank = h->begun = 0;
  h->preformatted = 0;
}

void qq_html_free(qq_html *h)
{
  stralloc_free(&h->value);
  stralloc_free(&h->link);
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int is_letter(char c)
{
  return lower(c) >= 'a' && lower(c) <= 'z';
}

/* ---- the states: each takes at least a byte off p, or changes the state ---- */

static int in_text(qq_html *h, stralloc *out, qq_piece *p)
{
  size_t n = 0;
  while (n < p->n && p->s[n] != '<' && p->s[n] != '&') n++;
  if (qq_html_text(h, out, p->s, n) < 0) return -1;
  qq_piece_skip(p, n);
  if (!p->n) return 1;
  h->state = *p->s == '<' ? OPENED : ENTITY;
  h->length = 0;
  qq_piece_skip(p, 1);
  return 1;
}

/* An entity ends, if it is one. */
static int end_entity(qq_html *h, stralloc *out, int has_semicolon)
{
  char c[4];
  size_t const n = qq_html_entity(c, h->name, h->length);
  int const is_blank = n == 2 && !memcmp(c, "\xc2\xa0", 2);
  h->state = TEXT;
  if (n) return qq_html_text(h, out, is_blank ? " " : c, is_blank ? 1 : n);
  if (qq_html_text(h, out, "&", 1) < 0 || qq_html_text(h, out, h->name, h->length) < 0) return -1;
  return has_semicolon ? qq_html_text(h, out, ";", 1) : 1;
}

static int in_entity(qq_html *h, stralloc *out, qq_piece *p)
{
  char const c = *p->s;
  int const goes_on = is_letter(c) || (c >= '0' && c <= '9') || (c == '#' && !h->length);
  if (!goes_on || h->length == QQ_HTML_ENTITY_MAX) {
    if (c == ';') qq_piece_skip(p, 1);
    return end_entity(h, out, c == ';');
  }
  h->name[h->length++] = c;
  qq_piece_skip(p, 1);
  return 1;
}

static int opened(qq_html *h, stralloc *out, qq_piece *p)
{
  char const c = *p->s;
  h->closes = c == '/';
  h->length = h->value.len = 0;
  *h->tag = 0;
  if (c == '/' || c == '!' || c == '?') {
    h->state = c == '/' ? TAG : DECLARATION;
    qq_piece_skip(p, 1);
    return 1;
  }
  h->state = is_letter(c) ? TAG : TEXT;
  return is_letter(c) ? 1 : qq_html_text(h, out, "<", 1);
}

/* Takes a name up to what ends it; the rest of a longer one is read past. Returns whether it has
   ended. */
static int take_name(qq_html *h, char *name, qq_piece *p)
{
  char const c = lower(*p->s);
  name[h->length] = 0;
  if (qq_html_is_space(c) || c == '>' || c == '/' || c == '=') return 1;
  if (h->length < QQ_HTML_NAME_MAX) name[h->length++] = c;
  name[h->length] = 0;
  qq_piece_skip(p, 1);
  return 0;
}

static char const *const unseen[] = { "script", "style", "title" };

/* The tag is complete. */
static int end_tag(qq_html *h, stralloc *out)
{
  size_t i;
  h->state = TEXT;
  for (i = 0; i < sizeof unseen / sizeof *unseen && !h->closes; i++)
    if (!strcmp(h->tag, unseen[i])) h->state = UNSEEN;
  h->length = 0;
  return qq_html_tag(h, out);
}

static int between(qq_html *h, stralloc *out, qq_piece *p)
{
  char const c = *p->s;
  if (c == '>') {
    qq_piece_skip(p, 1);
    return end_tag(h, out);
  }
  if (qq_html_is_space(c) || c == '/' || c == '=') {
    qq_piece_skip(p, 1);
    return 1;
  }
  h->length = 0;
  h->state = NAME;
  return 1;
}

static void behind_name(qq_html *h, qq_piece *p)
{
  if (qq_html_is_space(*p->s)) qq_piece_skip(p, 1);
  else if (*p->s != '=') h->state = BETWEEN;
  else {
    qq_piece_skip(p, 1);
    h->state = VALUE;
  }
}

static void at_value(qq_html *h, qq_piece *p)
{
  if (qq_html_is_space(*p->s)) {
    qq_piece_skip(p, 1);
    return;
  }
  if (h->value.len) *h->name = 0;       /* the first one counts */
  h->state = *p->s == '>' ? BETWEEN : *p->s == '"' || *p->s == '\'' ? QUOTED : PLAIN;
  if (h->state != QUOTED) return;
  h->quote = *p->s;
  qq_piece_skip(p, 1);
}

static int is_wanted(qq_html const *h)
{
  return (!strcmp(h->tag, "a") && !strcmp(h->name, "href"))
    || (!strcmp(h->tag, "img") && !strcmp(h->name, "alt"));
}

static int in_value(qq_html *h, qq_piece *p)
{
  size_t n = 0;
  while (n < p->n && (h->state == QUOTED ? p->s[n] != h->quote
    : !qq_html_is_space(p->s[n]) && p->s[n] != '>')) n++;
  if (is_wanted(h) && !qq_append_up_to(&h->value, p->s, n, QQ_HTML_VALUE_MAX)) return -1;
  qq_piece_skip(p, n);
  if (!p->n) return 1;
  if (h->state == QUOTED) qq_piece_skip(p, 1);
  h->state = BETWEEN;
  return 1;
}

/* <!-- begins a comment, and --> or --!> ends it (HTML 5 section 13.2.5.43). */
static void in_declaration(qq_html *h, qq_piece *p)
{
  h->length = *p->s == '-' && h->length < 2 ? h->length + 1 : 3;
  if (h->length == 2) {
    h->state = COMMENT;         /* which <!--> ends at once */
  }
  else if (*p->s == '>') h->state = TEXT;
  qq_piece_skip(p, 1);
}

static void in_comment(qq_html *h, qq_piece *p)
{
  char const c = *p->s;
  if (c == '>' && h->length >= 2) h->state = TEXT;
  else if (c == '-' && h->length <= 2) h->length += h->length < 2;
  else h->length = c == '!' && h->length == 2 ? 3 : c == '-';
  qq_piece_skip(p, 1);
}

/* Up to the closing tag. */
static void in_unseen(qq_html *h, qq_piece *p)
{
  char const c = lower(*p->s);
  char const next = h->length == 0 ? '<' : h->length == 1 ? '/' : h->tag[h->length - 2];
  qq_piece_skip(p, 1);
  if (c != next) {
    h->length = c == '<';
    return;
  }
  h->length++;
  if (h->length > 2 && !h->tag[h->length - 2]) {
    h->closes = 1;
    h->state = BETWEEN;
  }
}

static int step(qq_html *h, stralloc *out, qq_piece *p)
{
  switch (h->state) {
    case TEXT: return in_text(h, out, p);
    case ENTITY: return in_entity(h, out, p);
    case OPENED: return opened(h, out, p);
    case TAG: if (take_name(h, h->tag, p)) h->state = BETWEEN; return 1;
    case BETWEEN: return between(h, out, p);
    case NAME: if (take_name(h, h->name, p)) h->state = BEHIND_NAME; return 1;
    case BEHIND_NAME: behind_name(h, p); return 1;
    case VALUE: at_value(h, p); return 1;
    case QUOTED: case PLAIN: return in_value(h, p);
    case DECLARATION: in_declaration(h, p); return 1;
    case COMMENT: in_comment(h, p); return 1;
    default: in_unseen(h, p); return 1;
  }
}

int qq_html_feed(qq_html *h, stralloc *out, char const *s, size_t n)
{
  qq_piece p = { s, n };
  while (p.n) if (step(h, out, &p) < 0) return -1;
  if (n) return 1;
  if (h->state == ENTITY && end_entity(h, out, 0) < 0) return -1;
  if (h->state == OPENED && qq_html_text(h, out, "<", 1) < 0) return -1;
  return qq_html_end_link(h, out);
}
