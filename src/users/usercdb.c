#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cdb.h>
#include <skalibs/bytestr.h>
#include <qq/assign.h>
#include <qq/text.h>
#include <qq/users.h>

/* A cdb begins with where each of its tables is, and how long. */
#define TABLES 256
#define SLOT 8

/* ---- making ---- */

/* ! and the address in lower case; with a NUL behind it, if it is a whole local part. */
static int make_key(stralloc *key, qq_assignment const *one)
{
  key->len = 0;
  if (!qq_append(key, "!", 1) || !qq_append(key, one->address.s, one->address.n)) return 0;
  case_lowerb(key->s, key->len);
  return one->is_wildcard || qq_append(key, "", 1);
}

/* The fields as they stand in the line, with NULs for the colons between them. */
static int make_data(stralloc *data, qq_assignment const *one)
{
  qq_piece const *f = one->fields, *last = &f[QQ_ASSIGN_FIELDS - 1];
  unsigned int i;
  data->len = 0;
  if (!qq_append(data, f->s, (size_t)(last->s - f->s) + last->n)) return 0;
  for (i = 1; i < QQ_ASSIGN_FIELDS; i++) data->s[f[i].s - f->s - 1] = 0;
  return 1;
}

static int has_byte(stralloc const *set, char byte)
{
  return set->len && memchr(set->s, byte, set->len);
}

/* The last bytes of prefixes, each once, as they stand in assign: in what case they stand there is
   what is compared later. */
static int note_wildchar(stralloc *wildchars, qq_assignment const *one)
{
  char const last = one->address.n ? one->address.s[one->address.n - 1] : 0;
  return !one->is_wildcard || !one->address.n || has_byte(wildchars, last)
    || stralloc_append(wildchars, last);
}

static stralloc const nothing = STRALLOC_ZERO;

static int add_record(struct cdb_make *c, stralloc const *key, stralloc const *data)
{
  return cdb_make_add(c, key->len ? key->s : "", (unsigned int)key->len,
    data->len ? data->s : "", (unsigned int)data->len);
}

static int add_records(struct cdb_make *c, stralloc const *text, qq_assign *at)
{
  stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO, wildchars = STRALLOC_ZERO;
  qq_assignment one;
  int r, is_good = 1;
  qq_assign_begin(at, text->s, text->len);
  while (is_good && (r = qq_assign_next(at, &one)) > 0)
    is_good = make_key(&key, &one) && make_data(&data, &one) && note_wildchar(&wildchars, &one)
      && add_record(c, &key, &data) >= 0;
  if (is_good && !r) is_good = add_record(c, &nothing, &wildchars) >= 0;
  stralloc_free(&key);
  stralloc_free(&data);
  stralloc_free(&wildchars);
  return !is_good ? -1 : !r;
}

int qq_usercdb_make(int fd, stralloc const *text, qq_assign *at)
{
  struct cdb_make c;
  int r, e;
  if (cdb_make_start(&c, fd) < 0) return -1;
  r = add_records(&c, text, at);
  e = errno;
  if (cdb_make_finish(&c) < 0 && r > 0) return -1;
  errno = e;
  return r;
}

int qq_usercdb_make_list(int fd, char const *s, size_t n)
{
  stralloc entry = STRALLOC_ZERO;
  qq_piece text = { s, n }, line;
  struct cdb_make c;
  int r = cdb_make_start(&c, fd);
  while (r >= 0 && qq_piece_line(&text, &line)) {
    while (line.n && (line.s[line.n - 1] == ' ' || line.s[line.n - 1] == '\t')) line.n--;
    if (!line.n || *line.s == '#') continue;
    if (!qq_copy(&entry, line.s, line.n)) r = -1;
    else {
      case_lowerb(entry.s, entry.len);
      r = add_record(&c, &entry, &nothing);
    }
  }
  stralloc_free(&entry);
  if (cdb_make_finish(&c) < 0) r = -1;
  return r < 0 ? -1 : 1;
}

static int same_bytes(int one, int other, size_t size)
{
  char a[16384], b[16384];
  size_t at = 0;
  while (at < size) {
    size_t const want = size - at < sizeof a ? size - at : sizeof a;
    ssize_t const x = pread(one, a, want, (off_t)at), y = pread(other, b, want, (off_t)at);
    if (x < 0 || y < 0) return -1;
    if (x != y || !x || memcmp(a, b, (size_t)x)) return 0;
    at += (size_t)x;
  }
  return 1;
}

