#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/names.h>
#include "driver.h"

/* Longer ones are not written by hand. */
#define SCRIPT_MAX 65536

/* What every script that starts qmail has in it: the program, or the boot script that calls it
   (INSTALL.boot of qmail). */
static char const *const ends[] = { "/bin/qmail-start", "/rc" };

static char const *const usual[] = { QQ_NAME_QMAIL_SEND, "send", "qmail", "qmail-deliver" };

static int is_in_path(char c)
{
  return (c && strchr("/.-_0123456789", c)) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void skip(qq_piece *text, int paths)
{
  while (text->n && is_in_path(*text->s) == paths) {
    text->s++;
    text->n--;
  }
}

/* Takes off the text all up to the end of the next path that begins with a slash. Returns 1, or 0:
   there is none. */
static int next_path(qq_piece *text, qq_piece *path)
{
  do {
    skip(text, 0);
    path->s = text->s;
    skip(text, 1);
    path->n = (size_t)(text->s - path->s);
  } while (path->n && *path->s != '/');
  return path->n != 0;
}

static int is_same_directory(char const *path, size_t n, char const *home)
{
  stralloc sa = STRALLOC_ZERO;
  struct stat a, b;
  int same = 0;
  if (stralloc_catb(&sa, path, n) && stralloc_0(&sa) && !stat(sa.s, &a) && !stat(home, &b))
    same = a.st_dev == b.st_dev && a.st_ino == b.st_ino;
  stralloc_free(&sa);
  return same;
}

/* Says whether the path has one of the ends, and sets n to its length up to that. */
static int has_end(qq_piece path, size_t *n)
{
  size_t i;
  for (i = 0; i < sizeof ends / sizeof *ends; i++) {
    size_t const length = strlen(ends[i]);
    *n = path.n - length;
    if (path.n > length && !memcmp(path.s + *n, ends[i], length)) return 1;
  }
  return 0;
}

qq_claim qq_claim_of(qq_piece text, char const *name, char const *home)
{
  qq_piece path;
  int others = 0;
  size_t n, i;
  while (next_path(&text, &path)) {
    if (!has_end(path, &n)) continue;
    if (*home && is_same_directory(path.s, n, home)) return QQ_CLAIM_TEXT;
    others = 1;
  }
  for (i = 0; !others && i < sizeof usual / sizeof *usual; i++)
    if (!strcmp(usual[i], name)) return QQ_CLAIM_NAME;
  return QQ_CLAIM_NONE;
}

static int leads_into(qq_piece path, char const *home)
{
  size_t n;
  for (n = 1; n <= path.n; n++)
    if ((n == path.n || path.s[n] == '/') && is_same_directory(path.s, n, home)) return 1;
  return 0;
}

int qq_claim_mentions(qq_piece text, char const *home)
{
  qq_piece path;
  while (*home && next_path(&text, &path)) if (leads_into(path, home)) return 1;
  return 0;
}

int qq_claim_read(stralloc *text, char const *path)
{
  int const fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat st;
  ssize_t n;
  int r = 0;
  text->len = 0;
  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP ? 0 : -1;
  if (!fstat(fd, &st) && S_ISREG(st.st_mode) && stralloc_ready(text, SCRIPT_MAX)) {
    n = read(fd, text->s, SCRIPT_MAX);
    if (n > 0) text->len = (size_t)n;
    r = n < 0 ? -1 : 1;
  }
  fd_close(fd);
  return r;
}
