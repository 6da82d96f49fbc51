/* start, stop, restart, pause, continue, flush, reload. */

#include <string.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/output.h>
#include "qsvc.h"

static void report(char const *format, ...) QQ_PRINTF(1, 2);
static void report(char const *format, ...)
{
  stralloc out = STRALLOC_ZERO;
  va_list args;
  int good;
  qq_progress_hide();
  va_start(args, format);
  good = qq_vfmt(&out, format, args) && qq_fmt(&out, "\n");
  va_end(args);
  qq_demand_memory(good);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

static void die_with(char const *what, qq_server const *s)
{
  qq_die(QQ_EXIT_TROUBLE, "%s%s%s", what, s->why.len ? ": " : "", qq_server_why(s));
}

/* ---- stop and start ---- */

/* One line for each delivery that is under way, on standard error. */
static void note_deliveries(qq_instance const *i)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  stralloc arguments = STRALLOC_ZERO;
  size_t k;
  for (k = 0; k < genalloc_len(qq_member, &i->members); k++) {
    pid_t const pid = m[k].process.pid;
    arguments.len = 0;
    if (m[k].role < QQ_ROLE_LOCAL || qq_os_process_arguments(pid, &arguments) < 1) continue;
    qq_note(m[k].role == QQ_ROLE_LOCAL ? _("local delivery, process %ld: %.*s")
      : _("remote delivery, process %ld: %.*s"), (long)pid, (int)arguments.len,
      arguments.s ? arguments.s : "");
  }
  stralloc_free(&arguments);
}

/* What follows once a qmail-send that is ending has ended. */
typedef enum { STAYS_STOPPED, NEEDS_STOP, STARTS_AGAIN, NEEDS_START } sequel;

static void die_ending(char const *left, sequel then)
{
  switch (then) {
    case STAYS_STOPPED:
      qq_die(QQ_EXIT_TROUBLE, _("qmail-send is ending, but has not ended yet: %s"), left);
    case NEEDS_STOP:
      qq_die(QQ_EXIT_TROUBLE, _("qmail-send is ending, but has not ended yet: %s; systemd could "
        "not be told yet, and starts it again then: say `qsvc stop' again"), left);
    case STARTS_AGAIN:
      qq_die(QQ_EXIT_TROUBLE, _("qmail-send is ending, but has not ended yet: %s; it starts again "
        "then"), left);
    case NEEDS_START:
      qq_die(QQ_EXIT_TROUBLE, _("qmail-send is ending, but has not ended yet: %s; nothing starts "
        "it then but `qsvc start'"), left);
  }
}

static void die_unstopped(qq_server const *s, sequel then)
{
  char const *left = qq_svc_left(&s->instance);
  note_deliveries(&s->instance);
  if (!*left)
    qq_die(QQ_EXIT_TROUBLE,
      _("qmail-send has ended, but %s has not done what it was told, and may start it again"),
      s->service.name.s);
  if (!s->instance.runs)
    qq_die(QQ_EXIT_TROUBLE, _("qmail-send has ended, and left behind: %s"), left);
  die_ending(left, then);
}

/* A unit that would cut deliveries has not been told, and is not to be while there are any. */
static int does_come_back(qq_server const *s)
{
  return s->instance.runs && s->service.unit.comes_back
    && s->service.supervises != QQ_SUPERVISES_NOT && qq_server_would_cut(s);
}

static sequel stop_later(qq_server const *s)
{
  return does_come_back(s) ? NEEDS_STOP : STAYS_STOPPED;
}

/* What is to be up again must not stay down because it was waited for too short a time. */
static sequel start_later(qq_server *s)
{
  int const remembers = s->instance.runs && qq_server_remembers(s);
  return (remembers && qq_server_tell(s, QQ_ORDER_START) > 0) || does_come_back(s)
    ? STARTS_AGAIN : NEEDS_START;
}

/* To give up is good only if its supervisor starts it again by itself; else that is still to be
   done. */
static int wait_on_restarting(qq_server const *s, uint64_t waited)
{
  qq_svc_wait_on(s, waited);
  return !qq_svc_is_interrupted() || !qq_server_remembers(s);
}

