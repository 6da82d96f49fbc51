#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>
#include <qq/output.h>
#include <qq/text.h>
#include <qq/when.h>

static void put(qq_json *j, char const *s, size_t n)
{
  if (!qq_append(j->out, s, n)) qq_die_memory();
}

/* ---- the same as a table ---- */

static char const *columns;     /* its titles; null: it is JSON */

void qq_rows_begin(int form, char const *titles)
{
  if (form != QQ_ROWS_TSV) return;
  columns = titles;
  qq_output(columns, strlen(columns));
  qq_output("\n", 1);
}

char const *qq_rows_option(int form)
{
  return form == QQ_ROWS_TSV ? "--tsv" : "--json";
}

/* Returns 0: it is in the last one. */
static int next_column(qq_json *j)
{
  char const *tab = strchr(j->column, '\t');
  if (!tab) return 0;
  put(j, tab, 1);
  j->column = tab + 1;
  return 1;
}

static void begin_cell(qq_json *j, char const *name)
{
  if (!j->depth) j->column = columns;
  else if (j->depth == 1)
    while (strcspn(j->column, "\t") != strlen(name) || strncmp(j->column, name, strlen(name)))
      if (!next_column(j)) break;
  if (j->depth > 1 && j->comma) put(j, j->depth == 2 ? "\\n" : " ", j->depth == 2 ? 2 : 1);
  j->comma = 1;
}

/* ---- pieces ---- */

/* What JSON has around values, and a table has not. */
static void put_sign(qq_json *j, char const *sign)
{
  if (!columns) put(j, sign, 1);
}

static void begin(qq_json *j, char const *name)
{
  size_t const n = name ? strlen(name) : 0;
  char *to;
  if (columns) {
    begin_cell(j, name);
    return;
  }
  if (!qq_room(j->out, n + 4)) qq_die_memory();
  to = j->out->s + j->out->len;
  if (j->comma) *to++ = ',';
  j->comma = 1;
  if (name) {
    *to++ = '"';
    memcpy(to, name, n);
    to += n;
    *to++ = '"';
    *to++ = ':';
  }
  j->out->len = (size_t)(to - j->out->s);
}

void qq_json_object(qq_json *j, char const *name)
{
  begin(j, name);
  put_sign(j, "{");
  j->comma = 0;
  j->depth++;
}

void qq_json_object_end(qq_json *j)
{
  put_sign(j, "}");
  j->comma = 1;
  j->depth--;
}

void qq_json_array(qq_json *j, char const *name)
{
  begin(j, name);
  put_sign(j, "[");
  j->comma = 0;
  j->depth++;
}

void qq_json_array_end(qq_json *j)
{
  put_sign(j, "]");
  j->comma = 1;
  j->depth--;
}

void qq_json_number(qq_json *j, char const *name, uint64_t u)
{
  char s[QQ_NUMBER_FMT];
  begin(j, name);
  put(j, s, qq_number_format(s, u));
}

void qq_json_integer(qq_json *j, char const *name, int64_t i)
{
  char s[QQ_NUMBER_FMT];
  begin(j, name);
  if (i < 0) put(j, "-", 1);
  put(j, s, qq_number_format(s, i < 0 ? -(uint64_t)i : (uint64_t)i));
}

void qq_json_boolean(qq_json *j, char const *name, int v)
{
  begin(j, name);
  put(j, v ? "true" : "false", v ? 4 : 5);
}

void qq_json_null(qq_json *j, char const *name)
{
  begin(j, name);
  if (!columns) put(j, "null", 4);
}

static void escape(qq_json *j, uint32_t c)
{
  static char const special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  char const *at = c && c < 0x80 ? strchr(special, (int)c) : 0;
  if (at) {
    char const two[2] = { '\\', letters[at - special] };
    put(j, two, 2);
  }
  else if (c < 0x10000) qq_must_fmt(j->out, "\\u%04x", (unsigned int)c);
  else qq_must_fmt(j->out, "\\u%04x\\u%04x", (unsigned int)(0xd7c0 + (c >> 10)),
    (unsigned int)(0xdc00 | (c & 0x3ff)));
}

/* What steers a terminal is legal in JSON, but it may be looked at on one. */
static int plain(uint32_t c)
{
  return c != '"' && c != '\\' && !qq_steers(c);
}

