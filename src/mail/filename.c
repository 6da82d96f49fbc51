#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/mime.h>
#include <qq/text.h>

/* What the parameters of one field say of a name. */
typedef struct said {
  stralloc plain;               /* filename=, perhaps in encoded words */
  stralloc extended;            /* filename*=, or the pieces filename*0*=, filename*1=, ... */
  char charset[QQ_CHARSET_NAME_MAX];
  size_t charset_length;
  unsigned int pieces;
} said;

/* RFC 2231 section 4: the bytes of %XX. */
static int append_percent(stralloc *out, qq_piece v)
{
  while (v.n) {
    int const byte = *v.s == '%' && v.n > 2 ? qq_quoted_byte(v.s[1], v.s[2]) : -1;
    char const c = byte < 0 ? *v.s : (char)byte;
    if (!qq_append_up_to(out, &c, 1, QQ_FILE_NAME_MAX)) return 0;
    qq_piece_skip(&v, byte < 0 ? 1 : 3);
  }
  return 1;
}

/* Takes CHARSET'LANGUAGE' off the first piece. */
static void take_charset(said *n, qq_piece *v)
{
  char const *const end = memchr(v->s, '\'', v->n);
  char const *const behind = end ? memchr(end + 1, '\'', v->n - (size_t)(end + 1 - v->s)) : 0;
  if (!behind) return;
  n->charset_length = (size_t)(end - v->s);
  if (n->charset_length > sizeof n->charset) n->charset_length = 0;
  memcpy(n->charset, v->s, n->charset_length);
  qq_piece_skip(v, (size_t)(behind + 1 - v->s));
}

/* The value of KEY*, KEY*N or KEY*N*; rest is what is behind KEY. */
static int take_extended(said *n, qq_piece rest, qq_piece v)
{
  int const is_encoded = rest.s[rest.n - 1] == '*';
  unsigned int number = 0;
  qq_piece_skip(&rest, 1);
  for (; rest.n && *rest.s >= '0' && *rest.s <= '9' && number < 1000; qq_piece_skip(&rest, 1))
    number = number * 10 + (unsigned int)(*rest.s - '0');
  if (number != n->pieces) return 1;
  n->pieces++;
  if (!number && is_encoded) take_charset(n, &v);
  return is_encoded ? append_percent(&n->extended, v)
    : qq_append_up_to(&n->extended, v.s, v.n, QQ_FILE_NAME_MAX);
}

static int read_field(said *n, qq_piece field, char const *key)
{
  size_t const length = strlen(key);
  qq_parameter p;
  while (qq_parameter_next(&field, &p)) {
    qq_piece rest = p.name, value = { p.value, p.length };
    if (p.length > sizeof p.value || rest.n < length || case_diffb(rest.s, length, key)) continue;
    qq_piece_skip(&rest, length);
    if (!rest.n && !n->plain.len && !qq_append(&n->plain, p.value, p.length)) return -1;
    if (rest.n && *rest.s == '*' && !take_extended(n, rest, value)) return -1;
  }
  return 1;
}

static int append_name(qq_charsets *cs, stralloc *out, said const *n)
{
  qq_piece const charset = { n->charset, n->charset_length }, none = { "", 0 };
  stralloc text = STRALLOC_ZERO;
  int r = 0;
  if (n->extended.len && charset.n)
    r = qq_charset_convert(cs, &text, charset.s, charset.n, n->extended.s, n->extended.len);
  if (!r && n->extended.len) r = qq_words_decode(cs, &text, n->extended.s, n->extended.len, none);
  if (!r) r = qq_words_decode(cs, &text, n->plain.s, n->plain.len, none);
  if (r > 0 && !qq_utf8_shown(out, text.s, text.len)) r = -1;
  stralloc_free(&text);
  return r;
}

static int append_from(qq_charsets *cs, stralloc *out, qq_piece field, char const *key)
{
  static said const nothing;
  said n = nothing;
  int r = read_field(&n, field, key);
  if (r > 0) r = append_name(cs, out, &n);
  stralloc_free(&n.plain);
  stralloc_free(&n.extended);
  return r;
}

int qq_file_name(qq_charsets *cs, stralloc *out, qq_piece disposition, qq_piece type)
{
  size_t const before = out->len;
  int const r = append_from(cs, out, disposition, "filename");
  return r < 0 || out->len > before ? r : append_from(cs, out, type, "name");
}
