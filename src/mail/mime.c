#include <stdlib.h>
#include <qq/mime.h>

struct qq_mime {
  qq_charsets *cs;
  qq_entities entities;
  qq_textpart text;
  int in_text;
};

qq_mime *qq_mime_new(qq_charsets *cs)
{
  qq_mime *const m = calloc(1, sizeof(*m));
  if (!m) return 0;
  m->cs = cs;
  qq_mime_start(m);
  return m;
}

void qq_mime_free(qq_mime *m)
{
  if (!m) return;
  qq_entities_free(&m->entities);
  stralloc_free(&m->text.bytes);
  free(m);
}

void qq_mime_start(qq_mime *m)
{
  qq_entities_start(&m->entities);
  qq_charsets_begin(m->cs);
  m->in_text = 0;
}

static int end(qq_mime *m, stralloc *out)
{
  int const in_text = m->in_text;
  m->in_text = 0;
  return in_text ? qq_textpart_end(&m->text, out) : 1;
}

/* The header of a message within is text, too. */
static int begin(qq_mime *m, stralloc *out)
{
  qq_content const *c = &m->entities.content;
  if (end(m, out) < 0) return -1;
  m->in_text = c->kind == QQ_CONTENT_TEXT || c->kind == QQ_CONTENT_MESSAGE;
  if (c->kind == QQ_CONTENT_MESSAGE)
    return qq_textpart_start(&m->text, m->cs, QQ_ENCODING_IDENTITY, 0, 0);
  return m->in_text
    ? qq_textpart_start(&m->text, m->cs, c->encoding, c->charset, c->charset_length) : 1;
}

int qq_mime_feed(qq_mime *m, stralloc *out, char const *s, size_t n)
{
  int const last = !n;
  qq_piece piece = { s, n }, bytes;
  int r = 1;
  while (r > 0)
    switch (qq_entities_next(&m->entities, &piece, last, &bytes)) {
      case QQ_ENTITIES_MORE: return 1;
      case QQ_ENTITIES_BEGIN: r = begin(m, out); break;
      case QQ_ENTITIES_END: r = end(m, out); break;
      case QQ_ENTITIES_HEADER: case QQ_ENTITIES_BODY:
        if (m->in_text) r = qq_textpart_feed(&m->text, out, bytes.s, bytes.n);
        break;
      default: r = -1;
    }
  return r;
}
