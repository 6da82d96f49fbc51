#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/bytestr.h>
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

/* The path in text that has end as its own end, at position at; its length up to that, or 0. */
static size_t path_before(char const *text, size_t n, size_t at, char const *end)
{
  size_t const after = at + strlen(end);
  size_t i = at;
  if (after < n && is_in_path(text[after])) return 0;
  while (i && is_in_path(text[i - 1])) i--;
  return text[i] == '/' ? at - i : 0;
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

/* 1: text has that end behind home; 0: it has it nowhere; -1: only behind other paths. */
static int has(char const *text, size_t n, char const *end, char const *home)
{
  size_t const length = strlen(end);
  size_t at = 0;
  int others = 0;
  while (at < n) {
    size_t const found = byte_search(text + at, n - at, end, length);
    size_t before;
    if (found + length > n - at) break;
    at += found;
    before = path_before(text, n, at, end);
    if (before && *home && is_same_directory(text + at - before, before, home)) return 1;
    others |= before != 0;
    at++;
  }
  return others ? -1 : 0;
}

qq_claim qq_claim_of(char const *text, size_t n, char const *name, char const *home)
{
  int others = 0;
  size_t i;
  for (i = 0; i < sizeof ends / sizeof *ends; i++) {
    int const r = has(text, n, ends[i], home);
    if (r > 0) return QQ_CLAIM_TEXT;
    others |= r;
  }
  for (i = 0; !others && i < sizeof usual / sizeof *usual; i++)
    if (!strcmp(usual[i], name)) return QQ_CLAIM_NAME;
  return QQ_CLAIM_NONE;
}

/* A path that begins at position at: whether it leads into home. */
static int leads_into(char const *text, size_t n, size_t at, char const *home)
{
  size_t end = at;
  while (end < n && is_in_path(text[end])) {
    end++;
    if (end < n && text[end] != '/' && is_in_path(text[end])) continue;
    if (is_same_directory(text + at, end - at, home)) return 1;
  }
  return 0;
}

int qq_claim_mentions(char const *text, size_t n, char const *home)
{
  size_t i;
  for (i = 0; *home && i < n; i++)
    if (text[i] == '/' && (!i || !is_in_path(text[i - 1])) && leads_into(text, n, i, home))
      return 1;
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
