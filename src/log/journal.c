/* What journalctl prints with -o json (an object a line) and -o export (systemd's Journal Export
   Formats: KEY=value, or KEY, a length and the bytes). */

#include <string.h>
#include <qq/charset.h>
#include <qq/id.h>
#include <qq/log.h>
#include <qq/text.h>

enum { MESSAGE, STAMP, HOST, TAG, UNIT, FIELDS };

static char const *const names[FIELDS] = {
  "MESSAGE", "__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_SYSTEMD_UNIT"
};

/* Where in the decoded text each begins and ends. */
typedef struct found { size_t begin[FIELDS], end[FIELDS]; } found;

static int field_named(qq_piece name)
{
  int i;
  for (i = 0; i < FIELDS; i++)
    if (strlen(names[i]) == name.n && !memcmp(names[i], name.s, name.n)) return i;
  return -1;
}

static int keep(found *f, int field, stralloc *to, qq_piece value)
{
  if (field < 0) return 1;
  f->begin[field] = to->len;
  if (!qq_append(to, value.s, value.n)) return -1;
  f->end[field] = to->len;
  return 1;
}

static qq_piece piece(found const *f, int field, stralloc const *sa)
{
  qq_piece const p = { sa->s ? sa->s + f->begin[field] : "", f->end[field] - f->begin[field] };
  return p;
}

static int take_fields(qq_log_line *l, found const *f, stralloc const *sa)
{
  qq_piece const stamp = piece(f, STAMP, sa);
  uint64_t microseconds;
  if (qq_number_scan(stamp.s, stamp.n, &microseconds) && microseconds < UINT64_MAX / 1000)
    l->stamp = microseconds * 1000;
  l->host = piece(f, HOST, sa);
  l->tag = piece(f, TAG, sa);
  l->unit = piece(f, UNIT, sa);
  l->text = piece(f, MESSAGE, sa);
  return 1;
}

/* ---- JSON ---- */

static int skip_to(qq_piece *t, char c)
{
  while (t->n && strchr(" \t\r\n", *t->s) && *t->s) qq_piece_skip(t, 1);
  if (!t->n || *t->s != c) return 0;
  qq_piece_skip(t, 1);
  return 1;
}

/* Four digits. */
static int take_code(qq_piece *t, uint32_t *c)
{
  int const high = t->n < 4 ? -1 : qq_quoted_byte(t->s[0], t->s[1]);
  int const low = high < 0 ? -1 : qq_quoted_byte(t->s[2], t->s[3]);
  if (low < 0) return 0;
  *c = (uint32_t)high << 8 | (uint32_t)low;
  qq_piece_skip(t, 4);
  return 1;
}

/* Behind a backslash. Returns 1, 0: no escape of JSON, or -1. */
static int take_escape(qq_piece *t, stralloc *to)
{
  static char const letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
  char const *at = t->n && *t->s ? strchr(letters, *t->s) : 0;
  char s[4];
  uint32_t c, low;
  if (at) {
    qq_piece_skip(t, 1);
    return qq_append(to, &means[at - letters], 1) ? 1 : -1;
  }
  if (!skip_to(t, 'u') || !take_code(t, &c)) return 0;
  if (c >= 0xd800 && c < 0xdc00 && t->n >= 6 && t->s[0] == '\\' && t->s[1] == 'u') {
    qq_piece_skip(t, 2);
    if (!take_code(t, &low)) return 0;
    c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
  }
  return qq_append(to, s, qq_utf8_encode(s, c)) ? 1 : -1;
}

/* Appends a string. Returns 1, 0: there is none, or -1. */
static int take_string(qq_piece *t, stralloc *to)
{
  if (!skip_to(t, '"')) return 0;
  while (t->n && *t->s != '"') {
    size_t n = 0;
    int r = 1;
    while (n < t->n && t->s[n] != '"' && t->s[n] != '\\') n++;
    if (!qq_append(to, t->s, n)) return -1;
    qq_piece_skip(t, n);
    if (t->n && *t->s == '\\') {
      qq_piece_skip(t, 1);
      r = take_escape(t, to);
    }
    if (r < 1) return r;
  }
  return skip_to(t, '"');
}

