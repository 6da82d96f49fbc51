#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>

/* As much as any control file that is read. */
#define LIMIT 67108864

/* One entry: KEY:PREFIX. */
typedef struct entry { qq_piece key, prefix; } entry;

/* By the key, without case (constmap.c); of those that are equal the last one in the file counts,
   and comes first. */
static int compare(void const *a, void const *b)
{
  entry const *x = a, *y = b;
  int const r = qq_piece_compare_case(x, y);
  return r ? r : x->key.s > y->key.s ? -1 : 1;
}

static int add_entries(qq_prefixes *p)
{
  qq_entries e;
  qq_entries_begin(&e, p->text.s, p->text.len);
  while (qq_entries_next(&e)) {
    char const *colon = memchr(e.entry.s, ':', e.entry.n);
    entry one = { e.entry, e.entry };
    if (!colon) continue;
    one.key.n = (size_t)(colon - one.key.s);
    qq_piece_skip(&one.prefix, one.key.n + 1);
    if (memchr(one.key.s, '@', one.key.n)) p->has_users = 1;
    if (!genalloc_append(entry, &p->entries, &one)) return -1;
  }
  return 1;
}

static int index_entries(qq_prefixes *p)
{
  entry *list;
  size_t i, n, kept = 0;
  if (add_entries(p) < 0) return -1;
  list = genalloc_s(entry, &p->entries);
  n = genalloc_len(entry, &p->entries);
  if (n) qsort(list, n, sizeof *list, compare);
  for (i = 0; i < n; i++)
    if (!kept || qq_piece_compare_case(&list[kept - 1], &list[i])) list[kept++] = list[i];
  genalloc_setlen(entry, &p->entries, kept);
  return 1;
}

int qq_prefixes_read(qq_prefixes *p, char const *home_path)
{
  stralloc path = STRALLOC_ZERO;
  int fd, r;
  if (!*home_path) return 1;
  if (!qq_fmt(&path, "%s/" QQ_NAME_VIRTUALDOMAINS, home_path) || !stralloc_0(&path)) return -1;
  fd = open(path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  stralloc_free(&path);
  if (fd < 0) return errno == ENOENT ? 1 : -1;
  r = qq_slurp_regular(&p->text, fd, LIMIT);
  fd_close(fd);
  return r < 0 ? r : index_entries(p);
}

static entry const *find(qq_prefixes const *p, char const *s, size_t n)
{
  qq_piece const key = { s, n };
  size_t const count = genalloc_len(entry, &p->entries);
  entry const *list = genalloc_s(entry, &p->entries);
  return count ? bsearch(&key, list, count, sizeof *list, qq_piece_compare_case) : 0;
}

/* The length of the entry's prefix and the dash behind it, if the recipient begins with them. */
static size_t length_of(entry const *e, char const *s, size_t n)
{
  size_t const length = e->prefix.n;
  return length && length < n && s[length] == '-' && !memcmp(s, e->prefix.s, length)
    ? length + 1 : 0;
}

/* An entry for a user, USER@DOMAIN:PREFIX, is looked up before the one for the domain
   (qmail-send.c:rewrite). */
static size_t prefix_of_user(qq_prefixes const *p, char const *s, size_t n, size_t at)
{
  size_t i;
  for (i = 0; i < at; i++) {
    entry const *e = s[i] == '-' ? find(p, s + i + 1, n - i - 1) : 0;
    if (e && length_of(e, s, n) == i + 1) return i + 1;
  }
  return 0;
}

size_t qq_prefix_length(qq_prefixes const *p, char const *s, size_t n)
{
  entry const *e = 0;
  size_t at = n, i, length;
  while (at && s[at - 1] != '@') at--;
  if (!at || !genalloc_len(entry, &p->entries)) return 0;
  length = p->has_users ? prefix_of_user(p, s, n, at - 1) : 0;
  if (length) return length;
  for (i = at; i <= n && !e; i++)
    if (i == at || i == n || s[i] == '.') e = find(p, s + i, n - i);
  return e ? length_of(e, s, n) : 0;
}
