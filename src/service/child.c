#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/slurp.h>

static pid_t nowhere;
static pid_t volatile *record = &nowhere;

void qq_child_record_in(pid_t volatile *slot)
{
  record = slot;
}

/* Runs in the child. The byte says that its pid has been recorded; without it the parent has been killed, and nobody would know of this process. */
static void become(char const *const *argv, int go, int output, int apart)
{
  static char const not_run[] = ": unable to run it: ";
  sigset_t none;
  char const *reason;
  char c;
  int e;
  if (fd_read(go, &c, 1) != 1) goto out;
  if (apart) setsid();
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, 0);
  if (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0)) goto out;
  execvp(argv[0], (char *const *)(uintptr_t)argv);
  e = errno;
  reason = strerror(e);
  allwrite(2, argv[0], strlen(argv[0]));
  allwrite(2, not_run, sizeof not_run - 1);
  allwrite(2, reason, strlen(reason));
  allwrite(2, "\n", 1);
out:
  _exit(QQ_CHILD_NOT_RUN);
}

static pid_t start(char const *const *argv, int output, int apart)
{
  int go[2];
  pid_t pid;
  if (pipecoe(go) < 0) return -1;
  pid = fork();
  if (!pid) {
    close(go[1]);
    become(argv, go[0], output, apart);
  }
  fd_close(go[0]);
  if (pid > 0) {
    *record = pid;
    fd_write(go[1], "", 1);
  }
  fd_close(go[1]);
  return pid;
}

pid_t qq_child_start(char const *const *argv)
{
  return start(argv, -1, 0);
}

int qq_child_wait(pid_t pid)
{
  int status;
  while (waitpid(pid, &status, 0) < 0) if (errno != EINTR) return -1;
  *record = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_captured(char const *const *argv, stralloc *output)
{
  size_t const from = output->len;
  int p[2], r, e;
  pid_t pid;
  if (pipecoe(p) < 0) return -1;
  pid = start(argv, p[1], 1);
  e = errno;
  fd_close(p[1]);
  if (pid < 0) r = -1;
  else {
    char s[512];
    ssize_t n;
    while ((n = fd_read(p[0], s, sizeof s)) > 0 && stralloc_catb(output, s, (size_t)n)) ;
    r = qq_child_wait(pid);
    e = errno;
  }
  fd_close(p[0]);
  errno = e;
  while (output->len > from && output->s[output->len - 1] == '\n') output->len--;
  return r;
}

int qq_child_run(char const *const *argv, stralloc *output)
{
  pid_t pid;
  if (output) return run_captured(argv, output);
  pid = start(argv, -1, 1);
  return pid < 0 ? -1 : qq_child_wait(pid);
}
