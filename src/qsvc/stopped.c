/* qsvc stopped COMMAND: runs it while qmail-send is down.

   Two processes see to it that qmail-send comes up again. The one that the user started, the guard, forks a worker, which does all that is to be done: stops qmail-send,
   takes the mutex, runs the command, lets go of the mutex, starts qmail-send. If the guard is killed, the worker goes on alone. If the worker is killed, the guard
   waits for what the worker was running (it adopts orphans, and finds its pid in memory that the two share), then lets go of the mutex and starts qmail-send itself. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/progress.h>
#include <qq/say.h>
#include <qq/sendmutex.h>
#include <qq/when.h>
#include "place.h"

/* Above those that scripts use. */
#define MUTEX_FD_LEAST 100

/* A starting qmail-send has the mutex a moment before it reads the trigger; so has whoever asks for it. */
#define LOCK_TIMES 20
#define LOCK_NANOSECONDS 50000000

/* What the two know of each other's work. */
typedef struct shared {
  pid_t volatile child;         /* what the worker waits for; 0: nothing */
  int volatile must_start;      /* qmail-send ran, and has been or will be told to stop */
  pid_t volatile told;          /* which one */
  int volatile has_failed;      /* it cannot be started, and the worker has said why */
} shared;

static shared *common;
static int mutex_fd;
static sigset_t watched;        /* CHLD, and of TERM, INT, QUIT, HUP what was not ignored when this began (nohup(1), a job in the background of a script) */

static void share(void)
{
  common = qq_os_share(sizeof *common);
  if (!common) qq_die_memory();
  qq_child_record_in(&common->child);
}

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

static void watch_signals(void)
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

/* The next of the watched signals; those that came from the terminal have gone to all, and count as 0. */
static int next_signal(void)
{
  siginfo_t info;
  int const s = sigwaitinfo(&watched, &info);
  if (s < 0) return 0;
  return s == SIGCHLD || info.si_code == SI_USER || info.si_code == SI_QUEUE ? s : 0;
}

/* Says whether somebody wants this to end. */
static int is_interrupted(void)
{
  static struct timespec const now = { 0, 0 };
  sigset_t set = watched;
  sigdelset(&set, SIGCHLD);
  return sigtimedwait(&set, 0, &now) > 0;
}

/* ---- the worker ---- */

static int meanwhile(void *v, qq_instance const *i, uint64_t waited)
{
  return qq_svc_wait_on(v, i, waited) && !is_interrupted();
}

/* What is still ending, and would not be started again when it has: that takes as long as its deliveries do. Returns 1, or -1. */
static int wait_for_end(qq_svc *v, stralloc *why)
{
  qq_turn t;
  if (!v->instance.send || v->instance.send != common->told || qq_service_remembers(&v->service)) return 1;
  qq_svc_turn(v, &t, 0);
  t.deadline = 0;
  t.told = common->told;
  qq_warn("%s", _("qmail-send can be started again only when it has ended: waiting for that"));
  if (qq_turn_end(&t, why) == QQ_TURN_FAILED && v->instance.send == common->told) return -1;
  why->len = 0;                 /* something was faster, a unit with Restart=always: so it is up */
  return 1;
}

/* Returns 1: qmail-send is up again; -1 with the reason: it is not, or on its way only. Nothing keeps it from coming up. */
static int try_to_start(qq_svc *v, stralloc *why)
{
  qq_turned turned;
  qq_turn t;
  if (qq_instance_look(&v->instance, v->queue_fd) < 0 || qq_service_look(&v->service, &v->instance) < 0 || wait_for_end(v, why) < 0) return -1;
  qq_svc_turn(v, &t, QQ_START_SECONDS);
  t.told = common->told;
  turned = qq_turn_start(&t, why);
  if (turned == QQ_TURN_FAILED) return -1;
  common->must_start = 0;       /* its supervisor has been told, and cannot be told more */
  return turned == QQ_TURN_TIME_OVER ? -1 : 1;
}

static int start_again(qq_svc *v, stralloc *why)
{
  int const r = try_to_start(v, why);
  common->has_failed = r < 0;
  return r;
}

