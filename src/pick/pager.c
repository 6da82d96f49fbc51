#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/diagnostic.h>
#include "pick.h"

#define NOT_RUN 127

extern char **environ;

/* All but the ends of lines and tabs, which are meant. */
static void make_safe(stralloc *safe, stralloc const *text)
{
  size_t i, start = 0;
  for (i = 0; i <= text->len; i++) {
    if (i < text->len && text->s[i] != '\n' && text->s[i] != '\t') continue;
    qq_demand_memory(qq_safe(safe, text->s + start, i - start)
      && (i == text->len || qq_append(safe, text->s + i, 1)));
    start = i + 1;
  }
}

/* Nothing of what less(1) was told to run, to remember or to look like; and that it may run
   nothing. */
static void settle_environment(void)
{
  char **e = environ;
  while (*e) {
    stralloc name = STRALLOC_ZERO;
    if (strncmp(*e, "LESS", 4)) {
      e++;
      continue;
    }
    if (!qq_copy(&name, *e, strcspn(*e, "=")) || !stralloc_0(&name) || unsetenv(name.s) < 0)
      _exit(NOT_RUN);
    e = environ;
  }
  if (setenv("LESSSECURE", "1", 1) < 0 || setenv("LESSHISTFILE", "-", 1) < 0
    || setenv("LESSCHARSET", "utf-8", 1) < 0) _exit(NOT_RUN);
}

/* Makes the text our standard input: who writes it is our child, as in a pipeline. */
static void feed(stralloc const *text)
{
  int p[2];
  if (pipecoe(p) < 0) _exit(NOT_RUN);
  switch (fork()) {
    case -1:
      _exit(NOT_RUN);
    case 0:
      close(p[0]);
      allwrite(p[1], text->s, text->len);
      _exit(0);
    default:
      if (dup2(p[0], 0) < 0) _exit(NOT_RUN);
  }
}

static void become(int terminal, stralloc const *text)
{
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, 0);
  signal(SIGPIPE, SIG_DFL);
  if (dup2(terminal, 1) < 0 || dup2(terminal, 2) < 0) _exit(NOT_RUN);
  settle_environment();
  feed(text);
  execlp("less", "less", (char *)0);
  execlp("more", "more", (char *)0);
  _exit(NOT_RUN);
}

/* What the terminal sends while the pager has it, is the pager's; when that stops, so do we. */
static int wait_for(pid_t pid)
{
  int status;
  for (;;) {
    if (waitpid(pid, &status, WUNTRACED) < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    if (!WIFSTOPPED(status)) break;
    qq_screen_stop();
    kill(pid, SIGCONT);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int qq_pager_show(int terminal, stralloc const *text)
{
  stralloc safe = STRALLOC_ZERO;
  pid_t pid;
  int r;
  make_safe(&safe, text);
  qq_screen_leave();
  pid = fork();
  if (!pid) become(terminal, &safe);
  r = pid < 0 ? -1 : wait_for(pid);
  qq_screen_forget_signals();
  stralloc_free(&safe);
  return r;
}
