/* qsvc stopped COMMAND: runs it while qmail-send is down.

   Two processes see to it that qmail-send comes up again. The one that the user started, the guard, forks a worker, which does all that is to be done: stops qmail-send,
   takes the mutex, runs the command, lets go of the mutex, starts qmail-send. If the guard is killed, the worker goes on alone. If the worker is killed, the guard
   waits for what the worker was running (it adopts orphans, and finds its pid in memory that the two share), then lets go of the mutex and starts qmail-send itself. */

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
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/say.h>
#include <qq/sendmutex.h>
#include "pair.h"
#include "signals.h"

/* Above those that scripts use. */
#define MUTEX_FD_LEAST 100

qq_svc_pair *qq_svc_common;
static int mutex_fd;

/* ---- the guard ---- */

/* Waits for what the worker was running: it is our child now, where the system lets us adopt it; else its number says whether it is there. */
static void wait_for_orphan(void)
{
  pid_t const pid = qq_svc_common->child;
  if (!pid) return;
  while (waitpid(pid, 0, WNOHANG) == 0 || (errno == ECHILD && !kill(pid, 0))) {
    int const s = qq_svc_next_signal_within(50000000);
    if (s && s != SIGCHLD) kill(pid, s);
  }
}

/* Whether the worker came to telling it to stop is not known; to be told twice does no harm. */
static void stop_again(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_instance_look(&v->instance, v->queue_fd) > 0 && qq_service_look(&v->service, &v->instance) >= 0) qq_service_lend(&v->service, &v->instance);
  if (v->instance.send && v->instance.send == qq_svc_common->told) qq_service_order(&v->service, &v->instance, QQ_ORDER_STOP, &why);
  stralloc_free(&why);
}

/* The worker is dead. */
static void take_over(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  wait_for_orphan();
  qq_sendmutex_unlock(mutex_fd);
  if (!qq_svc_common->must_start) qq_die(QQ_EXIT_TROUBLE, "%s", _("the process that did the work was killed"));
  stop_again(v);
  if (qq_svc_start_again(v, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("the process that did the work was killed, and qmail-send does not come up again: %.*s"), (int)why.len, why.s);
  qq_die(QQ_EXIT_TROUBLE, "%s", _("the process that did the work was killed; qmail-send has been started again"));
}

static int guard(qq_svc *v, pid_t worker)
{
  for (;;) {
    int status, s;
    pid_t const r = waitpid(worker, &status, WNOHANG);
    if (r == worker && WIFEXITED(status) && (!qq_svc_common->must_start || qq_svc_common->has_failed)) return WEXITSTATUS(status);
    if (r) take_over(v);
    s = qq_svc_next_signal();
    if (s && s != SIGCHLD) kill(worker, s);
  }
}

/* ---- before anything is stopped ---- */

static void share(void)
{
  qq_svc_common = qq_os_share(sizeof *qq_svc_common);
  if (!qq_svc_common) qq_die_memory();
  qq_child_record_in(&qq_svc_common->child);
}

static int is_in(char const *directory, size_t n, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int good;
  if (!qq_say(&path, "%.*s%s%s", (int)n, directory, n ? "/" : "", name) || !stralloc_0(&path)) qq_die_memory();
  good = !stat(path.s, &st) && S_ISREG(st.st_mode) && !access(path.s, X_OK);
  stralloc_free(&path);
  return good;
}

/* No mail stops for a word that was mistyped. */
static void demand_command(char const *name)
{
  char const *path = getenv("PATH");
  char const *at;
  if (strchr(name, '/') ? is_in("", 0, name) : 0) return;
  for (at = path && !strchr(name, '/') ? path : ""; *at; at += strspn(at, ":")) {
    size_t const n = strcspn(at, ":");
    if (is_in(at, n, name)) return;
    at += n;
  }
  qq_die(QQ_EXIT_USAGE, _("%s: no such program; nothing was stopped"), name);
}

static void demand_way_back(qq_svc const *v)
{
  stralloc why = STRALLOC_ZERO;
  if (v->instance.runs && !qq_service_can_start(&v->service, &why))
    qq_die(QQ_EXIT_TROUBLE, _("nothing was stopped, because it could not be started again: %.*s"), (int)why.len, why.s);
  stralloc_free(&why);
}

/* Both processes have it, so that either can let go of it for all. */
static void open_mutex(qq_svc const *v)
{
  int const fd = qq_sendmutex_open(v->queue_fd);
  mutex_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, MUTEX_FD_LEAST);
  if (mutex_fd < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to open %s/%s: %s"), v->queue.s, QQ_NAME_SENDMUTEX, strerror(errno));
  close(fd);
}

int qq_svc_stopped(qq_svc *v)
{
  pid_t worker;
  demand_command(v->command[0]);
  qq_svc_lock(v);
  demand_way_back(v);
  qq_svc_warn(v);
  open_mutex(v);
  share();
  qq_os_adopt();
  qq_svc_watch_signals();
  worker = fork();
  if (worker < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to fork: %s"), strerror(errno));
  return worker ? guard(v, worker) : qq_svc_work(v, mutex_fd);
}
