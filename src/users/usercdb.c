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

/* The last bytes of prefixes, each once, as they stand in assign: in what case they stand there is
   what is compared later. */
static int note_wildchar(stralloc *wildchars, qq_assignment const *one)
{
  char const last = one->address.n ? one->address.s[one->address.n - 1] : 0;
  if (!one->is_wildcard || !one->address.n || (wildchars->len && memchr(wildchars->s, last, wildchars->len))) return 1;
  return stralloc_append(wildchars, last);
}

static int add_all(struct cdb_make *c, char const *s, size_t n, size_t *line, char const **why)
{
  stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO, wildchars = STRALLOC_ZERO;
  qq_assignment one;
  qq_assign a;
  int r;
  qq_assign_begin(&a, s, n);
  while ((r = qq_assign_next(&a, &one, why)) > 0)
    if (!make_key(&key, &one) || !make_data(&data, &one) || !note_wildchar(&wildchars, &one)
      || cdb_make_add(c, key.s, (unsigned int)key.len, data.s, (unsigned int)data.len) < 0) break;
  *line = a.line;
  if (!r) r = cdb_make_add(c, "", 0, wildchars.s ? wildchars.s : "", (unsigned int)wildchars.len) < 0 ? -1 : 1;
  else r = r < 0 ? 0 : -1;
  stralloc_free(&key);
  stralloc_free(&data);
  stralloc_free(&wildchars);
  return r;
}

int qq_usercdb_make(int fd, char const *s, size_t n, size_t *line, char const **why)
{
  struct cdb_make c;
  int r, e;
  if (cdb_make_start(&c, fd) < 0) return -1;
  r = add_all(&c, s, n, line, why);
  e = errno;
  if (cdb_make_finish(&c) < 0 && r > 0) return -1;
  errno = e;
  return r;
}

int qq_usercdb_make_list(int fd, char const *s, size_t n)
{
  stralloc entry = STRALLOC_ZERO;
  struct cdb_make c;
  size_t at = 0;
  int r = cdb_make_start(&c, fd);
  while (r >= 0 && at < n) {
    char const *end = memchr(s + at, '\n', n - at);
    size_t const whole = end ? (size_t)(end - s) - at : n - at;
    size_t kept = whole;
    while (kept && (s[at + kept - 1] == ' ' || s[at + kept - 1] == '\t')) kept--;
    entry.len = 0;
    if (!stralloc_catb(&entry, s + at, kept)) r = -1;
    else if (kept && s[at] != '#') {
      case_lowerb(entry.s, entry.len);
      r = cdb_make_add(&c, entry.s, (unsigned int)entry.len, "", 0);
    }
    at += whole + 1;
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

int qq_usercdb_matches(int fd, int scratch_fd, char const *s, size_t n)
{
  struct stat made, there;
  char const *why;
  size_t line;
  int const r = qq_usercdb_make(scratch_fd, s, n, &line, &why);
  if (r < 1) return r;
  if (fstat(scratch_fd, &made) < 0 || fstat(fd, &there) < 0) return -1;
  return made.st_size == there.st_size ? same_bytes(fd, scratch_fd, (size_t)made.st_size) : 0;
}

/* ---- asking ---- */

/* In a file that is damaged a record may say that it goes on behind the end: there is no pointer to
   it then. */
static int find(struct cdb *c, char const *key, size_t n, stralloc *data)
{
  int const r = cdb_find(c, key, (unsigned int)n);
  char const *s = r < 1 ? 0 : cdb_getdata(c);
  if (r < 1 || !s) return r < 1 ? r : -1;
  data->len = 0;
  return qq_append(data, s, cdb_datalen(c)) ? 1 : -1;
}

/* The whole local part first; then ever shorter beginnings of it, but only those that some prefix
   ends like. */
static int look_up(struct cdb *c, char const *local, size_t n, qq_usercdb_found *found)
{
  stralloc key = STRALLOC_ZERO, wildchars = STRALLOC_ZERO;
  size_t taken;
  int r = find(c, "", 0, &wildchars);
  if (!r) {
    errno = EPROTO;
    r = -1;
  }
  if (r > 0) r = stralloc_append(&key, '!') && stralloc_catb(&key, local, n) && stralloc_0(&key) ? 1 : -1;
  if (r > 0) {
    case_lowerb(key.s, key.len);
    r = find(c, key.s, key.len, &found->data);
    found->taken = n;
    found->is_wildcard = 0;
  }
  for (taken = n + 1; !r && taken--;) {
    if (taken && (!wildchars.len || !memchr(wildchars.s, key.s[taken], wildchars.len))) continue;
    r = find(c, key.s, taken + 1, &found->data);
    found->taken = taken;
    found->is_wildcard = 1;
    if (r > 0 && !stralloc_catb(&found->data, local + taken, n - taken)) r = -1;
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
    if (cdb_unpack(entry) + (unsigned long long)SLOT * cdb_unpack(entry + 4) > c->cdb_fsize) return 0;
  }
  return 1;
}

typedef struct listing { int (*each)(void *, char const *, size_t, char const *, size_t); void *p; } listing;

static int list(struct cdb *c, listing const *l, char const **why)
{
  unsigned int at, last = 1;
  int r;
  if (!has_tables(c)) return fault(why, _("is cut off: it ends before its tables do"));
  cdb_seqinit(&at, c);
  while ((r = cdb_seqnext(&at, c)) > 0) {
    char const *key = cdb_getkey(c), *data = cdb_getdata(c);
    if (!key || !data) return fault(why, _("has a record that is longer than the file"));
    last = cdb_keylen(c);
    if (last && *key != '!') return fault(why, _("has a key that is no address"));
    r = l->each(l->p, key, last, data, cdb_datalen(c));
    if (r != 1) return r;
  }
  if (r < 0) return fault(why, _("has a record that is longer than the file"));
  return last ? fault(why, _("has no empty key as its last one, without which qmail-lspawn defers all local mail")) : 1;
}

int qq_usercdb_each(int fd, int (*each)(void *, char const *, size_t, char const *, size_t), void *p, char const **why)
{
  listing l;
  struct cdb c;
  int r, e;
  l.each = each;
  l.p = p;
  *why = 0;
  if (cdb_init(&c, fd) < 0) return errno == EPROTO ? fault(why, _("is shorter than the beginning of a cdb")) : -1;
  r = list(&c, &l, why);
  e = errno;
  cdb_free(&c);
  errno = e;
  return r;
}