static void die_started(qq_svc *v, char const *what, stralloc const *reason)
{
  stralloc why = STRALLOC_ZERO;
  qq_progress_hide();
  qq_warn("%s%s%.*s", what, reason->len ? ": " : "", (int)reason->len, reason->len ? reason->s : "");
  if (common->must_start && start_again(v, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("qmail-send is not up again yet: %.*s"), (int)why.len, why.s);
  qq_die(QQ_EXIT_TROUBLE, "%s", _("the command was not run"));
}

static void stop(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  qq_turned turned;
  qq_turn t;
  if (!v->instance.runs) return;
  if (v->instance.is_stopped) qq_warn("%s", _("qmail-send is paused, and will not be when it is started again"));
  qq_svc_turn(v, &t, 0);
  t.meanwhile = meanwhile;
  common->told = v->instance.send;
  common->must_start = 1;
  turned = qq_turn_stop(&t, &why);
  if (turned == QQ_TURN_TIME_OVER) qq_svc_say_left(&why, &v->instance);
  if (turned == QQ_TURN_TIME_OVER) die_started(v, _("qmail-send has not ended in time, or this was interrupted"), &why);
  if (turned == QQ_TURN_FAILED) die_started(v, _("unable to stop qmail-send"), &why);
  stralloc_free(&why);
}

static void lock(qq_svc *v)
{
  static struct timespec const pause = { 0, LOCK_NANOSECONDS };
  stralloc why = STRALLOC_ZERO;
  pid_t holder;
  int i, r = 0;
  for (i = 0; i < LOCK_TIMES && !r; i++) {
    if (i) nanosleep(&pause, 0);
    r = qq_sendmutex_lock(mutex_fd);
  }
  if (r > 0 && qq_trigger_has_reader(v->queue_fd) != 1) return;
  qq_say(&why, _("%s/%s"), v->queue.s, r > 0 ? QQ_NAME_TRIGGER : QQ_NAME_SENDMUTEX);
  if (r <= 0 && qq_sendmutex_holder(v->queue_fd, &holder) > 0 && holder) qq_say(&why, _(" (process %ld)"), (long)holder);
  if (r > 0) qq_sendmutex_unlock(mutex_fd);
  die_started(v, r > 0 ? _("somebody still reads the trigger") : _("the mutex is taken by somebody else"), &why);
}

/* Passes on what the worker is told, until the command has ended. Returns its exit code. */
static int wait_for(pid_t pid)
{
  for (;;) {
    int status;
    pid_t const r = waitpid(pid, &status, WNOHANG);
    int s;
    if (r == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (r < 0 && errno == ECHILD) return QQ_EXIT_TROUBLE;
    s = next_signal();
    if (s && s != SIGCHLD) kill(pid, s);
  }
}

static void set_variable(char const *name, char const *value)
{
  if (setenv(name, value, 1) < 0) qq_die_memory();
}

static int run(qq_svc *v)
{
  char number[16];
  pid_t pid;
  int code;
  snprintf(number, sizeof number, "%d", mutex_fd);
  set_variable(QQ_VARIABLE_MUTEX, number);
  set_variable(QQ_VARIABLE_QUEUE, v->queue.s);
  if (*v->home.s) set_variable(QQ_VARIABLE_HOME, v->home.s);
  if (fcntl(mutex_fd, F_SETFD, 0) < 0) return QQ_EXIT_TROUBLE;
  pid = qq_child_start(v->command, -1);
  fcntl(mutex_fd, F_SETFD, FD_CLOEXEC);
  if (pid < 0) {
    qq_warn(_("unable to run %s: %s"), v->command[0], strerror(errno));
    return QQ_EXIT_TROUBLE;
  }
  code = wait_for(pid);
  common->child = 0;
  unsetenv(QQ_VARIABLE_MUTEX);
  return code;
}

/* Returns the exit code of the command, or 111 if qmail-send does not come up. */
static int work(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  int code;
  stop(v);
  lock(v);
  qq_progress_hide();
  code = run(v);
  qq_sendmutex_unlock(mutex_fd);
  if (common->must_start && start_again(v, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("the command has ended (exit code %d), but qmail-send does not come up again: %.*s"), code, (int)why.len, why.s);
  return code;
}

/* ---- the guard ---- */

/* Waits for what the worker was running: it is our child now, where the system lets us adopt it. */
static void wait_for_orphan(void)
{
  static struct timespec const pause = { 0, 50000000 };
  pid_t const pid = common->child;
  qq_os_process p;
  if (!pid) return;
  while (waitpid(pid, 0, WNOHANG) == 0 || (errno == ECHILD && qq_os_process_look(pid, &p) == 1)) {
    int const s = sigtimedwait(&watched, 0, &pause);
    if (s > 0 && s != SIGCHLD) kill(pid, s);
  }
}

/* Whether the worker came to telling it to stop is not known; to be told twice does no harm. */
static void stop_again(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_instance_look(&v->instance, v->queue_fd) > 0 && v->instance.send && v->instance.send == common->told) {
    qq_service_look(&v->service, &v->instance);
    qq_service_order(&v->service, &v->instance, QQ_ORDER_STOP, &why);
  }
  stralloc_free(&why);
}

/* The worker is dead. */
static void take_over(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  wait_for_orphan();
  qq_sendmutex_unlock(mutex_fd);
  if (!common->must_start) qq_die(QQ_EXIT_TROUBLE, "%s", _("the process that did the work was killed"));
  stop_again(v);
  if (start_again(v, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("the process that did the work was killed, and qmail-send does not come up again: %.*s"), (int)why.len, why.s);
  qq_die(QQ_EXIT_TROUBLE, "%s", _("the process that did the work was killed; qmail-send has been started again"));
}

static int guard(qq_svc *v, pid_t worker)
{
  for (;;) {
    int status, s;
    pid_t const r = waitpid(worker, &status, WNOHANG);
    if (r == worker && WIFEXITED(status) && (!common->must_start || common->has_failed)) return WEXITSTATUS(status);
    if (r) take_over(v);
    s = next_signal();
    if (s && s != SIGCHLD) kill(worker, s);
  }
}

/* ---- before anything is stopped ---- */

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
  watch_signals();
  worker = fork();
  if (worker < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to fork: %s"), strerror(errno));
  return worker ? guard(v, worker) : work(v);
}
