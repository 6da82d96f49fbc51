#include <string.h>
#include <qq/mime.h>
#include <qq/text.h>

int qq_textpart_start(qq_textpart *t, qq_charsets *cs, qq_encoding encoding,
  char const *charset, size_t charset_length)
{
  int const r = charset_length ? qq_charset_stream_start(cs, charset, charset_length)
    : qq_charset_stream_start(cs, "utf-8", 5);
  t->cs = cs;
  qq_transfer_start(&t->transfer, encoding);
  t->raw = !r;
  t->cr = 0;
  t->last = '\n';
  return r < 0 ? -1 : 1;
}

/* Makes CR LF from at on a LF. */
static void join_line_ends(qq_textpart *t, stralloc *out, size_t at)
{
  char *from, *to, *end;
  if (at == out->len) return;
  end = out->s + out->len;
  to = from = memchr(out->s + at, '\r', out->len - at);
  if (from) {
    for (; from != end; from++)
      if (*from != '\r' || (from + 1 != end && from[1] != '\n')) *to++ = *from;
    t->cr = end[-1] == '\r';
    out->len = (size_t)(to - out->s);
  }
  if (out->len > at) t->last = out->s[out->len - 1];
}

/* Takes bytes without transfer encoding; n == 0 ends them. */
static int feed_bytes(qq_textpart *t, stralloc *out, char const *s, size_t n)
{
  size_t const at = out->len;
  int r;
  if (t->cr && !stralloc_append(out, '\r')) return -1;
  if (t->raw) r = qq_append(out, s, n) ? 1 : -1;
  else r = qq_charset_stream(t->cs, out, s, n);
  if (r < 0) return -1;
  t->cr = 0;
  join_line_ends(t, out, at);
  return 1;
}

int qq_textpart_feed(qq_textpart *t, stralloc *out, char const *s, size_t n)
{
  if (!n) return 1;
  if (t->transfer.encoding == QQ_ENCODING_IDENTITY) return feed_bytes(t, out, s, n);
  t->bytes.len = 0;
  if (!qq_transfer_feed(&t->transfer, &t->bytes, s, n)) return -1;
  return t->bytes.len ? feed_bytes(t, out, t->bytes.s, t->bytes.len) : 1;
}

int qq_textpart_end(qq_textpart *t, stralloc *out)
{
  t->bytes.len = 0;
  if (!qq_transfer_feed(&t->transfer, &t->bytes, "", 0)) return -1;
  if (t->bytes.len && feed_bytes(t, out, t->bytes.s, t->bytes.len) < 0) return -1;
  if (feed_bytes(t, out, "", 0) < 0) return -1;
  /* A CR that still waits is the first half of a line end whose LF went with the boundary. */
  return t->last != '\n' && !stralloc_append(out, '\n') ? -1 : 1;
}
