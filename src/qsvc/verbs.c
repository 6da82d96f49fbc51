/* start, stop, restart, pause, continue, flush, reload. */

#include <errno.h>
#include <string.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/output.h>
#include <qq/progress.h>
#include <qq/settings.h>
#include <qq/tcpto.h>
#include <qq/when.h>
#include "place.h"
#include "signals.h"

static void tell(char const *format, ...) QQ_PRINTF(1, 2);
static void tell(char const *format, ...)
{
  stralloc out = STRALLOC_ZERO;
  va_list args;
  int good;
  qq_progress_hide();
  va_start(args, format);
  good = qq_vsay(&out, format, args) && qq_say(&out, "\n");
  va_end(args);
  if (!good) qq_die_memory();
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

/* Of a process whose number is known, mostly. */
static void tell_did(pid_t pid, char const *did)
{
  if (pid) tell(_("qmail-send (process %ld) %s"), (long)pid, did);
  else tell(_("qmail-send %s"), did);
}

static void die_with(char const *what, stralloc const *why)
{
  if (why->len) qq_die(QQ_EXIT_TROUBLE, "%s: %.*s", what, (int)why->len, why->s);
  qq_die(QQ_EXIT_TROUBLE, "%s", what);
}

/* ---- stop and start ---- */

static void die_unstopped(qq_svc *v, char const *what_then)
{
  stralloc left = STRALLOC_ZERO;
  qq_svc_say_left(&left, &v->instance);
  qq_progress_hide();
  qq_svc_note_deliveries(&v->instance);
  if (!left.len) qq_die(QQ_EXIT_TROUBLE, _("qmail-send has ended, but %s (%s) has not done what it was told, and may start it again"), v->service.where.s, qq_supervisor_word(v->service.supervisor));
  if (v->instance.runs) qq_die(QQ_EXIT_TROUBLE, _("qmail-send is ending, but has not ended yet: %.*s%s"), (int)left.len, left.s, what_then);
  qq_die(QQ_EXIT_TROUBLE, _("qmail-send has ended, and left behind: %.*s"), (int)left.len, left.s);
}

static int does_come_back(qq_svc const *v)
{
  return v->instance.runs && v->service.comes_back && v->service.supervises != QQ_SUPERVISES_NOT;
}

/* A unit that is outrun has not been told, and is not to be while there are deliveries. */
static char const *stop_later(qq_svc const *v)
{
  return does_come_back(v) && qq_service_is_outrun(&v->service, &v->instance) ? _("; systemd could not be told yet, and starts it again then: say `qsvc stop' again") : "";
}

/* What is to be up again must not stay down because it was waited for too short a time. */
static char const *start_later(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  int const told = v->instance.runs && qq_service_remembers(&v->service) && qq_service_order(&v->service, &v->instance, QQ_ORDER_START, &why) > 0;
  stralloc_free(&why);
  return told || (does_come_back(v) && qq_service_is_outrun(&v->service, &v->instance)) ? _("; it starts again then") : _("; nothing starts it then but `qsvc start'");
}

/* Of a qmail-send that was killed: the next can start beside it, as its supervisor has it start. */
static int is_only_left(qq_instance const *i)
{
  return !i->runs && !qq_instance_count(i, QQ_ROLE_LOCAL) && !qq_instance_count(i, QQ_ROLE_REMOTE);
}

static void warn_left(qq_svc *v)
{
  stralloc left = STRALLOC_ZERO;
  qq_svc_say_left(&left, &v->instance);
  qq_progress_hide();
  qq_warn(_("qmail-send has ended, and left behind: %.*s"), (int)left.len, left.s);
  stralloc_free(&left);
}

/* To give up is good only if its supervisor starts it again by itself; else that is still to be done. */
static int meanwhile_restarting(void *v, qq_instance const *i, uint64_t waited)
{
  qq_svc_wait_on(v, i, waited);
  return !qq_svc_is_interrupted() || !qq_service_remembers(&((qq_svc *)v)->service);
}

/* Ends the program if qmail-send goes on. */
static qq_turned try_to_stop(qq_svc *v, int (*meanwhile)(void *, qq_instance const *, uint64_t), stralloc *why)
{
  qq_turned turned;
  qq_turn t;
  qq_svc_turn(v, &t, 0);
  t.meanwhile = meanwhile;
  turned = qq_turn_stop(&t, why);
  qq_svc_warn_left_over(&t);
  if (turned == QQ_TURN_FAILED && v->instance.runs) die_with(_("unable to stop qmail-send"), why);
  return turned;
}

static void tell_stopped(qq_svc const *v, pid_t pid, qq_turned turned)
{
  if (turned == QQ_TURN_ALREADY || (!pid && v->instance.is_shown)) tell("%s", _("qmail-send is stopped already"));
  else tell_did(pid, _("has stopped"));
}

static qq_turned start(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  qq_turned turned;
  qq_turn t;
  qq_svc_turn(v, &t, QQ_START_SECONDS);
  turned = qq_turn_start(&t, &why);
  if (turned == QQ_TURN_FAILED) die_with(_("unable to start qmail-send"), &why);
  if (turned == QQ_TURN_TIME_OVER) die_with(_("qmail-send does not come up"), &why);
  tell_did(v->instance.send, turned == QQ_TURN_DONE ? _("has started") : v->instance.is_stopped ? _("runs already, and is paused (qsvc continue)") : _("runs already"));
  stralloc_free(&why);
  return turned;
}

/* What a qmail-send that was killed has left would get in the way of the next one: a qmail-todo that still preprocesses, for nobody. Deliveries do not. */
static void clear(qq_svc *v)
{
  stralloc left = STRALLOC_ZERO, why = STRALLOC_ZERO;
  qq_turn t;
  if (v->instance.runs) return;
  qq_svc_turn(v, &t, 0);
  if (is_only_left(&v->instance) && qq_turn_clear(&t, &why) == QQ_TURN_FAILED) die_with(_("unable to start qmail-send"), &why);
  qq_svc_warn_left_over(&t);
  qq_svc_say_left(&left, &v->instance);
  if (left.len) qq_warn(_("left over from a qmail-send that has ended: %.*s"), (int)left.len, left.s);
  stralloc_free(&left);
  stralloc_free(&why);
}

int qq_svc_start(qq_svc *v)
{
  qq_svc_lock(v);
  clear(v);
  start(v);
  return 0;
}

/* Where it works told which service it is: now nothing does. */
static void warn_if_unfound(qq_svc const *v)
{
  qq_service found = QQ_SERVICE_ZERO;
  stralloc why = STRALLOC_ZERO;
  qq_service const *s = &v->service;
  if (!v->said && s->supervisor < QQ_SUPERVISOR_INIT && qq_service_find(&found, 0, &v->instance, v->home.s, &why) > 0 && strcmp(found.where.s, s->where.s))
    qq_warn(_("%s is not found by itself as long as qmail-send is stopped: start it with --service %s%s"), s->where.s, s->supervisor == QQ_SUPERVISOR_SYSTEMD ? "systemd:" : "", s->where.s);
  qq_service_free(&found);
  stralloc_free(&why);
}

int qq_svc_stop(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  qq_turned turned;
  pid_t pid;
  qq_svc_lock(v);
  pid = v->instance.send;
  turned = try_to_stop(v, qq_svc_wait_on, &why);
  if (turned == QQ_TURN_FAILED) die_with(pid ? _("qmail-send has ended, but what starts it may start it again") : _("unable to stop qmail-send"), &why);
  if (turned == QQ_TURN_TIME_OVER) die_unstopped(v, stop_later(v));
  tell_stopped(v, pid, turned);
  if (turned == QQ_TURN_DONE) warn_if_unfound(v);
  stralloc_free(&why);
  return 0;
}

/* It has ended, or the program does; what its service says to that must not keep it down. */
static void stop_to_start(qq_svc *v)
{
  pid_t const pid = v->instance.send;
  stralloc why = STRALLOC_ZERO;
  qq_turned const turned = try_to_stop(v, meanwhile_restarting, &why);
  if (turned == QQ_TURN_FAILED) qq_warn(_("qmail-send has ended, but what starts it was not told so: %.*s"), (int)why.len, why.s);
  else if (turned == QQ_TURN_TIME_OVER && v->instance.runs) die_unstopped(v, start_later(v));
  else if (turned == QQ_TURN_TIME_OVER) warn_left(v);
  tell_stopped(v, pid, turned);
  stralloc_free(&why);
}

int qq_svc_restart(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  qq_svc_lock(v);
  if (!qq_service_can_start(&v->service, &why)) die_with(_("nothing was stopped, because it could not be started again"), &why);
  if (v->instance.is_stopped) qq_warn("%s", _("qmail-send is paused, and will not be when it is started again"));
  qq_svc_watch_signals();       /* from here on it has to come up again */
  stop_to_start(v);
  start(v);
  stralloc_free(&why);
  return 0;
}

/* ---- signals ---- */

static int is_not_running(void)
{
  tell("%s", _("qmail-send is stopped: nobody was told"));
  return QQ_EXIT_STOPPED;
}

static int freeze(qq_svc *v, qq_turned (*turn)(qq_turn *, stralloc *), char const *failed, char const *already, char const *done)
{
  stralloc why = STRALLOC_ZERO;
  qq_turned turned;
  qq_turn t;
  qq_svc_lock(v);
  if (!v->instance.runs) return is_not_running();
  qq_svc_turn(v, &t, QQ_START_SECONDS);
  turned = turn(&t, &why);
  if (turned < QQ_TURN_DONE) die_with(failed, &why);
  tell("%s", turned == QQ_TURN_ALREADY ? already : done);
  stralloc_free(&why);
  return 0;
}

int qq_svc_pause(qq_svc *v)
{
  return freeze(v, qq_turn_pause, _("unable to pause qmail-send"), _("qmail-send is paused already"), _("qmail-send is paused: no delivery starts, those under way go on"));
}

int qq_svc_continue(qq_svc *v)
{
  return freeze(v, qq_turn_continue, _("unable to continue qmail-send"), _("qmail-send was not paused"), _("qmail-send goes on"));
}

static int order(qq_svc *v, qq_order o)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_service_order(&v->service, &v->instance, o, &why);
  if (r < 0) die_with(_("unable to tell qmail-send"), &why);
  if (v->instance.is_stopped) qq_warn("%s", _("qmail-send is paused: it acts on this when it goes on (qsvc continue)"));
  stralloc_free(&why);
  return r;
}

