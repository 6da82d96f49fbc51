#include <signal.h>
#include <time.h>
#include "qsvc.h"

static sigset_t watched;

/* A signal whose default is to be ignored may be lost while it is blocked. */
static void on_child(int s)
{
  (void)s;
}

static void watch_unless_ignored(int s)
{
  struct sigaction action;
  if (!sigaction(s, 0, &action) && action.sa_handler != SIG_IGN) sigaddset(&watched, s);
}

void qq_svc_watch_signals(void)
{
  signal(SIGCHLD, on_child);
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  watch_unless_ignored(SIGTERM);
  watch_unless_ignored(SIGINT);
  watch_unless_ignored(SIGQUIT);        /* by the terminal, it would end both processes at once */
  watch_unless_ignored(SIGHUP);
  sigprocmask(SIG_BLOCK, &watched, 0);
  signal(SIGPIPE, SIG_IGN);     /* a warning that nobody reads must not keep qmail-send down */
}

int qq_svc_next_signal(long nanoseconds)
{
  struct timespec const t = { 0, nanoseconds };
  siginfo_t info;
  int const s = nanoseconds ? sigtimedwait(&watched, &info, &t) : sigwaitinfo(&watched, &info);
  if (s == SIGCHLD || (s > 0 && (info.si_code == SI_USER || info.si_code == SI_QUEUE))) return s;
  return 0;
}

int qq_svc_is_interrupted(void)
{
  static struct timespec const now = { 0, 0 };
  sigset_t set = watched;
  sigdelset(&set, SIGCHLD);
  return sigtimedwait(&set, 0, &now) > 0;
}
