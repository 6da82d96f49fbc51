/* reap COMMAND ... - runs it, and is the parent of all that its descendants leave behind, as a good
   init is: where process 1 is none (in many containers), what has ended would stay as a zombie,
   which is there for kill(2). Ends as the command does; signals are passed on to it. */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

static pid_t child;

static void pass_on(int signal_number)
{
  int const e = errno;
  kill(child, signal_number);
  errno = e;
}

static void run(char **command)
{
  char number[32];
  sprintf(number, "%ld", (long)getpid());
  setenv("QQ_PLAIN", number, 1);        /* for lib.sh: this process has been started by plain */
  execvp(*command, command);
  fprintf(stderr, "%s: %s\n", *command, strerror(errno));
  _exit(127);
}

int main(int argc, char **argv)
{
  static int const passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
  struct sigaction action;
  int status;
  size_t i;
  pid_t pid;
  if (argc < 2) return 100;
#if defined(PR_SET_CHILD_SUBREAPER)
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
  child = fork();
  if (child < 0) return 111;
  if (!child) run(argv + 1);
  memset(&action, 0, sizeof action);
  action.sa_handler = pass_on;
  for (i = 0; i < sizeof passed / sizeof *passed; i++) sigaction(passed[i], &action, 0);
  while ((pid = wait(&status)) != child)
    if (pid < 0 && errno != EINTR) return 111;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
