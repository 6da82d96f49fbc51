/* killnth guard|worker N COMMAND ... - runs `qsvc stopped' and kills one of its two processes
   (src/qsvc/stopped.c), never both, where it is about to make its N-th system call.

   The guard is the process that is started; the worker is the one that it forks once it adopts
   orphans (prctl(2)). With N = 0 nothing is killed, and the number of calls is written to
   descriptor 3. The exit code is that of the guard, or 128 and the signal that killed it; 99 where
   nobody may be traced. */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNABLE = 99 };

/* The beginning of what Linux answers; glibc and musl have different names for it. */
#define GET_SYSCALL_INFO 0x420e
typedef struct info {
  uint8_t op, pad[3];
  uint32_t arch;
  uint64_t instruction, stack, number, arguments[6];
} info;

static void fail(char const *what)
{
  fprintf(stderr, "killnth: %s: %s\n", what, strerror(errno));
  exit(UNABLE);
}

static long trace(int request, pid_t pid, uintptr_t address, uintptr_t data)
{
  long const r = ptrace(request, pid, (void *)address, (void *)data);
  if (r < 0 && errno != ESRCH) fail("ptrace");
  return r;
}

static pid_t start(char **argv)
{
  pid_t const pid = fork();
  int status;
  if (pid < 0) fail("fork");
  if (!pid) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) fail("ptrace");
    raise(SIGSTOP);
    execvp(*argv, argv);
    fail(*argv);
  }
  if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status)) fail("nobody may be traced");
  trace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
  return pid;
}

static int is_adoption(pid_t pid)
{
  info i;
  memset(&i, 0, sizeof i);
  return trace(GET_SYSCALL_INFO, pid, sizeof i, (uintptr_t)&i) > 0 && i.op == 1
      && i.number == SYS_prctl && i.arguments[0] == PR_SET_CHILD_SUBREAPER;
}

/* Lets it go on to its next call, or the end of that, or a fork. Returns what waitpid(2) says;
   signals go through. */
static int step(pid_t pid)
{
  int status, s = 0;
  for (;;) {
    trace(PTRACE_SYSCALL, pid, 0, (uintptr_t)s);
    if (waitpid(pid, &status, __WALL) < 0) fail("waitpid");
    if (!WIFSTOPPED(status) || WSTOPSIG(status) == (SIGTRAP | 0x80) || status >> 16) return status;
    s = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);     /* that of exec */
  }
}

static void finish(int status)
{
  exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Goes on until the guard forks the worker, which stands still then; the guard is let go. */
static pid_t find_worker(pid_t guard)
{
  unsigned long worker;
  int status, entry = 0, seen = 0;
  do {
    status = step(guard);
    if (!WIFSTOPPED(status)) finish(status);
    if (!(status >> 16) && (entry = !entry) && !seen && is_adoption(guard)) {
      seen = 1;
      trace(PTRACE_SETOPTIONS, guard, 0,
          PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE);
    }
  } while (!(status >> 16));
  trace(PTRACE_GETEVENTMSG, guard, 0, (uintptr_t)&worker);
  if (waitpid((pid_t)worker, &status, __WALL) < 0 || !WIFSTOPPED(status)) fail("the worker");
  trace(PTRACE_SETOPTIONS, (pid_t)worker, 0, PTRACE_O_TRACESYSGOOD);
  trace(PTRACE_DETACH, guard, 0, 0);
  return (pid_t)worker;
}

/* Returns how many calls it made; its status, if it has ended by itself. */
static unsigned long count_and_kill(pid_t pid, unsigned long n, int *status)
{
  unsigned long calls = 0;
  int entry = 0;
  for (;;) {
    *status = step(pid);
    if (!WIFSTOPPED(*status)) return calls;
    entry = !entry;
    if (!entry || ++calls != n) continue;
    kill(pid, SIGKILL);
    if (waitpid(pid, status, __WALL) < 0) fail("waitpid");
    return calls;
  }
}

int main(int argc, char **argv)
{
  unsigned long const n = argc > 3 ? strtoul(argv[2], 0, 10) : 0;
  pid_t guard, pid;
  unsigned long calls;
  int status;
  if (argc < 4) return UNABLE;
  guard = start(argv + 3);
  pid = strcmp(argv[1], "worker") ? guard : find_worker(guard);
  calls = count_and_kill(pid, n, &status);
  if (!n) dprintf(3, "%lu\n", calls);
  if (pid != guard && waitpid(guard, &status, 0) < 0) fail("waitpid");
  finish(status);
}
