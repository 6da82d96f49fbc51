#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <qq/child.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include "qsvc.h"

/* ---- starting it again, as the guard does, too ---- */

/* What is still ending, and would not be started again when it has: that takes as long as its
   deliveries do. Unless something is faster, as a unit with Restart=always. Returns 1, or -1. */
static int wait_for_end(qq_server *s)
{
  if (!qq_server_must_end_first(s)) return 1;
  qq_warn("%s", _("qmail-send can be started again only when it has ended: waiting for that"));
  if (qq_server_wait_for_end(s) != QQ_TRANSITION_FAILED) return 1;
  return s->instance.send == s->told_to_end ? -1 : 1;
}

/* The command may have put another queue into the place of this one. */
static int look_again(qq_server *s)
{
  int const fd = open(s->queue, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  close(s->queue_fd);
  s->queue_fd = fd;
  return qq_server_look(s);
}

/* Without a queue that can be looked at: at least its supervisor knows that it is to be up. */
static int start_blindly(qq_server *s)
{
  int const e = errno;
  if (qq_server_tell(s, QQ_ORDER_START) > 0) qq_svc_common->must_start = 0;
  s->why.len = 0;
  errno = e;
  return qq_unable(&s->why, _("unable to look at the queue %s"), s->queue);
}

static int try_to_start(qq_server *s)
{
  qq_transition r;
  s->meanwhile = qq_svc_wait_on;
  if (look_again(s) < 0) return start_blindly(s);
  s->told_to_end = qq_svc_common->told_to_end;
  if (wait_for_end(s) < 0) return -1;
  r = qq_server_start(s);
  qq_svc_warn_left_over(s);
  if (r == QQ_TRANSITION_FAILED) return -1;
  qq_svc_common->must_start = 0;        /* its supervisor has been told, and cannot be told more */
  return r == QQ_TRANSITION_TIME_OVER ? -1 : 1;
}

int qq_svc_start_again(qq_server *s)
{
  int const r = try_to_start(s);
  qq_svc_common->has_failed = r < 0;
  return r;
}

/* ---- the worker ---- */

static int wait_on_stopping(qq_server const *s, uint64_t waited)
{
  return qq_svc_wait_on(s, waited) && !qq_svc_is_interrupted();
}

/* Because of why, if that says something. */
static void die_started(qq_server *s, char const *what)
{
  qq_warn("%s%s%s", what, s->why.len ? ": " : "", qq_server_why(s));
  if (qq_svc_common->must_start && qq_svc_start_again(s) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("the command was not run, and qmail-send is not up again yet: %s"),
      qq_server_why(s));
  qq_die(QQ_EXIT_TROUBLE, "%s", _("the command was not run"));
}

/* What is left of one that was killed, and does not end, shows when the locks are taken. */
static void stop_send(qq_server *s)
{
  qq_transition r;
  if (!s->instance.runs) {
    qq_server_clear(s);
    qq_svc_warn_left_over(s);
    return;
  }
  qq_svc_warn_paused(s);
  qq_svc_common->told_to_end = s->instance.send;
  qq_svc_common->must_start = 1;
  r = qq_server_stop(s);
  qq_svc_common->told_to_end = s->told_to_end;
  qq_svc_warn_left_over(s);
  if (r == QQ_TRANSITION_FAILED) die_started(s, _("unable to stop qmail-send"));
  if (r != QQ_TRANSITION_TIME_OVER) return;
  qq_fmt(&s->why, "%s", qq_svc_left(&s->instance));
  die_started(s, _("qmail-send has not ended in time, or this was interrupted"));
}

static void take_mutex(qq_server *s, int mutex_fd)
{
  /* whoever asks for it has it for a moment */
  int const is_locked = qq_sendmutex_lock_soon(mutex_fd) > 0;
  pid_t holder;
  if (is_locked && qq_trigger_has_reader(s->queue_fd) != 1) return;
  s->why.len = 0;
  qq_fmt(&s->why, "%s/%s", s->queue, is_locked ? QQ_NAME_TRIGGER : QQ_NAME_SENDMUTEX);
  if (is_locked) {
    qq_sendmutex_unlock(mutex_fd);
    die_started(s, _("somebody still reads the trigger"));
  }
  if (qq_sendmutex_holder(s->queue_fd, &holder) > 0 && holder)
    qq_fmt(&s->why, _(" (process %ld)"), (long)holder);
  die_started(s, _("the mutex is taken by somebody else"));
}

/* For the command, and for nobody else: what starts qmail-send has no use for these. */
static void set_variables(qq_server const *s, int mutex_fd)
{
  char number[16];
  snprintf(number, sizeof number, "%d", mutex_fd);
  qq_demand_memory(!setenv(QQ_VARIABLE_MUTEX, number, 1) && !setenv(QQ_VARIABLE_QUEUE, s->queue, 1)
    && (!*s->home || !setenv(QQ_VARIABLE_HOME, s->home, 1)));
}

static void unset_variables(void)
{
  unsetenv(QQ_VARIABLE_MUTEX);
  unsetenv(QQ_VARIABLE_QUEUE);
  unsetenv(QQ_VARIABLE_HOME);
}

static int run_command(qq_server const *s, int mutex_fd)
{
  char const *const *command = qq_svc_options->command;
  pid_t pid;
  int status, is_known;
  set_variables(s, mutex_fd);
  if (fcntl(mutex_fd, F_SETFD, 0) < 0) return QQ_EXIT_TROUBLE;
  pid = qq_child_start(command);
  fcntl(mutex_fd, F_SETFD, FD_CLOEXEC);
  if (pid < 0) {
    qq_warn(_("unable to run %s: %s"), command[0], strerror(errno));
    return QQ_EXIT_TROUBLE;
  }
  is_known = qq_svc_wait_for(pid, &status) == pid;
  qq_svc_common->child = 0;
  unset_variables();
  if (!is_known) return QQ_EXIT_TROUBLE;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int qq_svc_work(qq_server *s, int mutex_fd)
{
  int code;
  s->meanwhile = wait_on_stopping;
  stop_send(s);
  take_mutex(s, mutex_fd);
  qq_progress_hide();
  if (qq_svc_is_interrupted()) {
    qq_sendmutex_unlock(mutex_fd);
    s->why.len = 0;
    die_started(s, _("this was interrupted"));
  }
  code = run_command(s, mutex_fd);
  qq_sendmutex_unlock(mutex_fd);
  if (qq_svc_common->must_start && qq_svc_start_again(s) < 0)
    qq_die(QQ_EXIT_TROUBLE,
      _("the command has ended (exit code %d), but qmail-send does not come up again: %s"), code,
      qq_server_why(s));
  return code;
}
