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
#include <qq/os.h>
#include <qq/text.h>

#define NOT_RUN 126
#define NOT_FOUND 127

static pid_t nowhere;
static pid_t volatile *record = &nowhere;

void qq_child_record_in(pid_t volatile *slot)
{
  record = slot;
}

/* Runs in the child. The byte says that its pid has been recorded; without it the parent has been
   killed, and nobody would know of this process. */
static void become(char const *const *argv, int go, int output, int apart)
{
  stralloc line = STRALLOC_ZERO;
  sigset_t none;
  int code = NOT_RUN;
  char c;
  if (fd_read(go, &c, 1) != 1) goto out;
  if (apart) setsid();
  sigemptyset(&none);
  signal(SIGPIPE, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, 0);
  if (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0)) goto out;
  execvp(argv[0], (char *const *)(uintptr_t)argv);
  code = errno == ENOENT ? NOT_FOUND : NOT_RUN;
  if (qq_fmt(&line, "%s: unable to run it: %s\n", argv[0], strerror(errno)))
    allwrite(2, line.s, line.len);
out:
  _exit(code);
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
  if (wait_pid(pid, &status) < 0) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int wait_for(pid_t pid)
{
  int const r = qq_child_wait(pid);
  if (r >= 0) *record = 0;
  return r;
}

/* Runs in the child. It may run as somebody else than who started us: without our terminal, into
   which he could write what our shell then reads. */
static void become_filter(char const *const *argv, int input, int output)
{
  int const nothing = open("/dev/null", O_RDWR);
  signal(SIGPIPE, SIG_DFL);
  setsid();
  if (nothing >= 0 && dup2(input < 0 ? nothing : input, 0) >= 0 && dup2(output, 1) >= 0
    && dup2(nothing, 2) >= 0 && execvp(argv[0], (char *const *)(uintptr_t)argv) < 0
    && errno == ENOENT) _exit(NOT_FOUND);
  _exit(NOT_RUN);
}

pid_t qq_child_filter(char const *const *argv, int input, int *output)
{
  int p[2];
  pid_t pid;
  if (pipecoe(p) < 0) return -1;
  pid = fork();
  if (!pid) become_filter(argv, input, p[1]);
  fd_close(p[1]);
  if (pid < 0) fd_close(p[0]);
  else *output = p[0];
  return pid;
}

static void read_all(int fd, stralloc *output)
{
  size_t const from = output->len;
  slurp(output, fd);            /* what there is, is shown; its exit code says more */
  while (output->len > from && output->s[output->len - 1] == '\n') output->len--;
}

int qq_child_run(char const *const *argv, stralloc *output)
{
  int p[2], r;
  pid_t pid;
  if (output && pipecoe(p) < 0) return -1;
  pid = start(argv, output ? p[1] : -1, 1);
  if (output) fd_close(p[1]);
  if (pid > 0 && output) read_all(p[0], output);
  r = pid > 0 ? wait_for(pid) : -1;
  if (output) fd_close(p[0]);
  return r;
}

int qq_child_as_nobody(int (*act)(void *), void *data)
{
  pid_t const pid = fork();
  int r;
  if (!pid) {
    r = qq_os_become(QQ_NOBODY, QQ_NOBODY) < 0 ? -1 : act(data);
    _exit(r < 0 ? NOT_RUN : r);
  }
  r = pid < 0 ? -1 : qq_child_wait(pid);
  if (r <= 100) return r;
  errno = EIO;
  return -1;
}

pid_t qq_child_stand_by(void (*act)(void *), void *data)
{
  int life[2];
  pid_t pid;
  char c;
  if (pipecoe(life) < 0) return -1;
  pid = fork();
  if (!pid) {
    setsid();
    close(life[1]);
    if (!fd_read(life[0], &c, 1)) act(data);
    _exit(0);
  }
  fd_close(life[0]);
  if (pid < 0) fd_close(life[1]);       /* else it is open as long as we are there */
  return pid;
}

void qq_child_dismiss(pid_t pid)
{
  int status;
  if (!kill(pid, SIGKILL)) wait_pid(pid, &status);
}

size_t qq_next_path(char const **at)
{
  *at += strspn(*at, ":");
  return strcspn(*at, ":");
}
