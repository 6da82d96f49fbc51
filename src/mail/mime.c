#include <stdlib.h>
#include <qq/header.h>
#include <qq/mime.h>

enum { TYPE, ENCODING };

struct qq_mime {
  qq_charsets *cs;
  qq_parts parts;
  qq_field fields[2];
  qq_header header;
  qq_textpart text;
  int in_header, in_text;       /* both: in the header of a message within the message */
  int in_digest;                /* the header is that of a part of a multipart/digest */
};

qq_mime *qq_mime_new(qq_charsets *cs)
{
  qq_mime *const m = calloc(1, sizeof(*m));
  if (!m) return 0;
  m->cs = cs;
  m->fields[TYPE].name = "content-type";
  m->fields[ENCODING].name = "content-transfer-encoding";
  qq_mime_start(m);
  return m;
}

void qq_mime_free(qq_mime *m)
{
  if (!m) return;
  qq_header_free(&m->header);
  stralloc_free(&m->text.bytes);
  free(m);
}

static void start_header(qq_mime *m, int in_digest)
{
  qq_header_start(&m->header, m->fields, 2);
  m->in_digest = in_digest;
  m->in_header = m->parts.by_line = 1;
}

void qq_mime_start(qq_mime *m)
{
  qq_parts_start(&m->parts);
  qq_charsets_begin(m->cs);
  m->in_text = 0;
  start_header(m, 0);
}

/* The header or the body of an entity is over. */
static int end(qq_mime *m, stralloc *out)
{
  int const in_text = m->in_text;
  m->in_header = m->in_text = m->parts.by_line = 0;
  return in_text ? qq_textpart_end(&m->text, out) : 1;
}

/* Behind a header: what the entity contains decides what is done with its body. */
static int start_body(qq_mime *m)
{
  qq_content c;
  qq_header_end(&m->header);
  qq_content_parse(&c, qq_piece_of(&m->fields[TYPE].value),
    qq_piece_of(&m->fields[ENCODING].value), m->in_digest);
  if (c.kind == QQ_CONTENT_MULTIPART) {
    qq_parts_open(&m->parts, &c);       /* one that is too deep is read past */
  } else if (c.kind == QQ_CONTENT_MESSAGE) {
    m->in_text = 1;
    start_header(m, 0);
    return qq_textpart_start(&m->text, m->cs, QQ_ENCODING_IDENTITY, 0, 0);
  } else if (c.kind == QQ_CONTENT_TEXT) {
    m->in_text = 1;
    return qq_textpart_start(&m->text, m->cs, c.encoding, c.charset, c.charset_length);
  }
  return 1;
}

static int content(qq_mime *m, stralloc *out, char const *s, size_t n)
{
  int r;
  if (m->in_text && qq_textpart_feed(&m->text, out, s, n) < 0) return -1;
  if (!m->in_header) return 1;
  r = qq_header_feed(&m->header, s, n);
  if (r != 1) return r < 0 ? -1 : 1;
  return end(m, out) < 0 ? -1 : start_body(m);
}

int qq_mime_feed(qq_mime *m, stralloc *out, char const *s, size_t n)
{
  int const last = !n;
  qq_piece piece = { s, n }, part;
  for (;;) {
    switch (qq_parts_next(&m->parts, &piece, last, &part)) {
    case QQ_PARTS_CONTENT:
      if (content(m, out, part.s, part.n) < 0) return -1;
      break;
    case QQ_PARTS_NEXT:
      if (end(m, out) < 0) return -1;
      start_header(m, m->parts.open[m->parts.depth - 1].digest);
      break;
    case QQ_PARTS_CLOSE:
      if (end(m, out) < 0) return -1;
      break;
    case QQ_PARTS_MORE:
      if (!last) return 1;
      qq_parts_start(&m->parts);
      return end(m, out);
    }
  }
}
