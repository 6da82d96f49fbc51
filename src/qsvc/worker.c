#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/progress.h>
#include <qq/sendmutex.h>
#include "pair.h"
#include "signals.h"

static int meanwhile(void *v, qq_instance const *i, uint64_t waited)
{
  return qq_svc_wait_on(v, i, waited) && !qq_svc_is_interrupted();
}

static void die_started(qq_svc *v, char const *what, stralloc const *reason)
{
  stralloc why = STRALLOC_ZERO;
  qq_progress_hide();
  qq_warn("%s%s%.*s", what, reason->len ? ": " : "", (int)reason->len, reason->len ? reason->s : "");
  if (qq_svc_common->must_start && qq_svc_start_again(v, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("the command was not run, and qmail-send is not up again yet: %.*s"), (int)why.len, why.s);
  qq_die(QQ_EXIT_TROUBLE, "%s", _("the command was not run"));
}

static void stop(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  qq_turned turned;
  qq_turn t;
  qq_svc_turn(v, &t, 0);
  t.meanwhile = meanwhile;
  if (!v->instance.runs) {
    qq_turn_clear(&t, &why);    /* what is left nonetheless shows when the locks are taken */
    qq_svc_warn_left_over(&t);
    return;
  }
  if (v->instance.is_stopped) qq_warn("%s", _("qmail-send is paused, and will not be when it is started again"));
  qq_svc_common->told = v->instance.send;
  qq_svc_common->must_start = 1;
  turned = qq_turn_stop(&t, &why);
  qq_svc_common->told = t.told;
  qq_svc_warn_left_over(&t);
  if (turned == QQ_TURN_TIME_OVER) qq_svc_say_left(&why, &v->instance);
  if (turned == QQ_TURN_TIME_OVER) die_started(v, _("qmail-send has not ended in time, or this was interrupted"), &why);
  if (turned == QQ_TURN_FAILED) die_started(v, _("unable to stop qmail-send"), &why);
  stralloc_free(&why);
}

static void lock(qq_svc *v, int mutex_fd)
{
  int const r = qq_sendmutex_lock_soon(mutex_fd);       /* whoever asks for it has it for a moment */
  stralloc why = STRALLOC_ZERO;
  pid_t holder;
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
    s = qq_svc_next_signal();
    if (s && s != SIGCHLD) kill(pid, s);
  }
}

static void set_variable(char const *name, char const *value)
{
  if (setenv(name, value, 1) < 0) qq_die_memory();
}

static int run(qq_svc *v, int mutex_fd)
{
  char number[16];
  pid_t pid;
  int code;
  snprintf(number, sizeof number, "%d", mutex_fd);
  set_variable(QQ_VARIABLE_MUTEX, number);
  set_variable(QQ_VARIABLE_QUEUE, v->queue.s);
  if (*v->home.s) set_variable(QQ_VARIABLE_HOME, v->home.s);
  if (fcntl(mutex_fd, F_SETFD, 0) < 0) return QQ_EXIT_TROUBLE;
  pid = qq_child_start(v->command);
  fcntl(mutex_fd, F_SETFD, FD_CLOEXEC);
  if (pid < 0) {
    qq_warn(_("unable to run %s: %s"), v->command[0], strerror(errno));
    return QQ_EXIT_TROUBLE;
  }
  code = wait_for(pid);
  qq_svc_common->child = 0;
  unsetenv(QQ_VARIABLE_MUTEX);  /* what starts qmail-send has no use for these */
  unsetenv(QQ_VARIABLE_QUEUE);
  unsetenv(QQ_VARIABLE_HOME);
  return code;
}

int qq_svc_work(qq_svc *v, int mutex_fd)
{
  stralloc why = STRALLOC_ZERO;
  int code;
  stop(v);
  lock(v, mutex_fd);
  qq_progress_hide();
  if (qq_svc_is_interrupted()) {
    qq_sendmutex_unlock(mutex_fd);
    die_started(v, _("this was interrupted"), &why);
  }
  code = run(v, mutex_fd);
  qq_sendmutex_unlock(mutex_fd);
  if (qq_svc_common->must_start && qq_svc_start_again(v, &why) < 0) qq_die(QQ_EXIT_TROUBLE, _("the command has ended (exit code %d), but qmail-send does not come up again: %.*s"), code, (int)why.len, why.s);
  return code;
}
