#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <qq/archive.h>
#include <qq/id.h>
#include <qq/when.h>

/* Where what stands in a header block (POSIX.1-2017, pax: "ustar Interchange Format"). */
enum { NAME = 0, MODE = 100, SIZE = 124, MTIME = 136, SUM = 148, TYPE = 156, MAGIC = 257,
  PREFIX = 345 };

enum { NAME_BYTES = 100, NUMBER_BYTES = 12, SUM_BYTES = 8, PREFIX_BYTES = 155 };

/* A size that has this many octal digits, 8 GiB, needs a record of its own. */
#define USTAR_LIMIT ((uint64_t)1 << 33)

/* The most that is read of records: ours are some 100 bytes. */
#define RECORDS 4096

/* ---- writing ---- */

static unsigned int sum_of(char const *block)
{
  unsigned int i, sum = 0;
  for (i = 0; i < QQ_ARCHIVE_BLOCK; i++)
    sum += i >= SUM && i < SUM + SUM_BYTES ? ' ' : (unsigned char)block[i];
  return sum;
}

/* So many digits, with zeros in front. */
static void put_octal(char *s, unsigned int digits, uint64_t n)
{
  for (; digits--; n >>= 3) s[digits] = (char)('0' + (n & 7));
}

static int put_header(stralloc *out, char type, char const *name, uint64_t size, uint64_t seconds)
{
  char b[QQ_ARCHIVE_BLOCK] = { 0 };
  strncpy(b + NAME, name, NAME_BYTES);
  memcpy(b + MODE, "0000600", 8);
  memcpy(b + MODE + 8, "0000000", 8);           /* root's, when tar unpacks it */
  memcpy(b + MODE + 16, "0000000", 8);
  put_octal(b + SIZE, NUMBER_BYTES - 1, size < USTAR_LIMIT ? size : 0);
  put_octal(b + MTIME, NUMBER_BYTES - 1, seconds < USTAR_LIMIT ? seconds : 0);
  b[TYPE] = type;
  memcpy(b + MAGIC, "ustar\00000", 8);
  put_octal(b + SUM, SUM_BYTES - 2, sum_of(b));
  b[SUM + SUM_BYTES - 1] = ' ';
  return qq_append(out, b, sizeof b);
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static int put_record(stralloc *out, char const *key, char const *value)
{
  size_t const rest = strlen(key) + strlen(value) + 3;
  size_t n = rest + 1;
  while (n < rest + (size_t)snprintf(0, 0, "%zu", n)) n++;
  return qq_fmt(out, "%zu %s=%s\n", n, key, value);
}

static int put_zeros(stralloc *out, size_t n)
{
  static char const zeros[2 * QQ_ARCHIVE_BLOCK];
  return qq_append(out, zeros, n);
}

/* Records of the archive ('g') or of the next file ('x'). */
static int put_records(stralloc *out, char type, stralloc const *records)
{
  return put_header(out, type, type == 'g' ? "archive" : "file", records->len, 0)
    && qq_append(out, records->s, records->len)
    && put_zeros(out, qq_archive_padding(records->len));
}

static int put_file_records(stralloc *records, uint64_t size, uint64_t changed)
{
  char text[48];
  if (size >= USTAR_LIMIT) {
    snprintf(text, sizeof text, "%llu", (unsigned long long)size);
    if (!put_record(records, "size", text)) return 0;
  }
  snprintf(text, sizeof text, "%llu.%09llu", (unsigned long long)(changed / QQ_SECOND),
    (unsigned long long)(changed % QQ_SECOND));
  return put_record(records, "mtime", text);
}

int qq_archive_file(stralloc *out, char const *name, uint64_t size, uint64_t changed)
{
  stralloc records = STRALLOC_ZERO;
  int const ok = put_file_records(&records, size, changed) && put_records(out, 'x', &records)
    && put_header(out, '0', name, size, changed / QQ_SECOND);
  stralloc_free(&records);
  return ok;
}

int qq_archive_comment(stralloc *out, char const *text)
{
  stralloc records = STRALLOC_ZERO;
  int const ok = put_record(&records, "comment", text) && put_records(out, 'g', &records);
  stralloc_free(&records);
  return ok;
}

int qq_archive_end(stralloc *out)
{
  return put_zeros(out, 2 * QQ_ARCHIVE_BLOCK);
}

/* ---- reading ---- */

static int refuse(stralloc *why, char const *sentence)
{
  return qq_refuse(why, EPROTO, "%s", sentence);
}

/* Reads n bytes, all of them. */
static int get(qq_archive *a, char *s, size_t n, stralloc *why)
{
  size_t done = 0;
  while (done < n) {
    ssize_t const r = buffer_getnofill(a->in, s + done, n - done);
    if (r > 0) done += (size_t)r;
    else {
      ssize_t const f = buffer_fill(a->in);
      if (f < 0 && errno != EPIPE) return qq_unable(why, _("unable to read the archive"));
      if (f <= 0) return refuse(why, _("the archive is cut off"));
    }
  }
  return 1;
}

static int pass(qq_archive *a, uint64_t n, stralloc *why)
{
  char space[4096];
  while (n) {
    size_t const piece = n < sizeof space ? (size_t)n : sizeof space;
    if (get(a, space, piece, why) < 0) return -1;
    n -= piece;
  }
  return 1;
}

/* A number of octal digits between blanks, ended by a blank or NUL (ustar), at most bytes long. */
static int scan_octal(char const *s, unsigned int bytes, uint64_t *n)
{
  unsigned int i = 0, digits = 0;
  while (i < bytes && s[i] == ' ') i++;
  for (*n = 0; i < bytes && s[i] >= '0' && s[i] <= '7'; i++, digits++)
    *n = *n << 3 | (uint64_t)(s[i] - '0');
  return digits && (i == bytes || s[i] == ' ' || !s[i]);
}

/* Seconds with a fraction, as a record has them; what was before 1970 is 0. */
static int scan_changed(char const *s, size_t n, uint64_t *changed)
{
  char const *const dot = memchr(s, '.', n);
  size_t const whole = dot ? (size_t)(dot - s) : n;
  uint64_t seconds, unit = QQ_SECOND / 10;
  size_t i;
  *changed = 0;
  if (n && *s == '-') return 1;
  if (!qq_number_scan(s, whole, &seconds) || seconds > UINT64_MAX / QQ_SECOND - 1) return 0;
  *changed = seconds * QQ_SECOND;
  for (i = whole + 1; i < n; i++, unit /= 10) {
    if (s[i] < '0' || s[i] > '9') return 0;
    *changed += (uint64_t)(s[i] - '0') * unit;
  }
  return 1;
}

/* What the records in front of a file say of it. */
typedef struct said {
  int has_size, has_changed, has_path;
  qq_archive_entry entry;
} said;

static int keep(char *to, qq_piece const *value)
{
  if (value->n > QQ_ARCHIVE_NAME || memchr(value->s, 0, value->n)) return 0;
  memcpy(to, value->s, value->n);
  to[value->n] = 0;
  return 1;
}

static int take_record(qq_archive *a, said *s, qq_piece value)
{
  if (!memchr(value.s, '=', value.n)) return 0;
  if (qq_piece_take(&value, "comment=")) return keep(a->comment, &value);
  if (qq_piece_take(&value, "path=")) return s->has_path = keep(s->entry.name, &value);
  if (qq_piece_take(&value, "size="))
    return s->has_size = qq_number_scan(value.s, value.n, &s->entry.size);
  if (qq_piece_take(&value, "mtime="))
    return s->has_changed = scan_changed(value.s, value.n, &s->entry.changed);
  return 1;                     /* what else tar has to say is of no use here */
}

/* "LENGTH KEY=VALUE\n" ... */
static int take_records(qq_archive *a, said *s, qq_piece text)
{
  while (text.n) {
    char const *const blank = memchr(text.s, ' ', text.n);
    size_t const head = blank ? (size_t)(blank - text.s) : 0;
    qq_piece record;
    uint64_t n;
    if (!blank || !qq_number_scan(text.s, head, &n) || n <= head + 2 || n > text.n
      || text.s[n - 1] != '\n') return 0;
    record.s = blank + 1;
    record.n = (size_t)n - head - 2;
    if (!take_record(a, s, record)) return 0;
    qq_piece_skip(&text, (size_t)n);
  }
  return 1;
}

static int read_records(qq_archive *a, said *s, uint64_t size, stralloc *why)
{
  char text[RECORDS];
  qq_piece p = { text, (size_t)size };
  if (size > sizeof text) return refuse(why, _("the archive has a header that is too long"));
  if (get(a, text, p.n, why) < 0 || pass(a, qq_archive_padding(size), why) < 0) return -1;
  return take_records(a, s, p) ? 1
    : refuse(why, _("the archive has a header that is not a pax header"));
}

/* The name of a header block, [prefix/]name, of which each may fill its place. */
static void block_name(char *name, char const *block)
{
  size_t const prefix = strnlen(block + PREFIX, PREFIX_BYTES);
  size_t const n = strnlen(block, NAME_BYTES);
  memcpy(name, block + PREFIX, prefix);
  name += prefix;
  if (prefix) *name++ = '/';
  memcpy(name, block, n);
  name[n] = 0;
}

/* The next block that is a header. Returns 1; 0: it is of zeros, the end. */
static int read_block(qq_archive *a, char *block, stralloc *why)
{
  static char const zeros[QQ_ARCHIVE_BLOCK];
  uint64_t sum;
  if (get(a, block, QQ_ARCHIVE_BLOCK, why) < 0) return -1;
  if (!memcmp(block, zeros, sizeof zeros)) return 0;
  if (memcmp(block + MAGIC, "ustar", 5) || !scan_octal(block + SUM, SUM_BYTES, &sum)
    || sum != sum_of(block)) return refuse(why, _("this is not a tar archive"));
  return 1;
}

static int is_file(char type)
{
  return type == '0' || !type;
}

static int take_file(qq_archive *a, said const *s, char const *block, uint64_t size,
  qq_archive_entry *e, stralloc *why)
{
  uint64_t seconds;
  *e = s->entry;
  if (!s->has_path) block_name(e->name, block);
  if (!is_file(block[TYPE]))
    return qq_refuse(why, EPROTO, _("%s in the archive is not a plain file"), e->name);
  if (!s->has_size) e->size = size;
  if (!s->has_changed && scan_octal(block + MTIME, NUMBER_BYTES, &seconds)
    && seconds <= UINT64_MAX / QQ_SECOND) e->changed = seconds * QQ_SECOND;
  a->left = e->size;
  a->padding = (unsigned int)qq_archive_padding(e->size);
  return 1;
}

int qq_archive_next(qq_archive *a, qq_archive_entry *e, stralloc *why)
{
  said s = { 0, 0, 0, { { 0 }, 0, 0 } };
  char block[QQ_ARCHIVE_BLOCK];
  uint64_t size;
  int r;
  if (pass(a, a->left, why) < 0 || pass(a, a->padding, why) < 0) return -1;
  a->left = a->padding = 0;
  while ((r = read_block(a, block, why)) > 0) {
    if (!scan_octal(block + SIZE, NUMBER_BYTES, &size))
      return refuse(why, _("the archive has a file without a size"));
    if (block[TYPE] != 'x' && block[TYPE] != 'g') return take_file(a, &s, block, size, e, why);
    if (read_records(a, &s, size, why) < 0) return -1;
  }
  return r;
}

ssize_t qq_archive_read(qq_archive *a, char *s, size_t n, stralloc *why)
{
  size_t const piece = a->left < n ? (size_t)a->left : n;
  if (piece && get(a, s, piece, why) < 0) return -1;
  a->left -= piece;
  return (ssize_t)piece;
}
