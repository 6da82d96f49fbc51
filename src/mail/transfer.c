#include <qq/charset.h>
#include <qq/text.h>

void qq_transfer_start(qq_transfer *t, qq_encoding encoding)
{
  static qq_base64 const fresh = QQ_BASE64_ZERO;
  t->encoding = encoding;
  t->base64 = fresh;
  qq_quoted_start(&t->quoted);
}

int qq_transfer_feed(qq_transfer *t, stralloc *out, char const *s, size_t n)
{
  switch (t->encoding) {
    case QQ_ENCODING_BASE64: return qq_base64_feed(&t->base64, out, s, n);
    case QQ_ENCODING_QUOTED:
      return n ? qq_quoted_feed(&t->quoted, out, s, n) : qq_quoted_end(&t->quoted, out);
    case QQ_ENCODING_IDENTITY: break;
  }
  return qq_append(out, s, n);
}