int qq_usercdb_matches(int fd, int scratch_fd, stralloc const *text)
{
  struct stat made, there;
  qq_assign at;
  int const r = qq_usercdb_make(scratch_fd, text, &at);
  if (r < 1) return r;
  if (fstat(scratch_fd, &made) < 0 || fstat(fd, &there) < 0) return -1;
  return made.st_size == there.st_size ? same_bytes(fd, scratch_fd, (size_t)made.st_size) : 0;
}

/* ---- asking ---- */

/* In a file that is damaged a record may say that it goes on behind the end: there is no pointer to
   it then. */
static int find_record(struct cdb *c, char const *key, size_t n, stralloc *data)
{
  int const r = cdb_find(c, key, (unsigned int)n);
  char const *s = r < 1 ? 0 : cdb_getdata(c);
  if (r < 1) return r;
  return s && qq_copy(data, s, cdb_datalen(c)) ? 1 : -1;
}

/* The whole local part, with its NUL, first; then ever shorter beginnings of it, but only those
   that some prefix ends like. */
static int look_up(struct cdb *c, char const *local, size_t n, qq_usercdb_found *found)
{
  stralloc key = STRALLOC_ZERO, wildchars = STRALLOC_ZERO;
  size_t length;
  int r = find_record(c, "", 0, &wildchars);
  if (!r) errno = EPROTO;
  r = r > 0 && qq_append(&key, "!", 1) && qq_append(&key, local, n) && stralloc_0(&key) ? 0 : -1;
  if (!r) case_lowerb(key.s, key.len);
  for (length = n + 2; !r && length; length--) {
    found->is_wildcard = length < n + 2;
    found->taken = found->is_wildcard ? length - 1 : n;
    if (found->is_wildcard && found->taken && !has_byte(&wildchars, key.s[found->taken])) continue;
    r = find_record(c, key.s, length, &found->data);
    if (r > 0 && !qq_append(&found->data, local + found->taken, n - found->taken)) r = -1;
  }
  stralloc_free(&key);
  stralloc_free(&wildchars);
  return r;
}

void qq_usercdb_split(qq_piece *fields, char const *data, size_t n)
{
  unsigned int i;
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++) {
    fields[i].s = data;
    fields[i].n = byte_chr(data, n, 0);
    data += fields[i].n + (fields[i].n < n);
    n -= fields[i].n + (fields[i].n < n);
  }
}

int qq_usercdb_lookup(int fd, char const *local, size_t n, qq_usercdb_found *found)
{
  struct cdb c;
  int r, e;
  if (cdb_init(&c, fd) < 0) return -1;
  r = look_up(&c, local, n, found);
  e = errno;
  cdb_free(&c);
  errno = e;
  return r;
}

/* ---- listing ---- */

static int fault(char const **why, char const *what)
{
  *why = what;
  errno = EPROTO;
  return -1;
}

static int has_tables(struct cdb const *c)
{
  unsigned int i;
  for (i = 0; i < TABLES; i++) {
    unsigned char const *entry = c->cdb_mem + SLOT * i;
    if (cdb_unpack(entry) + (unsigned long long)SLOT * cdb_unpack(entry + 4) > c->cdb_fsize)
      return 0;
  }
  return 1;
}

static int take_records(struct cdb *c, qq_usercdb_take *take, void *p, char const **why)
{
  unsigned int at, last = 1;
  int r;
  if (!has_tables(c)) return fault(why, _("is cut off: it ends before its tables do"));
  cdb_seqinit(&at, c);
  while ((r = cdb_seqnext(&at, c)) > 0) {
    char const *key = cdb_getkey(c), *data = cdb_getdata(c);
    if (!key || !data) break;
    last = cdb_keylen(c);
    if (last && *key != '!') return fault(why, _("has a key that is not an address"));
    r = take(p, key, last, data, cdb_datalen(c));
    if (r != 1) return r;
  }
  if (r) return fault(why, _("has a record that is longer than the file"));
  return !last ? 1 : fault(why, _("has no empty key as its last one, without which qmail-lspawn "
    "defers all local mail"));
}

int qq_usercdb_each(int fd, qq_usercdb_take *take, void *p, char const **why)
{
  struct cdb c;
  int r, e;
  *why = 0;
  if (cdb_init(&c, fd) < 0)
    return errno == EPROTO ? fault(why, _("is shorter than the beginning of a cdb")) : -1;
  r = take_records(&c, take, p, why);
  e = errno;
  cdb_free(&c);
  errno = e;
  return r;
}
