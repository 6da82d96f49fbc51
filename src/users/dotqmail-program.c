#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/dotqmail.h>
#include <qq/file.h>
#include <qq/text.h>

#define BLANKS " \t"

/* ---- what the shell is given: words, as long as it does nothing else with them ---- */

/* The quote that ends what the one at s begins, or null: there is none, or the shell puts something
   in. */
static char const *end_of_quote(char const *s)
{
  char const quote = *s++;
  for (; *s && *s != quote; s++)
    if (quote == '"' && (*s == '\\' ? !*++s : *s == '$' || *s == '`')) return 0;
  return *s ? s : 0;
}

/* The end of the word at s, or null: the shell does more with it than take it as it is. */
static char const *end_of_word(char const *s)
{
  for (; *s && !strchr(BLANKS, *s); s++) {
    if (*s == '\'' || *s == '"') s = end_of_quote(s);
    else if (*s == '\\' ? !*++s : strchr("|&;<>()$`*?[{#~\n", *s) != 0) return 0;
    if (!s) return 0;
  }
  return s;
}

/* How many words they are. -1: the shell does more. */
static int count_words(char const *s)
{
  int n = 0;
  for (s += strspn(s, BLANKS); s && *s; n++) {
    s = end_of_word(s);
    if (s) s += strspn(s, BLANKS);
  }
  return s ? n : -1;
}

/* Says whether the first word is that program, with or without a path. */
static int runs(char const *command, char const *name)
{
  size_t const n = strlen(name), length = strcspn(command, BLANKS);
  return length >= n && !memcmp(command + length - n, name, n)
    && (length == n || (*command == '/' && command[length - n - 1] == '/'));
}

/* ---- programs whose exit code is known ---- */

/* Of a command that does nothing but exit; -1: it is not known. bouncesaying without a program of
   its own bounces (bouncesaying.c:main). */
static int exit_code(char const *command)
{
  int const words = count_words(command);
  char const *argument = command + strcspn(command, BLANKS);
  char *end;
  long code;
  if ((words == 1 || words == 2) && runs(command, "bouncesaying")) return 100;
  if (words != 2 || *command == '/' || !runs(command, "exit")) return -1;
  code = strtol(argument, &end, 10);
  return end[strspn(end, BLANKS)] || code < 0 || code > 255 ? -1 : (int)code;
}

/* What qmail-local makes of it (qmail-local.c:mailprogram). */
static int judge_code(qq_dotqmail *q, int code, char const *s, size_t n)
{
  static char const bouncing[] = { 100, 64, 65, 70, 76, 77, 78, 112 };
  if (code <= 0) return 1;
  q->is_over = 1;
  return qq_verdict_add(q, code == 99 ? QQ_VERDICT_STOPS
    : memchr(bouncing, code, sizeof bouncing) ? QQ_VERDICT_BOUNCED : QQ_VERDICT_DEFERRED, s, n);
}

/* ---- programs that may not be there ---- */

/* Of the first word, if it is a plain path: the shell's exit code for what it does not find, or may
   not run, is one that mail is deferred for (qmail-local.c:mailprogram). Returns the length of the
   path and sets what is wrong with it; or 0: nothing is known to be. */
static size_t find_fault(qq_dotqmail const *q, char const *command, qq_verdict_kind *fault)
{
  static char const plain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@,";
  size_t const n = strspn(command, plain);
  stralloc path = STRALLOC_ZERO;
  int r;
  if (*command != '/' || !strchr(BLANKS, command[n]) || strpbrk(command, "|&;")) return 0;
  errno = ENOMEM;
  r = qq_copy(&path, command, n) && stralloc_0(&path)
    ? faccessat(AT_FDCWD, path.s, q->is_user ? X_OK : F_OK, AT_EACCESS) : -1;
  stralloc_free(&path);         /* errno stays */
  *fault = qq_leads_nowhere(errno) ? QQ_VERDICT_MISSING
    : q->is_user && errno == EACCES ? QQ_VERDICT_FORBIDDEN : QQ_VERDICT_UNSEEN;
  return r < 0 ? n : 0;
}

int qq_dotqmail_judge_program(qq_dotqmail *q, char const *s, size_t n)
{
  stralloc command = STRALLOC_ZERO;
  int r = qq_copy(&command, s, n) && stralloc_0(&command);
  if (r) {
    size_t const at = strspn(command.s, BLANKS);
    qq_verdict_kind fault = 0;
    size_t const length = find_fault(q, command.s + at, &fault);
    r = length ? qq_verdict_add(q, fault, s + at, length)
      : judge_code(q, exit_code(command.s + at), s, n);
  }
  stralloc_free(&command);
  q->runs = 1;
  return r;
}
