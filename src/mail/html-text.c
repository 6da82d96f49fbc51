#include <string.h>
#include <qq/mime.h>

/* Wants so many line ends before the next text. */
static void want_lines(qq_html *h, int lines)
{
  if (h->lines < lines) h->lines = lines;
  h->blank = 0;
}

/* Writes text without white space behind what has been wanted. */
static int put(qq_html *h, stralloc *out, char const *s, size_t n)
{
  size_t const lines = h->begun ? (size_t)h->lines : 0;
  if (!n) return 1;
  if (!qq_append(out, "\n\n", lines)) return -1;
  if (!lines && h->blank && h->begun && !qq_append(out, " ", 1)) return -1;
  h->lines = h->blank = 0;
  h->begun = 1;
  return qq_append(out, s, n) ? 1 : -1;
}

/* The text of a link that is its target is not said twice. */
static void compare_link(qq_html *h, char const *s, size_t n)
{
  if (n > h->link.len - h->same || memcmp(s, h->link.s + h->same, n)) h->same = h->link.len + 1;
  else h->same += n;
}

int qq_html_text(qq_html *h, stralloc *out, char const *s, size_t n)
{
  while (n) {
    size_t length = 0;
    while (length < n && !qq_html_is_space(s[length])) length++;
    if (put(h, out, s, length) < 0) return -1;
    if (length && h->link.len && h->same <= h->link.len) compare_link(h, s, length);
    if (length < n && h->preformatted) {
      if (put(h, out, s + length, 1) < 0) return -1;
    } else if (length < n) {
      h->blank = 1;
    }
    length += length < n;
    s += length;
    n -= length;
  }
  return 1;
}

/* Text with its entities, of an attribute. */
static int put_value(qq_html *h, stralloc *out, char const *s, size_t n)
{
  while (n) {
    char const *const entity = memchr(s, '&', n);
    size_t const before = entity ? (size_t)(entity - s) : n;
    size_t length = 0;
    char c[4];
    if (qq_html_text(h, out, s, before) < 0) return -1;
    s += before;
    n -= before;
    while (length < n && length <= QQ_HTML_ENTITY_MAX && s[length] != ';') length++;
    if (length && length < n && s[length] == ';' && qq_html_entity(c, s + 1, length - 1)) {
      if (qq_html_text(h, out, c, qq_html_entity(c, s + 1, length - 1)) < 0) return -1;
      length++;
    } else if (length) {
      if (qq_html_text(h, out, s, 1) < 0) return -1;
      length = 1;
    }
    s += length;
    n -= length;
  }
  return 1;
}

int qq_html_end_link(qq_html *h, stralloc *out)
{
  size_t const n = h->link.len;
  int const is_shown = n && h->same != n && *h->link.s != '#';
  int r = 1;
  h->link.len = 0;
  if (!is_shown) return 1;
  h->blank = h->begun;
  r = put(h, out, "[", 1);
  if (r > 0) r = put_value(h, out, h->link.s, n);
  h->blank = 0;
  return r < 0 ? -1 : put(h, out, "]", 1);
}

/* ---- what a tag does ---- */

/* Line ends around it. */
static struct { char const *tag; int lines; } const blocks[] = {
  { "p", 2 }, { "div", 1 }, { "tr", 1 }, { "li", 1 }, { "table", 1 }, { "ul", 1 }, { "ol", 1 },
  { "h1", 2 }, { "h2", 2 }, { "h3", 2 }, { "h4", 2 }, { "h5", 2 }, { "h6", 2 }, { "pre", 2 },
  { "blockquote", 2 }, { "hr", 2 }, { "dl", 1 }, { "dt", 1 }, { "dd", 1 }, { "form", 1 },
  { "center", 1 }, { "address", 1 }, { "section", 1 }, { "article", 1 }, { "header", 1 },
  { "footer", 1 }, { "nav", 1 }, { "main", 1 }, { "fieldset", 1 }, { "option", 1 },
  { "body", 1 }, { "caption", 1 }
};

static int is(char const *a, char const *b)
{
  return !strcmp(a, b);
}

static int lines_of(char const *tag)
{
  size_t i;
  for (i = 0; i < sizeof blocks / sizeof *blocks; i++)
    if (is(tag, blocks[i].tag)) return blocks[i].lines;
  return 0;
}

/* A line that ends here, though another one may have been wanted. */
static void break_line(qq_html *h)
{
  h->blank = 0;
  if (h->lines < 2) h->lines++;
}

static int image(qq_html *h, stralloc *out)
{
  if (!h->value.len) return 1;
  if (put(h, out, "[", 1) < 0 || put_value(h, out, h->value.s, h->value.len) < 0) return -1;
  h->blank = 0;
  return put(h, out, "]", 1);
}

static int link_begins_or_ends(qq_html *h, stralloc *out)
{
  if (qq_html_end_link(h, out) < 0) return -1;
  h->same = 0;
  return h->closes || qq_copy(&h->link, h->value.s, h->value.len) ? 1 : -1;
}

int qq_html_tag(qq_html *h, stralloc *out)
{
  int const lines = lines_of(h->tag);
  if (is(h->tag, "a")) return link_begins_or_ends(h, out);
  if (lines) want_lines(h, lines);
  if (is(h->tag, "pre")) h->preformatted = !h->closes;
  if (is(h->tag, "br")) break_line(h);
  if (is(h->tag, "td") || is(h->tag, "th")) h->blank = 1;
  if (h->closes) return 1;
  if (is(h->tag, "li")) return put(h, out, "* ", 2);
  return is(h->tag, "img") ? image(h, out) : 1;
}
