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

int qq_parameter_next(qq_piece *rest, qq_parameter *p)
{
  for (skip_between(rest); rest->n; skip_between(rest)) {
    p->name = token(rest, "= \t\r\n;");
    skip_between(rest);
    if (!rest->n || *rest->s != '=') continue;
    qq_piece_skip(rest, 1);
    skip_between(rest);
    p->length = value(rest, p->value, sizeof p->value);
    return 1;
  }
  return 0;
}

/* The first of each name counts. */
static void parameters(qq_content *content, qq_piece *c)
{
  qq_parameter p;
  while (qq_parameter_next(c, &p)) {
    if (is(&p.name, "charset") && !content->charset_length) {
      int const fits = p.length <= sizeof content->charset;
      /* unknown, but not absent */
      memcpy(content->charset, fits ? p.value : "?", fits ? p.length : 1);
      content->charset_length = fits ? p.length : 1;
    } else if (is(&p.name, "boundary") && !content->boundary_length
      && p.length <= sizeof content->boundary) {
      memcpy(content->boundary, p.value, p.length);
      content->boundary_length = p.length;
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

/* Keeps as much of type/subtype as can be shown. */
static void set_type(qq_content *content, qq_piece const *all)
{
  size_t i;
  content->type_length = 0;
  for (i = 0; i < all->n && content->type_length < sizeof content->type; i++)
    if (all->s[i] > ' ' && all->s[i] < 0x7f)
      content->type[content->type_length++] = all->s[i];
  case_lowerb(content->type, content->type_length);
}

int qq_content_is(qq_content const *content, char const *type)
{
  return qq_piece_is((qq_piece){ content->type, content->type_length }, type);
}

static void read_type(qq_content *content, qq_piece *c)
{
  qq_piece type, subtype, all;
  skip_between(c);
  if (!c->n) return;
  type = token(c, "/ \t\r\n;");
  if (c->n && *c->s == '/') qq_piece_skip(c, 1);
  subtype = token(c, " \t\r\n;");
  all.s = type.s;
  all.n = (size_t)(c->s - type.s);
  set_type(content, &all);
  content->digest = is(&type, "multipart") && is(&subtype, "digest");
  if (is(&type, "text")) content->kind = QQ_CONTENT_TEXT;
  else if (is(&type, "multipart")) content->kind = QQ_CONTENT_MULTIPART;
  else if (is(&type, "message")) content->kind = kind_of_message(&subtype);
  else content->kind = QQ_CONTENT_OTHER;
  parameters(content, c);
}

void qq_content_parse(qq_content *content, qq_piece type, qq_piece encoding, int in_digest)
{
  static qq_piece const message = { "message/rfc822", 14 }, text = { "text/plain", 10 };
  qq_piece name;
  content->kind = in_digest ? QQ_CONTENT_MESSAGE : QQ_CONTENT_TEXT;
  set_type(content, in_digest ? &message : &text);
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
