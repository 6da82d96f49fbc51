#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include "driver.h"

/* Longer ones are not written by hand. */
#define SCRIPT_MAX 65536

/* What every script that starts qmail has in it: the program, or the boot script that calls it
   (INSTALL.boot of qmail). */
static char const *const ends[] = { "/bin/qmail-start", "/rc" };

static char const start_program[] = QQ_NAME_QMAIL_START, programs[] = "/bin";

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

/* Takes off the text all up to the end of the next word that could be a path or a program. Returns
   1, or 0: there is none. */
static int next_word(qq_piece *text, qq_piece *word)
{
  skip(text, 0);
  word->s = text->s;
  skip(text, 1);
  word->n = (size_t)(text->s - word->s);
  return word->n != 0;
}

/* The same, for the next that begins with a slash. */
static int next_path(qq_piece *text, qq_piece *path)
{
  int r;
  while ((r = next_word(text, path)) && *path->s != '/') ;
  return r;
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
    *n = path.n - strlen(ends[i]);
    if (qq_piece_ends(path, ends[i])) return 1;
  }
  return 0;
}

/* What it says of whose qmail it starts. */
typedef struct said {
  int ours, others;             /* this home's, another's */
  int is_one;                   /* a qmail-start that it names without a home */
  int has_programs;             /* something in bin/ of this home */
} said;

static int is_start(qq_piece word)
{
  size_t const n = sizeof start_program - 1;
  return qq_piece_is(word, start_program)
    || (qq_piece_ends(word, start_program) && word.s[word.n - n - 1] == '/');
}

/* Says whether the path leads into bin/ of the home. */
static int is_program_of(qq_piece path, char const *home)
{
  size_t const n = sizeof programs - 1;
  size_t at;
  for (at = 1; *home && at + n < path.n; at++)
    if (!memcmp(path.s + at, programs, n) && path.s[at + n] == '/'
      && is_same_directory(path.s, at, home)) return 1;
  return 0;
}

static said read_text(qq_piece text, char const *home)
{
  said what = { 0, 0, 0, 0 };
  qq_piece word;
  size_t n;
  while (next_word(&text, &word)) {
    int const is_path = *word.s == '/' && has_end(word, &n);
    if (!is_path) what.is_one |= is_start(word);
    else if (*home && is_same_directory(word.s, n, home)) what.ours = 1;
    else what.others = 1;
    what.has_programs |= is_program_of(word, home);
  }
  return what;
}

static int is_usual(char const *name)
{
  size_t i;
  for (i = 0; i < sizeof usual / sizeof *usual; i++) if (!strcmp(usual[i], name)) return 1;
  return 0;
}

qq_claim qq_claim_of(qq_piece text, char const *name, char const *home)
{
  said const what = read_text(text, home);
  if (what.ours) return QQ_CLAIM_TEXT;
  return !what.others && is_usual(name) ? QQ_CLAIM_NAME : QQ_CLAIM_NONE;
}

int qq_claim_counts(qq_piece text, char const *name, char const *home)
{
  said const what = read_text(text, home);
  if (what.ours || (!*home && what.others)) return 1;
  return !what.others && (what.is_one || (what.has_programs && is_usual(name)));
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
  int const follow = qq_path_is_ours(path) > 0 ? 0 : O_NOFOLLOW;
  int const fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | follow);
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