static int plain_ascii(unsigned char c)
{
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The high bit of each byte of x that is zero (and perhaps of ones above it). */
static uint64_t zeros(uint64_t x)
{
  return (x - QQ_EACH(1)) & ~x & QQ_EACH(0x80);
}

/* Whether one of the eight bytes at s, whichever, needs an escape or is not ASCII. */
static inline int has_special(char const *s)
{
  uint64_t const x = qq_eight_at(s);
  return (((x | ((x - QQ_EACH(0x20)) & ~x)) & QQ_EACH(0x80)) | zeros(x ^ QQ_EACH('"'))
    | zeros(x ^ QQ_EACH('\\')) | zeros(x ^ QQ_EACH(0x7f))) != 0;
}

/* How many bytes at s need no escape, eight at a time, the last of which may have been among those
   before: nearly all of a listing is such text. */
static size_t plain_prefix(char const *s, size_t n)
{
  size_t i = 0;
  while (n - i >= 8 && !has_special(s + i)) i += 8;
  if (n >= 8 && n - i < 8 && !has_special(s + n - 8)) return n;
  while (i < n && plain_ascii((unsigned char)s[i])) i++;
  return i;
}

/* What needs no escape, between its quotes. */
static void put_plain(qq_json *j, char const *s, size_t n)
{
  char *to;
  if (!qq_room(j->out, n + 2)) qq_die_memory();
  to = j->out->s + j->out->len;
  *to++ = '"';
  if (n) memcpy(to, s, n);
  to[n] = '"';
  j->out->len += n + 2;
}

/* Writes s as a string. Returns 0 if it had bytes that are no UTF-8. */
static int string(qq_json *j, char const *s, size_t n)
{
  size_t start = 0, i = 0;
  int valid = 1;
  if (columns) {
    qq_tsv(j->out, s, n);
    return 1;
  }
  if (plain_prefix(s, n) == n) {
    put_plain(j, s, n);
    return 1;
  }
  put(j, "\"", 1);
  for (;;) {
    uint32_t c = 0;
    size_t length;
    i += plain_prefix(s + i, n - i);
    if (i == n) break;
    c = (unsigned char)s[i];
    length = qq_utf8_decode(s + i, n - i, &c);
    if (length && plain(c)) {
      i += length;
      continue;
    }
    put(j, s + start, i - start);
    if (length) escape(j, c);
    else {
      put(j, QQ_UTF8_REPLACEMENT, 3);
      valid = 0;
    }
    i += length ? length : 1;
    start = i;
  }
  put(j, s + start, n - start);
  put(j, "\"", 1);
  return valid;
}

void qq_json_word(qq_json *j, char const *name, char const *s)
{
  begin(j, name);
  string(j, s, strlen(s));
}

void qq_json_moment(qq_json *j, char const *name, qq_calendar *calendar, uint64_t moment)
{
  begin(j, name);
  put_sign(j, "\"");
  if (!qq_when_rfc3339(j->out, calendar, moment)) qq_die_memory();
  put_sign(j, "\"");
}

void qq_json_exact(qq_json *j, char const *name, qq_calendar *calendar, uint64_t moment)
{
  if (moment == UINT64_MAX) {
    qq_json_null(j, name);
    return;
  }
  begin(j, name);
  put_sign(j, "\"");
  if (!qq_when_exact(j->out, calendar, moment)) qq_die_memory();
  put_sign(j, "\"");
}

static void base64(qq_json *j, char const *s, size_t n)
{
  static char const digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t i, k;
  for (i = 0; i < n; i += 3) {
    size_t const have = n - i < 3 ? n - i : 3;
    uint32_t group = 0;
    char four[4];
    for (k = 0; k < 3; k++) group = group << 8 | (k < have ? (unsigned char)s[i + k] : 0);
    for (k = 0; k < 4; k++) four[k] = k <= have ? digits[group >> (18 - 6 * k) & 63] : '=';
    put(j, four, 4);
  }
}

void qq_json_text(qq_json *j, char const *name, char const *s, size_t n,
  char const *exact, size_t exact_length)
{
  int valid;
  begin(j, name);
  valid = string(j, s, n);
  if (valid && !columns && (n != exact_length || (n && memcmp(s, exact, n))))
    valid = qq_utf8_valid(exact, exact_length);
  if (valid || !name) return;
  put(j, ",\"", 2);
  put(j, name, strlen(name));
  put(j, "_base64\":\"", 10);
  base64(j, exact, exact_length);
  put(j, "\"", 1);
}

void qq_json_bytes(qq_json *j, char const *name, char const *s, size_t n)
{
  qq_json_text(j, name, s, n, s, n);
}

void qq_json_piece(qq_json *j, char const *name, qq_piece const *p)
{
  if (p->s) qq_json_bytes(j, name, p->s, p->n);
  else qq_json_null(j, name);
}

qq_json qq_json_begin(stralloc *out)
{
  qq_json j = QQ_JSON(out);
  qq_json_object(&j, 0);
  return j;
}

void qq_json_end(qq_json *j)
{
  if (columns) while (next_column(j)) ;
  qq_json_object_end(j);
  put(j, "\n", 1);
  j->comma = 0;
}
