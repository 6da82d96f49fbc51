#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/mime.h>
#include <qq/text.h>

/* c is what is left of a field's value. */

/* A comment of RFC 5322 section 3.2.2, or what there is of one. They nest. */
static void skip_comment(qq_piece *c)
{
  size_t depth = 0;
  do {
    if (*c->s == '(') depth++;
    else if (*c->s == ')') depth--;
    else if (*c->s == '\\' && c->n > 1) qq_piece_skip(c, 1);
    qq_piece_skip(c, 1);
  } while (depth && c->n);
}

/* White space, folded or not, comments, and semicolons, which senders forget or double. */
static void skip_between(qq_piece *c)
{
  while (c->n) {
    if (*c->s == '(') skip_comment(c);
    else if (*c->s && strchr(" \t\r\n;", *c->s)) qq_piece_skip(c, 1);
    else break;
  }
}

/* The bytes up to one of stop, which ends with white space and ; */
static qq_piece token(qq_piece *c, char const *stop)
{
  qq_piece t = { c->s, 0 };
  while (c->n && (!*c->s || !strchr(stop, *c->s))) {
    t.n++;
    qq_piece_skip(c, 1);
  }
  return t;
}

/* Without case, whatever the locale. */
static int is(qq_piece const *t, char const *word)
{
  return t->n == strlen(word) && !case_diffb(t->s, t->n, word);
}

/* A parameter's value, quoted or not. Returns its length; if it is over max, nothing of it was
   kept. */
static size_t value(qq_piece *c, char *to, size_t max)
{
  size_t n = 0;
  qq_piece t;
  if (!c->n || *c->s != '"') {
    t = token(c, " \t\r\n;");
    if (t.n && t.n <= max) memcpy(to, t.s, t.n);
    return t.n;
  }
  for (qq_piece_skip(c, 1); c->n && *c->s != '"'; qq_piece_skip(c, 1)) {
    if (*c->s == '\r' || *c->s == '\n') continue;
    if (*c->s == '\\' && c->n > 1) qq_piece_skip(c, 1);
    if (n < max) to[n] = *c->s;
    n++;
  }
  if (c->n) qq_piece_skip(c, 1);
  return n;
}

/* The first of each name counts. */
static void parameters(qq_content *content, qq_piece *c)
{
  for (skip_between(c); c->n; skip_between(c)) {
    qq_piece const name = token(c, "= \t\r\n;");
    skip_between(c);
    if (!c->n || *c->s != '=') continue;
    qq_piece_skip(c, 1);
    skip_between(c);
    if (is(&name, "charset") && !content->charset_length) {
      content->charset_length = value(c, content->charset, sizeof(content->charset));
      if (content->charset_length > sizeof(content->charset)) {
        *content->charset = '?';        /* unknown, but not absent */
        content->charset_length = 1;
      }
    } else if (is(&name, "boundary") && !content->boundary_length) {
      content->boundary_length = value(c, content->boundary, sizeof(content->boundary));
      if (content->boundary_length > sizeof(content->boundary)) content->boundary_length = 0;
    } else {
      value(c, 0, 0);
    }
  }
}

static qq_content_kind kind_of_message(qq_piece const *subtype)
{
  /* RFC 3464, 6533, 8098 and 5965: lines for people and programs to read */
  static char const *const reports[] = {
    "delivery-status", "global-delivery-status", "disposition-notification", "feedback-report"
  };
  size_t i;
  if (is(subtype, "rfc822") || is(subtype, "global")) return QQ_CONTENT_MESSAGE;
  for (i = 0; i < sizeof(reports) / sizeof(*reports); i++)
    if (is(subtype, reports[i])) return QQ_CONTENT_TEXT;
  return QQ_CONTENT_OTHER;
}

static void read_type(qq_content *content, qq_piece *c)
{
  qq_piece type, subtype;
  skip_between(c);
  if (!c->n) return;
  type = token(c, "/ \t\r\n;");
  if (c->n && *c->s == '/') qq_piece_skip(c, 1);
  subtype = token(c, " \t\r\n;");
  content->digest = is(&type, "multipart") && is(&subtype, "digest");
  if (is(&type, "text")) content->kind = QQ_CONTENT_TEXT;
  else if (is(&type, "multipart")) content->kind = QQ_CONTENT_MULTIPART;
  else if (is(&type, "message")) content->kind = kind_of_message(&subtype);
  else content->kind = QQ_CONTENT_OTHER;
  parameters(content, c);
}

void qq_content_parse(qq_content *content, qq_piece type, qq_piece encoding, int in_digest)
{
  qq_piece name;
  content->kind = in_digest ? QQ_CONTENT_MESSAGE : QQ_CONTENT_TEXT;
  content->digest = 0;
  content->charset_length = content->boundary_length = 0;
  read_type(content, &type);
  skip_between(&encoding);
  name = token(&encoding, " \t\r\n;");
  content->encoding = QQ_ENCODING_IDENTITY;
  if (is(&name, "base64")) content->encoding = QQ_ENCODING_BASE64;
  else if (is(&name, "quoted-printable")) content->encoding = QQ_ENCODING_QUOTED;
  /* RFC 2046 section 5.2.1 forbids to encode a message. Where it was done, its text can be read,
     its parts cannot. */
  if ((content->kind == QQ_CONTENT_MULTIPART && !content->boundary_length)
    || (content->kind == QQ_CONTENT_MESSAGE && content->encoding != QQ_ENCODING_IDENTITY))
    content->kind = QQ_CONTENT_TEXT;
}
