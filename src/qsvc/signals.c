#include <signal.h>
#include <time.h>
#include <sys/wait.h>
#include "qsvc.h"

static sigset_t watched;

/* A signal whose default is to be ignored may be lost while it is blocked. */
static void on_child(int s)
{
  (void)s;
}

void qq_svc_watch_signals(void)
{
  /* by the terminal, SIGQUIT would end both processes at once */
  static int const ends[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };
  struct sigaction action;
  size_t i;
  signal(SIGCHLD, on_child);
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  for (i = 0; i < sizeof ends / sizeof *ends; i++)
    if (!sigaction(ends[i], 0, &action) && action.sa_handler != SIG_IGN)
      sigaddset(&watched, ends[i]);
  sigprocmask(SIG_BLOCK, &watched, 0);
  signal(SIGPIPE, SIG_IGN);     /* a warning that nobody reads must not keep qmail-send down */
}

/* What the terminal sent has gone to all who belong together, and is not handed on. */
void qq_svc_hand_on_signal(pid_t to, long nanoseconds)
{
  struct timespec const t = { 0, nanoseconds };
  siginfo_t info;
  int const s = nanoseconds ? sigtimedwait(&watched, &info, &t) : sigwaitinfo(&watched, &info);
  if (s > 0 && s != SIGCHLD && (info.si_code == SI_USER || info.si_code == SI_QUEUE)) kill(to, s);
}

pid_t qq_svc_wait_for(pid_t pid, int *status)
{
  pid_t r;
  while (!(r = waitpid(pid, status, WNOHANG))) qq_svc_hand_on_signal(pid, 0);
  return r;
}

int qq_svc_is_interrupted(void)
{
  static struct timespec const now = { 0, 0 };
  sigset_t set = watched;
  sigdelset(&set, SIGCHLD);
  return sigtimedwait(&set, 0, &now) > 0;
}