/* Bytes as numbers, which is how journalctl writes what is no text; of several values, the last. */
static int take_array(qq_piece *t, stralloc *to)
{
  size_t const begin = to->len;
  while (t->n && *t->s != ']') {
    unsigned int v = 0;
    char c;
    if (*t->s == '"') {
      int r;
      to->len = begin;
      r = take_string(t, to);
      if (r < 1) return r;
    }
    if (t->n && *t->s >= '0' && *t->s <= '9') {
      for (; t->n && *t->s >= '0' && *t->s <= '9'; qq_piece_skip(t, 1))
        v = (v * 10 + (unsigned int)(*t->s - '0')) & 0xff;
      c = (char)v;
      if (!qq_append(to, &c, 1)) return -1;
    }
    else if (t->n && *t->s != ']') qq_piece_skip(t, 1);
  }
  return skip_to(t, ']');
}

static int take_value(qq_piece *t, stralloc *to)
{
  size_t n = 0;
  if (skip_to(t, '[')) return take_array(t, to);
  if (t->n && *t->s == '"') return take_string(t, to);
  while (n < t->n && t->s[n] != ',' && t->s[n] != '}') n++;
  if (n != 4 || memcmp(t->s, "null", 4))
    if (!qq_append(to, t->s, n)) return -1;
  qq_piece_skip(t, n);
  return 1;
}

static int take_member(qq_piece *t, stralloc *to, found *f)
{
  size_t const begin = to->len;
  qq_piece name;
  int field, r = take_string(t, to);
  if (r < 1 || !skip_to(t, ':')) return r < 0 ? -1 : 0;
  name.s = to->s + begin;
  name.n = to->len - begin;
  field = to->s ? field_named(name) : -1;
  to->len = begin;
  while (t->n && *t->s == ' ') qq_piece_skip(t, 1);
  r = take_value(t, to);
  if (field < 0) to->len = begin;
  else if (r > 0) {
    f->begin[field] = begin;
    f->end[field] = to->len;
  }
  return r;
}

static int scan_json(qq_log_line *l, stralloc *to)
{
  found f = { { 0 }, { 0 } };
  qq_piece t = l->text;
  int r;
  if (!skip_to(&t, '{')) return 0;
  do if ((r = take_member(&t, to, &f)) < 1) return r;
  while (skip_to(&t, ','));
  return skip_to(&t, '}') ? take_fields(l, &f, to) : 0;
}

/* ---- export ---- */

/* A name alone: behind its line stand 8 bytes of length, the lowest first, the bytes, a newline. */
static int take_binary(qq_piece *t, qq_piece *value)
{
  uint64_t n = 0;
  int i;
  if (t->n < 8) return 0;
  for (i = 8; i--;) n = n << 8 | (unsigned char)t->s[i];
  qq_piece_skip(t, 8);
  if (n >= t->n) return 0;
  value->s = t->s;
  value->n = (size_t)n;
  qq_piece_skip(t, (size_t)n + 1);
  return 1;
}

static int scan_export(qq_log_line *l, stralloc *to)
{
  found f = { { 0 }, { 0 } };
  qq_piece t = l->raw, line;
  while (qq_piece_line(&t, &line)) {
    char const *equals = memchr(line.s, '=', line.n);
    qq_piece name = line, value = { "", 0 };
    if (!line.n) continue;
    if (equals) {
      name.n = (size_t)(equals - line.s);
      value.s = equals + 1;
      value.n = line.n - name.n - 1;
    }
    else if (!take_binary(&t, &value)) return 0;
    if (keep(&f, field_named(name), to, value) < 0) return -1;
  }
  return f.end[MESSAGE] || f.end[STAMP] ? take_fields(l, &f, to) : 0;
}

int qq_log_journal_scan(qq_log_line *l, qq_log_clock *c)
{
  c->decoded.len = 0;
  if (!stralloc_ready(&c->decoded, 1)) return -1;
  return *l->text.s == '{' ? scan_json(l, &c->decoded) : scan_export(l, &c->decoded);
}
