#include <qq/when.h>
#include "driver.h"

/* Seconds that a start may take, if nothing else was said. */
#define START_SECONDS 60

/* seconds is what counts where the user has not said how long; 0: for ever. */
static void begin(qq_server *s, uint64_t seconds)
{
  uint64_t const most = s->timeout ? s->timeout : seconds * QQ_SECOND;
  s->deadline = most ? qq_now() + most : 0;
  s->left_over = 0;
  s->why.len = 0;
}

/* ---- stopping ---- */

qq_transition qq_server_stop(qq_server *s)
{
  qq_service const *service = &s->service;
  int const was_there = qq_wait_is_anything_left(&s->instance);
  int const is_concerned = service->supervises != QQ_SUPERVISES_NOT || service->wants_up;
  int const would_cut = is_concerned && qq_server_would_cut(s);
  qq_transition r;
  begin(s, 0);
  s->told_to_end = s->instance.send;
  if (qq_server_tell(s, QQ_ORDER_STOP) < 0) {
    /* a script may have done it all the same */
    if (service->supervisor < QQ_SUPERVISOR_INIT) s->told_to_end = 0;
    return QQ_TRANSITION_FAILED;
  }
  r = would_cut ? qq_stop_by_mutex(s) : qq_wait_for_end(s, s->told_to_end);
  return r == QQ_TRANSITION_DONE && !was_there ? QQ_TRANSITION_ALREADY : r;
}

qq_transition qq_server_clear(qq_server *s)
{
  begin(s, 0);
  return qq_wait_until_clear(s);
}

qq_transition qq_server_wait_for_end(qq_server *s)
{
  begin(s, 0);
  s->deadline = 0;
  return qq_wait_for_end(s, s->told_to_end);
}

/* ---- starting ---- */

/* Why it may not have come up. old: the one that had to end first, or 0. */
static void say_state(qq_server *s, pid_t old)
{
  long const send = s->instance.send, holder = s->instance.holder;
  qq_service const *service = &s->service;
  char const *where = service->where.s, *name = service->name.s;
  stralloc *why = &s->why;
  if (why->len) return;
  if (s->instance.runs && !qq_server_remembers(s))
    qq_fmt(why, _("process %ld has not ended yet, and %s cannot be told before"), send, name);
  else if (s->instance.runs)
    qq_fmt(why, _("process %ld has not ended yet; %s starts it again then"), send, name);
  else if (holder) qq_fmt(why, _("process %ld has its mutex"), holder);
  else if (old) qq_fmt(why, _("process %ld has ended only now"), (long)old);
  else if (qq_server_look_at_service(s) == 0) qq_fmt(why, "%s: %s", where, service->why.s);
  else if (service->why.len)
    qq_fmt(why, _("%s says that it has failed: %s; its log, or the journal, says why"), name,
      service->why.s);
  else if (service->supervisor >= QQ_SUPERVISOR_INIT)
    qq_fmt(why, _("its log may say why; %s was run"), where);
  else if (service->wants_up)
    qq_fmt(why, _("%s starts it, and it ends again: its log says why"), name);
  else qq_fmt(why, _("%s does not start it"), name);
}

/* It has been told to end, and is still at its last deliveries. */
static int is_ending(qq_server const *s)
{
  qq_service const *service = &s->service;
  if (s->told_to_end && s->told_to_end == s->instance.send) return 1;
  return s->instance.runs && service->answers && !service->wants_up
    && service->supervises != QQ_SUPERVISES_NOT;
}

/* It is not started while that is there, and nobody remembers that it is to be. */
static qq_transition wait_for_old(qq_server *s, pid_t old)
{
  qq_transition const r = qq_wait_for_end(s, old);
  if (r == QQ_TRANSITION_TIME_OVER) say_state(s, old);
  if (r != QQ_TRANSITION_FAILED || !s->instance.runs || s->instance.send == old) return r;
  s->why.len = 0;
  return QQ_TRANSITION_DONE;    /* another one is up already */
}

/* It has been told that it failed before; so this failure is of now, and nothing comes after it. */
static int has_failed_now(qq_server *s, uint64_t *next)
{
  if (s->service.supervisor != QQ_SUPERVISOR_SYSTEMD || qq_now() < *next) return 0;
  *next = qq_now() + QQ_SECOND;
  return qq_server_look_at_service(s) > 0 && s->service.why.len;
}

/* old: the one that ends first, or 0; next: when a unit may be asked whether it has failed. One
   that reads a large queue does not read the trigger yet (qmail-send.c:pqstart): that is enough
   when the time is over. */
static qq_transition wait_for_start(qq_server *s, pid_t old, uint64_t next)
{
  qq_instance const *i = &s->instance;
  qq_wait w = qq_wait_begin();
  for (;;) {
    int const r = qq_wait_go_on(s, &w);
    int const is_new = i->runs && (!old || (i->send && i->send != old));
    if (r < 0) return QQ_TRANSITION_FAILED;
    if (is_new && (i->has_reader || !r)) return QQ_TRANSITION_DONE;
    if (r && !has_failed_now(s, &next)) continue;
    say_state(s, old);
    return QQ_TRANSITION_TIME_OVER;
  }
}

qq_transition qq_server_start(qq_server *s)
{
  qq_instance const *i = &s->instance;
  pid_t const old = is_ending(s) ? i->send : 0;
  uint64_t const next = qq_now() + QQ_SECOND;
  begin(s, START_SECONDS);
  if (!old && i->runs && i->has_reader) return QQ_TRANSITION_ALREADY;
  if (old && !qq_server_remembers(s)) {
    qq_transition const r = wait_for_old(s, old);
    if (r != QQ_TRANSITION_DONE) return r;
  }
  if (!i->runs) s->left_over = qq_instance_end_strays(s->queue_fd);
  /* one that is just coming up is let be */
  if ((!i->runs || i->send == old) && qq_server_tell(s, QQ_ORDER_START) < 0)
    return QQ_TRANSITION_FAILED;
  return wait_for_start(s, old, next);
}

/* ---- pausing ---- */

qq_transition qq_server_freeze(qq_server *s, int is_to_stop)
{
  qq_instance const *i = &s->instance;
  int const is_known = i->is_shown || s->service.supervises != QQ_SUPERVISES_NOT;
  qq_wait w = qq_wait_begin();
  int r;
  begin(s, START_SECONDS);
  if (!i->runs || (is_known && i->is_stopped == is_to_stop)) return QQ_TRANSITION_ALREADY;
  r = qq_server_tell(s, is_to_stop ? QQ_ORDER_PAUSE : QQ_ORDER_CONTINUE);
  if (r > 0 && !is_known) return QQ_TRANSITION_DONE;
  while (r > 0) {
    r = qq_wait_go_on(s, &w);
    if (r > 0 && i->is_stopped == is_to_stop) return QQ_TRANSITION_DONE;
  }
  return (qq_transition)r;
}