/* Ends the program if qmail-send goes on. */
static qq_transition try_to_stop(qq_server *s)
{
  qq_transition const r = qq_server_stop(s);
  qq_svc_warn_left_over(s);
  if (r != QQ_TRANSITION_FAILED || !s->instance.runs) return r;
  qq_server_unguard();
  die_with(_("unable to stop qmail-send"), s);
  return r;
}

static void report_stopped(qq_server const *s, pid_t pid, qq_transition r)
{
  if (r == QQ_TRANSITION_ALREADY || (!pid && s->instance.is_shown))
    report("%s", _("qmail-send is stopped already"));
  else if (pid) report(_("qmail-send (process %ld) has stopped"), (long)pid);
  else report("%s", _("qmail-send has stopped"));
}

/* Of a process whose number is known, mostly. */
static void report_started(pid_t pid)
{
  if (pid) report(_("qmail-send (process %ld) has started"), (long)pid);
  else report("%s", _("qmail-send has started"));
}

static void report_running(pid_t pid, int is_paused)
{
  if (pid)
    report(is_paused ? _("qmail-send (process %ld) is running already, and paused (qsvc continue)")
      : _("qmail-send (process %ld) is running already"), (long)pid);
  else report("%s", is_paused ? _("qmail-send is running already, and paused (qsvc continue)")
    : _("qmail-send is running already"));
}

static void start_send(qq_server *s)
{
  qq_transition r;
  pid_t pid;
  qq_svc_warn_faults(s);
  qq_svc_warn_damage(s);
  r = qq_server_start(s);
  pid = s->instance.send;
  qq_server_unguard();
  qq_svc_warn_left_over(s);
  if (r == QQ_TRANSITION_FAILED) die_with(_("unable to start qmail-send"), s);
  if (r == QQ_TRANSITION_TIME_OVER) die_with(_("qmail-send does not come up"), s);
  if (r == QQ_TRANSITION_DONE) report_started(pid);
  else report_running(pid, s->instance.is_stopped);
}

/* What a qmail-send that was killed has left would get in the way of the next one: a qmail-todo
   that still preprocesses, for nobody. Deliveries do not: the next can start beside them, as its
   supervisor has it start. */
static void clear_leftovers(qq_server *s)
{
  qq_instance const *i = &s->instance;
  if (i->runs) return;
  if (!qq_instance_deliveries(i) && qq_server_clear(s) == QQ_TRANSITION_FAILED)
    die_with(_("unable to start qmail-send"), s);
  qq_svc_warn_left_over(s);
  qq_svc_warn_left(i);
}

int qq_svc_start(qq_server *s)
{
  clear_leftovers(s);
  start_send(s);
  return 0;
}

/* Where it works told which service it is: now nothing does. */
static void warn_if_unfound(qq_server const *s)
{
  char const *where = s->service.where.s;
  qq_server again = *s;
  if (s->service_option || s->service.supervisor >= QQ_SUPERVISOR_INIT) return;
  again.service = (qq_service)QQ_SERVICE_ZERO;
  again.why = (stralloc)STRALLOC_ZERO;
  if (qq_server_find(&again) > 0 && strcmp(again.service.where.s, where))
    qq_warn(_("%s is not found by itself as long as qmail-send is stopped:"
      " start it with --service %s%s"), where,
      s->service.supervisor == QQ_SUPERVISOR_SYSTEMD ? "systemd:" : "", where);
  qq_service_free(&again.service);
  stralloc_free(&again.why);
}

int qq_svc_stop(qq_server *s)
{
  pid_t const pid = s->instance.send;
  qq_transition const r = try_to_stop(s);
  if (r == QQ_TRANSITION_FAILED && pid)
    die_with(_("qmail-send has ended, but what starts it may start it again"), s);
  if (r == QQ_TRANSITION_FAILED) die_with(_("unable to stop qmail-send"), s);
  if (r == QQ_TRANSITION_TIME_OVER) die_unstopped(s, stop_later(s));
  report_stopped(s, pid, r);
  if (r == QQ_TRANSITION_DONE) warn_if_unfound(s);
  return 0;
}

/* Who watches over this does not wait any longer, either. */
static void give_up(qq_server *s)
{
  sequel const then = start_later(s);
  qq_server_unguard();
  die_unstopped(s, then);
}

