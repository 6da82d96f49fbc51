/* Telling qmail-send, by what supervises it or by a signal. */

#include <errno.h>
#include <signal.h>
#include <qq/when.h>
#include "driver.h"

int qq_server_would_cut(qq_server const *s)
{
  qq_service const *service = &s->service;
  if (service->unit.cuts) return 1;
  return service->supervisor == QQ_SUPERVISOR_SYSTEMD && s->instance.send
    && service->supervises != QQ_SUPERVISES_IT;
}

int qq_server_can_start(qq_server *s)
{
  s->why.len = 0;
  if (!s->service.doubt.len && s->service.answers && *s->service.where.s) return 1;
  if (*s->service.where.s) qq_server_refuse(s);
  else qq_fmt(&s->why, "%s", _("nothing was found that starts it, and its home has no rc: use "
    "--service to say what does"));
  return 0;
}

/* A script is run once; and a unit that is not told to stop is up until its main process ends: to
   start it does nothing, or, where it has not started this qmail-send, too much. */
int qq_server_remembers(qq_server const *server)
{
  qq_service const *s = &server->service;
  if (s->supervisor == QQ_SUPERVISOR_SYSTEMD && s->supervises != QQ_SUPERVISES_IT) return 0;
  return s->answers && !s->unit.cuts && s->supervisor < QQ_SUPERVISOR_INIT;
}

/* To qmail-send itself. */
static int signal_it(qq_server *s, qq_order o)
{
  static int const signals[] = { 0, SIGTERM, SIGHUP, SIGALRM, SIGSTOP, SIGCONT };
  pid_t const pid = s->instance.send;
  if (!pid && !s->instance.runs) return 0;
  if (!pid)
    return qq_refuse(&s->why, ENOSYS, _("this system does not show which process is qmail-send: "
      "use --service to say what started it"));
  if (!kill(pid, signals[o]) && (o != QQ_ORDER_STOP || !kill(pid, SIGCONT))) return 1;
  if (errno == ESRCH) return 0;
  return qq_unable(&s->why, _("unable to signal qmail-send (process %ld)"), (long)pid);
}

/* To start or stop it would be to start or stop somebody else's. One that ends as soon as it has
   been started is ours perhaps, and has not come to its queue. */
static int is_of_another(qq_server *s)
{
  qq_service const *service = &s->service;
  if (service->supervises != QQ_SUPERVISES_NOT) return 0;
  if (!qq_service_supervises_another(service->pid, &s->instance)) return 0;
  qq_sleep(50000000);
  if (!qq_service_supervises_another(service->pid, &s->instance)) return 0;
  qq_refuse(&s->why, EINVAL, _("%s runs another qmail-send"), service->name.s);
  return 1;
}

/* Also what is down just now, and would come up again. A script knows of no process: whatever runs
   is meant, and if nothing does it is left alone. */
static int can_stop(qq_server const *s)
{
  qq_service const *service = &s->service;
  if (!service->answers || qq_server_would_cut(s)) return 0;
  if (service->supervises != QQ_SUPERVISES_NOT || service->wants_up) return 1;
  return service->supervisor >= QQ_SUPERVISOR_INIT && s->instance.runs;
}

/* Until it acts on that, it would start again what ends (supervise.c:doit: up to a second after a
   start). */
static void wait_until_told(qq_service const *s)
{
  qq_service now = QQ_SERVICE_ZERO;
  int k, r = qq_service_begin(&now, s->supervisor, s->where.s);
  for (k = 0; k < 150 && r > 0; k++) {
    r = qq_service_look(&now) > 0 && now.answers && now.wants_up;
    if (r) qq_sleep(20000000);
  }
  qq_service_free(&now);
}

static int tell_to_stop(qq_server *s)
{
  qq_service const *service = &s->service;
  if (can_stop(s)) {
    if (qq_drivers[service->supervisor]->tell(s, QQ_ORDER_STOP) < 0) return -1;
    if (service->supervises == QQ_SUPERVISES_IT) return 1;
    if (service->supervises == QQ_SUPERVISES_ABOVE && service->supervisor < QQ_SUPERVISOR_SYSTEMD)
      wait_until_told(service);
  }
  return signal_it(s, QQ_ORDER_STOP) < 0 ? -1 : 1;
}

/* A systemd that does not answer may start again what ends. A command has written into a pipe only:
   its reader has to come to it. */
int qq_server_tell(qq_server *s, qq_order o)
{
  qq_service const *service = &s->service;
  int r;
  s->why.len = 0;
  if (o > QQ_ORDER_STOP && !s->instance.runs) return 0;
  if (service->doubt.len) return qq_server_refuse(s);
  if (o <= QQ_ORDER_STOP && is_of_another(s)) return -1;
  if (o == QQ_ORDER_START) return qq_drivers[service->supervisor]->tell(s, o);
  if (o == QQ_ORDER_STOP && !service->answers && service->supervisor == QQ_SUPERVISOR_SYSTEMD)
    return qq_server_refuse(s);
  if (o == QQ_ORDER_STOP) return tell_to_stop(s);
  if (service->supervises != QQ_SUPERVISES_IT) return signal_it(s, o);
  r = qq_drivers[service->supervisor]->tell(s, o);
  if (r > 0) qq_sleep(30000000);
  return r;
}
