/* qsvc stopped COMMAND: runs it while qmail-send is down.

   Two processes see to it that qmail-send comes up again. The one that the user started, the guard,
   forks a worker, which does all that is to be done: stops qmail-send, takes the mutex, runs the
   command, lets go of the mutex, starts qmail-send. If the guard is killed, the worker goes on
   alone. If the worker is killed, the guard waits for what the worker was running (it adopts
   orphans, and finds its pid in memory that the two share), then lets go of the mutex and starts
   qmail-send itself. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include "qsvc.h"

/* Above those that scripts use. */
#define MUTEX_FD_LEAST 100

qq_svc_pair *qq_svc_common;
static int mutex_fd;

/* ---- the guard ---- */

/* Waits for what the worker was running: it is our child now, where the system lets us adopt it;
   else its number says whether it is there. */
static void wait_for_orphan(void)
{
  pid_t const pid = qq_svc_common->child;
  if (!pid) return;
  while (waitpid(pid, 0, WNOHANG) == 0 || (errno == ECHILD && !kill(pid, 0)))
    qq_svc_hand_on_signal(pid, 50000000);
}

/* Whether the worker came to telling it to stop is not known; to be told twice does no harm. */
static void stop_again(qq_server *s)
{
  pid_t const told = qq_svc_common->told_to_end;
  qq_server_look(s);
  if (s->instance.send && s->instance.send == told) qq_server_tell(s, QQ_ORDER_STOP);
}

/* The worker is dead. Ends the program. */
static void take_over(qq_server *s)
{
  wait_for_orphan();
  qq_sendmutex_unlock(mutex_fd);
  if (!qq_svc_common->must_start)
    qq_die(QQ_EXIT_TROUBLE, "%s", _("the process that did the work was killed"));
  stop_again(s);
  if (qq_svc_start_again(s) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("the process that did the work was killed,"
      " and qmail-send does not come up again: %s"), qq_server_why(s));
  qq_die(QQ_EXIT_TROUBLE, "%s",
    _("the process that did the work was killed; qmail-send has been started again"));
}

static int guard(qq_server *s, pid_t worker)
{
  int status;
  pid_t const r = qq_svc_wait_for(worker, &status);
  int const is_over = !qq_svc_common->must_start || qq_svc_common->has_failed;
  if (r < 0 || !WIFEXITED(status) || !is_over) take_over(s);
  return WEXITSTATUS(status);
}

/* ---- before anything is stopped ---- */

static int is_in(char const *directory, size_t n, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int can_run;
  qq_must_fmt(&path, "%.*s%s%s", (int)n, directory, n ? "/" : "", name);
  can_run = !stat(path.s, &st) && S_ISREG(st.st_mode) && !access(path.s, X_OK);
  stralloc_free(&path);
  return can_run;
}

/* A path, or a name in $PATH, which may begin with an empty one: that is the directory that we are
   in. */
static int is_program(char const *name)
{
  char const *at = getenv("PATH");
  size_t n;
  if (strchr(name, '/')) return is_in("", 0, name);
  if (!at) return 0;
  if (*at == ':' && is_in("", 0, name)) return 1;
  for (; (n = qq_next_path(&at)); at += n) if (is_in(at, n, name)) return 1;
  return 0;
}

/* Both processes have it, so that either can let go of it for all. */
static void open_mutex(qq_server const *s)
{
  int const fd = qq_sendmutex_open(s->queue_fd);
  mutex_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, MUTEX_FD_LEAST);
  if (mutex_fd < 0) qq_die_unable(_("unable to open %s/%s"), s->queue, QQ_NAME_SENDMUTEX);
  close(fd);
}

int qq_svc_stopped(qq_server *s)
{
  char const *name = qq_svc_options->command[0];
  pid_t worker;
  /* no mail stops for a word that was mistyped */
  if (!is_program(name)) qq_die(QQ_EXIT_USAGE, _("%s: no such program; nothing was stopped"), name);
  qq_svc_lock(s);
  if (s->instance.runs && !qq_server_can_start(s))
    qq_die(QQ_EXIT_TROUBLE, _("nothing was stopped, because it could not be started again: %s"),
      qq_server_why(s));
  qq_svc_warn(s);
  open_mutex(s);
  qq_svc_common = qq_os_share(sizeof *qq_svc_common);
  qq_demand_memory(qq_svc_common != 0);
  qq_child_record_in(&qq_svc_common->child);
  qq_os_adopt();
  qq_svc_watch_signals();
  worker = fork();
  if (worker < 0) qq_die_unable("%s", _("unable to fork"));
  return worker ? guard(s, worker) : qq_svc_work(s, mutex_fd);
}