static void forget_hosts(qq_svc const *v)
{
  if (qq_tcpto_clear(v->queue_fd) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to clear %s/%s: %s"), v->queue.s, QQ_NAME_TCPTO, strerror(errno));
  tell("%s", _("no host counts as timed out any more"));
}

int qq_svc_flush(qq_svc *v)
{
  qq_svc_look(v);
  if (v->tcpto) forget_hosts(v);
  if (!order(v, QQ_ORDER_FLUSH)) return is_not_running();
  tell(_("qmail-send (process %ld) tries everything now"), (long)v->instance.send);
  return 0;
}

/* What has been changed since it was started, and stays as it was for it. */
static void tell_unread(qq_svc const *v)
{
  qq_member const *send = qq_instance_member(&v->instance, v->instance.send);
  uint64_t const since = send ? qq_os_process_started(&send->process) : 0;
  qq_settings live = QQ_SETTINGS_ZERO;
  stralloc path = STRALLOC_ZERO, why = STRALLOC_ZERO;
  size_t i;
  if (!qq_say(&path, "%s/%s", v->home.s, QQ_NAME_CONTROL) || !stralloc_0(&path)) qq_die_memory();
  if (since && *v->home.s && qq_settings_load(&live, path.s, 0, &why) > 0)
    for (i = 0; i < qq_settings_count(&live); i++) {
      qq_setting const *s = qq_settings_at(&live, i);
      qq_control const *c = qq_control_find(s->name);
      if (c && c->effect == QQ_EFFECT_RESTART && s->exists && s->mtime > since) qq_warn(_("%s was changed after qmail-send had started: that takes `qsvc restart'"), s->name);
    }
  qq_settings_free(&live);
  stralloc_free(&path);
  stralloc_free(&why);
}

int qq_svc_reload(qq_svc *v)
{
  qq_svc_look(v);
  if (!order(v, QQ_ORDER_REREAD)) return is_not_running();
  tell(_("qmail-send (process %ld) rereads locals and virtualdomains, for mail that arrives from now on; all else that it reads takes `qsvc restart'"), (long)v->instance.send);
  tell_unread(v);
  return 0;
}
