#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cdb.h>
#include <skalibs/bytestr.h>
#include <qq/assign.h>
#include <qq/usercdb.h>

/* ---- making ---- */

/* ! and the address in lower case; with a NUL behind it, if it is a whole local part. */
static int make_key(stralloc *key, qq_assignment const *one)
{
  key->len = 0;
  if (!stralloc_append(key, '!') || !stralloc_catb(key, one->address.s, one->address.n)) return 0;
  case_lowerb(key->s, key->len);
  return one->is_wildcard || stralloc_0(key);
}

static int make_data(stralloc *data, qq_assignment const *one)
{
  unsigned int i;
  data->len = 0;
  for (i = 0; i < QQ_ASSIGN_FIELDS; i++)
    if ((i && !stralloc_0(data)) || !stralloc_catb(data, one->fields[i].s, one->fields[i].n)) return 0;
  return 1;
}

/* The last bytes of prefixes, each once, as they stand in assign: in what case they stand there is what is compared later. */
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

static int find(struct cdb *c, char const *key, size_t n, stralloc *data)
{
  int const r = cdb_find(c, key, (unsigned int)n);
  if (r < 1) return r;
  data->len = 0;
  return stralloc_catb(data, cdb_getdata(c), cdb_datalen(c)) ? 1 : -1;
}

/* The whole local part first; then ever shorter beginnings of it, but only those that some prefix ends like. */
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

int qq_usercdb_each(int fd, int (*each)(void *, char const *, size_t, char const *, size_t), void *p)
{
  struct cdb c;
  unsigned int at;
  int r = 1, e;
  if (cdb_init(&c, fd) < 0) return -1;
  cdb_seqinit(&at, &c);
  while (r == 1 && (r = cdb_seqnext(&at, &c)) > 0)
    r = each(p, cdb_getkey(&c), cdb_keylen(&c), cdb_getdata(&c), cdb_datalen(&c));
  if (!r) r = 1;
  e = errno;
  cdb_free(&c);
  errno = e;
  return r;
}
