#include <string.h>
#include <qq/mime.h>

/* What is left of a field's value. */
typedef struct cursor {
  char const *s;
  size_t n;
} cursor;

static inline void skip(cursor *c, size_t n)
{
  c->s += n;
  c->n -= n;
}

/* A comment of RFC 5322 section 3.2.2, or what there is of one. They nest. */
static void skip_comment(cursor *c)
{
  size_t depth = 0;
  do {
    if (*c->s == '(') depth++;
    else if (*c->s == ')') depth--;
    else if (*c->s == '\\' && c->n > 1) skip(c, 1);
    skip(c, 1);
  } while (depth && c->n);
}

/* White space, folded or not, comments, and semicolons, which senders forget or double. */
static void skip_between(cursor *c)
{
  while (c->n) {
    if (*c->s == '(') skip_comment(c);
    else if (*c->s && strchr(" \t\r\n;", *c->s)) skip(c, 1);
    else break;
  }
}

/* The bytes up to one of stop, which ends with white space and ; */
static cursor token(cursor *c, char const *stop)
{
  cursor t = { c->s, 0 };
  while (c->n && (!*c->s || !strchr(stop, *c->s))) {
    t.n++;
    skip(c, 1);
  }
  return t;
}

/* Without case, whatever the locale: word is in lower-case letters and punctuation. */
static int is(cursor const *t, char const *word)
{
  size_t i;
  for (i = 0; i < t->n && word[i]; i++) {
    char const c = t->s[i];
    if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word[i]) return 0;
  }
  return i == t->n && !word[i];
}

/* A parameter's value, quoted or not. Returns its length; if it is over max, nothing of it was
   kept. */
static size_t value(cursor *c, char *to, size_t max)
{
  size_t n = 0;
  cursor t;
  if (!c->n || *c->s != '"') {
    t = token(c, " \t\r\n;");
    if (t.n && t.n <= max) memcpy(to, t.s, t.n);
    return t.n;
  }
  for (skip(c, 1); c->n && *c->s != '"'; skip(c, 1)) {
    if (*c->s == '\r' || *c->s == '\n') continue;
    if (*c->s == '\\' && c->n > 1) skip(c, 1);
    if (n < max) to[n] = *c->s;
    n++;
  }
  if (c->n) skip(c, 1);
  return n;
}

/* The first of each name counts. */
static void parameters(qq_content *content, cursor *c)
{
  char scratch[1];
  for (skip_between(c); c->n; skip_between(c)) {
    cursor const name = token(c, "= \t\r\n;");
    skip_between(c);
    if (!c->n || *c->s != '=') continue;
    skip(c, 1);
    skip_between(c);
    if (is(&name, "charset") && !content->charset_length) {
      content->charset_length = value(c, content->charset, sizeof(content->charset));
      if (content->charset_length > sizeof(content->charset)) {
        /* unknown, but not absent */
        *content->charset = '?';
        content->charset_length = 1;
      }
    } else if (is(&name, "boundary") && !content->boundary_length) {
      content->boundary_length = value(c, content->boundary, sizeof(content->boundary));
      if (content->boundary_length > sizeof(content->boundary)) content->boundary_length = 0;
    } else {
      value(c, scratch, 0);
    }
  }
}

static qq_content_kind kind_of_message(cursor const *subtype)
{
  /* RFC 3464, 6533, 8098 and 5965: lines for people and programs to read */
  static char const *const reports[] = { "delivery-status", "global-delivery-status", "disposition-notification", "feedback-report" };
  size_t i;
  if (is(subtype, "rfc822") || is(subtype, "global")) return QQ_CONTENT_MESSAGE;
  for (i = 0; i < sizeof(reports) / sizeof(*reports); i++)
    if (is(subtype, reports[i])) return QQ_CONTENT_TEXT;
  return QQ_CONTENT_OTHER;
}

static void read_type(qq_content *content, cursor *c)
{
  cursor type, subtype;
  skip_between(c);
  if (!c->n) return;
  type = token(c, "/ \t\r\n;");
  if (c->n && *c->s == '/') skip(c, 1);
  subtype = token(c, " \t\r\n;");
  content->digest = is(&type, "multipart") && is(&subtype, "digest");
  if (is(&type, "text")) content->kind = QQ_CONTENT_TEXT;
  else if (is(&type, "multipart")) content->kind = QQ_CONTENT_MULTIPART;
  else if (is(&type, "message")) content->kind = kind_of_message(&subtype);
  else content->kind = QQ_CONTENT_OTHER;
  parameters(content, c);
}

void qq_content_parse(qq_content *content, char const *type, size_t type_length,
  char const *encoding, size_t encoding_length, int in_digest)
{
  cursor c = { type, type_length }, name;
  content->kind = in_digest ? QQ_CONTENT_MESSAGE : QQ_CONTENT_TEXT;
  content->digest = 0;
  content->charset_length = content->boundary_length = 0;
  read_type(content, &c);
  c.s = encoding;
  c.n = encoding_length;
  skip_between(&c);
  name = token(&c, " \t\r\n;");
  content->encoding = QQ_ENCODING_IDENTITY;
  if (is(&name, "base64")) content->encoding = QQ_ENCODING_BASE64;
  else if (is(&name, "quoted-printable")) content->encoding = QQ_ENCODING_QUOTED;
  if (content->kind == QQ_CONTENT_MULTIPART && !content->boundary_length) content->kind = QQ_CONTENT_TEXT;
  /* RFC 2046 section 5.2.1 forbids to encode a message. Where it was done, its text can be read,
     its parts cannot. */
  if (content->kind == QQ_CONTENT_MESSAGE && content->encoding != QQ_ENCODING_IDENTITY) content->kind = QQ_CONTENT_TEXT;
}
