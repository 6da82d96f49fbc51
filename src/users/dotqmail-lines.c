#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/text.h>

/* Of what the shell is given, the first word is looked at, if it is a plain path and all that runs.
   The shell's exit code for what it does not find, or may not run, is one that mail is deferred for
   (qmail-local.c:mailprogram). s: the line from the path on, length: that of the path. */
static int judge_path(qq_dotqmail *q, char const *path, char const *s, size_t length)
{
  if (!faccessat(AT_FDCWD, path, q->is_user ? X_OK : F_OK, AT_EACCESS)) return 1;
  return qq_verdict_add(q, qq_leads_nowhere(errno) ? QQ_VERDICT_MISSING
    : q->is_user && errno == EACCES ? QQ_VERDICT_FORBIDDEN : QQ_VERDICT_UNSEEN, s, length);
}

static int is_exit_99(char const *command)
{
  if (strncmp(command, "exit", 4) || !qq_is_blank(command[4])) return 0;
  command += 4;
  return !strcmp(command + strspn(command, " \t"), "99");
}

static int judge_program(qq_dotqmail *q, char const *s, size_t n)
{
  static char const plain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@,";
  stralloc command = STRALLOC_ZERO;
  int r = qq_copy(&command, s, n) && stralloc_0(&command);
  if (r) {
    size_t const at = strspn(command.s, " \t"), length = strspn(command.s + at, plain);
    char *path = command.s + at, *end = path + length;
    if (is_exit_99(path)) {
      q->is_over = 1;
      r = qq_verdict_add(q, QQ_VERDICT_STOPS, s, n);
    }
    else if (*path == '/' && strchr(" \t", *end) && !strpbrk(path, "|&;")) {
      *end = 0;
      r = judge_path(q, path, s + at, length);
    }
  }
  stralloc_free(&command);
  q->runs = 1;
  return r;
}

static int refuse_if(qq_dotqmail *q, qq_verdict_kind refusal, char const *s, size_t n)
{
  return !refusal || qq_verdict_add(q, refusal, s, n);
}

/* refusal: what becomes of lines that do more than forward; 0: they are carried out. */
static int judge_line(qq_dotqmail *q, char const *s, size_t n, qq_verdict_kind *refusal)
{
  while (n && qq_is_blank(s[n - 1])) n--;
  if (!n) return s > q->text.s || qq_verdict_add(q, QQ_VERDICT_BLANK, s, n);
  switch (*s) {
    case '#': return 1;
    case '|': return qq_verdict_add(q, QQ_VERDICT_PROGRAM, s + 1, n - 1)
      && (*refusal ? refuse_if(q, *refusal, s, n) : judge_program(q, s + 1, n - 1));
    case '.':
    case '/': return qq_verdict_add(q, s[n - 1] == '/' ? QQ_VERDICT_MAILDIR : QQ_VERDICT_MBOX, s, n)
      && refuse_if(q, *refusal, s, n);
    case '+':
      if (!*refusal && n == 5 && !memcmp(s, "+list", n)) *refusal = QQ_VERDICT_REFUSED_LIST;
      return qq_verdict_add(q, QQ_VERDICT_OTHER, s, n);
    case '&': return qq_verdict_add(q, QQ_VERDICT_FORWARD, s + 1, n - 1);
    default: return qq_verdict_add(q, QQ_VERDICT_FORWARD, s, n);
  }
}

int qq_dotqmail_judge_text(qq_dotqmail *q)
{
  size_t const before = genalloc_len(qq_verdict, &q->verdicts);
  qq_verdict_kind refusal = q->stat.st_mode & 0100 ? QQ_VERDICT_REFUSED : 0;
  qq_piece text = { q->text.s, q->text.len }, line;
  if (!text.n) return qq_verdict_add(q, QQ_VERDICT_EMPTY, 0, 0);
  while (!q->is_over && qq_piece_line(&text, &line))
    if (!judge_line(q, line.s, line.n, &refusal)) return 0;
  return genalloc_len(qq_verdict, &q->verdicts) > before
    || qq_verdict_add(q, QQ_VERDICT_NOTHING, 0, 0);
}
