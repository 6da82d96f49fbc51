#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <qq/assign.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/text.h>

static int add_verdict(qq_dotqmail *q, qq_verdict_kind kind, char const *s, size_t n)
{
  qq_verdict const verdict = { kind, { s, n } };
  return genalloc_append(qq_verdict, &q->verdicts, &verdict);
}

static int add_verdict_if(qq_dotqmail *q, int holds, qq_verdict_kind kind)
{
  return !holds || add_verdict(q, kind, 0, 0);
}

/* ---- which file ---- */

/* Opens one name. Returns 1, 0: there is none, or -1 with errno. */
static int open_file(qq_dotqmail *q, int *fd, int home, qq_piece const *dash, char const *ext,
  size_t n, char const *tail)
{
  int r;
  if (!qq_copy(&q->name, ".qmail", 6) || !qq_append(&q->name, dash->s, dash->n)
    || !qq_append(&q->name, ext, n) || !stralloc_cats(&q->name, tail) || !stralloc_0(&q->name))
    return -1;
  *fd = openat(home, q->name.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (*fd < 0) return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG ? 0 : -1;
  r = fstat(*fd, &q->stat) < 0 ? -1 : S_ISREG(q->stat.st_mode);
  if (r < 1) fd_close(*fd);     /* qmail-local passes over what is no file */
  return r;
}

/* The whole extension, in lower case and with colons for dots; then what is left of it at each
   dash, with default behind it. */
static int find_file(qq_dotqmail *q, int *fd, int home, qq_piece const *dash, qq_piece const *ext)
{
  stralloc safe = STRALLOC_ZERO;
  size_t i;
  int r;
  if (!qq_copy(&safe, ext->s, ext->n)) return -1;
  case_lowerb(safe.s, safe.len);
  for (i = 0; i < safe.len; i++) if (safe.s[i] == '.') safe.s[i] = ':';
  r = open_file(q, fd, home, dash, safe.s, safe.len, "");
  for (i = safe.len + 1; !r && i--;)
    if (!i || safe.s[i - 1] == '-') r = open_file(q, fd, home, dash, safe.s, i, "default");
  stralloc_free(&safe);
  return r;
}

/* ---- its lines ---- */

/* Of what the shell is given, the first word is looked at, if it is a plain path and all that runs.
   The shell's exit code for what it does not find is one that mail is deferred for
   (qmail-local.c:mailprogram). */
static int judge_program(qq_dotqmail *q, char const *s, size_t n)
{
  static char const plain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@,";
  stralloc command = STRALLOC_ZERO;
  int r = qq_copy(&command, s, n) && stralloc_0(&command);
  if (r) {
    size_t const at = strspn(command.s, " \t"), length = strspn(command.s + at, plain);
    char *path = command.s + at, *end = path + length;
    struct stat st;
    if (*path == '/' && strchr(" \t", *end) && !strpbrk(path, "|&;")) {
      *end = 0;
      if (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
        r = add_verdict(q, QQ_VERDICT_MISSING, s + at, length);
    }
  }
  stralloc_free(&command);
  return r;
}

/* refusal: what becomes of lines that do more than forward; 0: they are carried out. */
static int judge_line(qq_dotqmail *q, char const *s, size_t n, qq_verdict_kind *refusal)
{
  while (n && (s[n - 1] == ' ' || s[n - 1] == '\t')) n--;
  if (!n) return s > q->text.s || add_verdict(q, QQ_VERDICT_BLANK, s, n);
  switch (*s) {
    case '#': return 1;
    case '|': return add_verdict(q, QQ_VERDICT_PROGRAM, s + 1, n - 1)
      && (*refusal ? add_verdict(q, *refusal, s, n) : judge_program(q, s + 1, n - 1));
    case '.':
    case '/': return add_verdict(q, s[n - 1] == '/' ? QQ_VERDICT_MAILDIR : QQ_VERDICT_MBOX, s, n)
      && add_verdict_if(q, *refusal, *refusal);
    case '+':
      if (!*refusal && n == 5 && !memcmp(s, "+list", n)) *refusal = QQ_VERDICT_REFUSED_LIST;
      return add_verdict(q, QQ_VERDICT_OTHER, s, n);
    case '&': return add_verdict(q, QQ_VERDICT_FORWARD, s + 1, n - 1);
    default: return add_verdict(q, QQ_VERDICT_FORWARD, s, n);
  }
}

static int judge_text(qq_dotqmail *q)
{
  size_t const before = genalloc_len(qq_verdict, &q->verdicts);
  qq_verdict_kind refusal = q->stat.st_mode & 0100 ? QQ_VERDICT_REFUSED : 0;
  qq_piece text = { q->text.s, q->text.len }, line;
  if (!text.n) return add_verdict(q, QQ_VERDICT_EMPTY, 0, 0);
  while (qq_piece_line(&text, &line)) if (!judge_line(q, line.s, line.n, &refusal)) return 0;
  return add_verdict_if(q, genalloc_len(qq_verdict, &q->verdicts) == before, QQ_VERDICT_NOTHING);
}

/* ---- home and file ---- */

static int hide(qq_dotqmail *q, qq_verdict_kind kind)
{
  q->error = errno;
  return errno != ENOMEM && add_verdict(q, kind, 0, 0);
}

static int judge_file(qq_dotqmail *q, int fd)
{
  mode_t const mode = q->stat.st_mode;
  if (qq_slurp(&q->text, fd) < 0) return hide(q, QQ_VERDICT_HIDDEN);
  return add_verdict(q, QQ_VERDICT_READS, 0, 0) && add_verdict_if(q, mode & 02, QQ_VERDICT_WRITABLE)
    && add_verdict_if(q, !(mode & 04) && q->stat.st_uid != q->uid, QQ_VERDICT_UNREADABLE)
    && judge_text(q);
}

static int judge_files(qq_dotqmail *q, int home, qq_piece const *dash, qq_piece const *ext)
{
  int fd, r = find_file(q, &fd, home, dash, ext);
  if (r < 0) return hide(q, QQ_VERDICT_HIDDEN);
  if (!r) return add_verdict(q, dash->n ? QQ_VERDICT_BOUNCES : QQ_VERDICT_DEFAULT, 0, 0);
  r = judge_file(q, fd);
  fd_close(fd);
  return r;
}

static int judge_home(qq_dotqmail *q)
{
  mode_t const mode = q->home_stat.st_mode;
  return add_verdict_if(q, mode & 02, QQ_VERDICT_HOME_WRITABLE)
    && add_verdict_if(q, mode & 01000, QQ_VERDICT_HOME_STICKY)
    && add_verdict_if(q, q->home_stat.st_uid != q->uid, QQ_VERDICT_HOME_FOREIGN);
}

int qq_dotqmail_judge(qq_dotqmail *q, qq_piece const *fields)
{
  qq_piece const *home = &fields[QQ_ASSIGN_HOME];
  int fd, r;
  memset(q, 0, sizeof *q);
  q->uid = qq_assign_number(&fields[QQ_ASSIGN_UID]);
  if (!qq_copy(&q->home, home->s, home->n) || !stralloc_0(&q->home)) return 0;
  if (!stat(q->home.s, &q->home_stat) && S_ISDIR(q->home_stat.st_mode) && !judge_home(q)) return 0;
  fd = open(q->home.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return hide(q, errno == EACCES && geteuid() ? QQ_VERDICT_HOME_HIDDEN : QQ_VERDICT_HOMELESS);
  r = judge_files(q, fd, &fields[QQ_ASSIGN_DASH], &fields[QQ_ASSIGN_EXT]);
  fd_close(fd);
  return r;
}

void qq_dotqmail_free(qq_dotqmail *q)
{
  stralloc_free(&q->home);
  stralloc_free(&q->name);
  stralloc_free(&q->text);
  genalloc_free(qq_verdict, &q->verdicts);
}

/* ---- in words ---- */

static int say_letter(stralloc *sa, char letter, qq_dotqmail const *q, qq_verdict const *v)
{
  int const is_home = letter == 'M' || letter == 'O';
  struct stat const *st = is_home ? &q->home_stat : &q->stat;
  switch (letter) {
    case 'h': return qq_say(sa, "%s", q->home.s);
    case 'f': return qq_say(sa, "%s/%s", q->home.s, q->name.s);
    case 'w': return qq_say(sa, "%.*s", (int)v->what.n, v->what.s);
    case 'M':
    case 'm': return qq_say(sa, "%04o", (unsigned int)(st->st_mode & 07777));
    case 'O':
    case 'o': return qq_say(sa, "%lu", (unsigned long)st->st_uid);
    case 'u': return qq_say(sa, "%lu", q->uid);
    default: return qq_say(sa, "%s", strerror(q->error));
  }
}

int qq_dotqmail_say(stralloc *sa, char const *words, qq_dotqmail const *q, qq_verdict const *v)
{
  for (; *words; words++)
    if (!(*words == '%' ? say_letter(sa, *++words, q, v) : qq_append(sa, words, 1))) return 0;
  return 1;
}