/* It has ended, or the program does; what its service says to that must not keep it down. */
static void stop_to_start(qq_server *s)
{
  pid_t const pid = s->instance.send;
  qq_transition r;
  s->meanwhile = wait_on_restarting;
  r = try_to_stop(s);
  s->meanwhile = qq_svc_wait_on;
  if (r == QQ_TRANSITION_FAILED)
    qq_warn(_("qmail-send has ended, but what starts it was not told so: %s"), qq_server_why(s));
  else if (r == QQ_TRANSITION_TIME_OVER && s->instance.runs) give_up(s);
  else if (r == QQ_TRANSITION_TIME_OVER)
    qq_warn(_("qmail-send has ended, and left behind: %s"), qq_svc_left(&s->instance));
  report_stopped(s, pid, r);
}

int qq_svc_restart(qq_server *s)
{
  if (!qq_server_can_start(s))
    die_with(_("nothing was stopped, because it could not be started again"), s);
  qq_svc_warn_paused(s);
  qq_svc_watch_signals();       /* from here on it has to come up again */
  if (qq_server_guard(s) < 0) die_with(_("nothing was stopped"), s);
  stop_to_start(s);
  start_send(s);
  return 0;
}

/* ---- signals ---- */

static int is_not_running(void)
{
  report("%s", _("qmail-send is stopped: no signal was sent"));
  return QQ_EXIT_STOPPED;
}

static int freeze(qq_server *s, int is_to_stop, char const *failed, char const *already,
  char const *done)
{
  qq_transition r;
  if (!s->instance.runs) return is_not_running();
  r = qq_server_freeze(s, is_to_stop);
  if (r < QQ_TRANSITION_DONE) die_with(failed, s);
  report("%s", r == QQ_TRANSITION_ALREADY ? already : done);
  return 0;
}

int qq_svc_pause(qq_server *s)
{
  return freeze(s, 1, _("unable to pause qmail-send"), _("qmail-send is paused already"),
    _("qmail-send is paused: no delivery starts, those under way go on"));
}

int qq_svc_continue(qq_server *s)
{
  return freeze(s, 0, _("unable to continue qmail-send"), _("qmail-send was not paused"),
    _("qmail-send goes on"));
}

static int tell_send(qq_server *s, qq_order o)
{
  int const r = qq_server_tell(s, o);
  if (r < 0) die_with(_("unable to tell qmail-send"), s);
  if (s->instance.is_stopped)
    qq_warn("%s", _("qmail-send is paused: it acts on this when it goes on (qsvc continue)"));
  return r;
}

static void forget_hosts(qq_server const *s)
{
  if (qq_tcpto_clear(s->queue_fd) < 0)
    qq_die_unable(_("unable to clear %s/%s"), s->queue, QQ_NAME_TCPTO);
  report("%s", _("no host counts as timed out any more"));
}

int qq_svc_flush(qq_server *s)
{
  if (qq_svc_options->tcpto) forget_hosts(s);
  if (!tell_send(s, QQ_ORDER_FLUSH)) return is_not_running();
  report(_("qmail-send (process %ld) tries everything now"), (long)s->instance.send);
  return 0;
}

/* What has been changed since it was started, and stays as it was for it. */
static void warn_of_unread(qq_server const *s)
{
  uint64_t const since = qq_svc_since(&s->instance);
  qq_settings live = QQ_SETTINGS_ZERO;
  qq_setting const *one;
  if (!since || !qq_svc_load_control(s, &live)) return;
  for (one = 0; (one = qq_settings_next(&live, one)); ) {
    qq_control const *c = qq_control_find(one->name);
    if (c && c->effect == QQ_EFFECT_RESTART && one->exists && one->mtime > since)
      qq_warn(_("%s was changed after qmail-send had started: that takes `qsvc restart'"),
        one->name);
  }
  qq_settings_free(&live);
}

int qq_svc_reload(qq_server *s)
{
  if (!tell_send(s, QQ_ORDER_REREAD)) return is_not_running();
  report(_("qmail-send (process %ld) rereads locals and virtualdomains, for mail that arrives from"
    " now on; all else that it reads takes `qsvc restart'"), (long)s->instance.send);
  warn_of_unread(s);
  return 0;
}
