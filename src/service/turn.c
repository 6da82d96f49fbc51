#include <qq/gettext.h>
#include <qq/say.h>
#include <qq/when.h>
#include "waiting.h"

qq_turned qq_turn_stop(qq_turn *t, stralloc *why)
{
  int const was_there = qq_wait_is_anything_left(t->instance);
  int const outrun = qq_service_is_outrun(t->service, t->instance) && (t->service->supervises != QQ_SUPERVISES_NOT || t->service->wants_up);
  qq_turned turned;
  t->told = t->instance->send;
  if (qq_service_order(t->service, t->instance, QQ_ORDER_STOP, why) < 0) {
    if (t->service->supervisor < QQ_SUPERVISOR_INIT) t->told = 0;       /* a script may have done it all the same */
    return QQ_TURN_FAILED;
  }
  turned = outrun ? qq_outrun(t, why) : qq_turn_end(t, why);
  return turned == QQ_TURN_DONE && !was_there ? QQ_TURN_ALREADY : turned;
}

qq_turned qq_turn_end(qq_turn *t, stralloc *why)
{
  return qq_wait_for_end(t, t->told, why);
}

/* Why it may not have come up. old: the one that had to end first, or 0. */
static void say_state(qq_turn *t, pid_t old, stralloc *why)
{
  qq_service *s = t->service;
  qq_instance const *i = t->instance;
  if (why->len) return;
  if (i->runs && !qq_service_remembers(s)) {
    qq_say(why, _("process %ld has not ended yet, and %s (%s) cannot be told before"), (long)i->send, s->where.s, qq_supervisor_word(s->supervisor));
    return;
  }
  if (i->runs) {
    qq_say(why, _("process %ld has not ended yet; %s (%s) starts it again then"), (long)i->send, s->where.s, qq_supervisor_word(s->supervisor));
    return;
  }
  if (i->holder && !i->runs) {
    qq_say(why, _("process %ld has its mutex"), (long)i->holder);
    return;
  }
  if (old) qq_say(why, _("process %ld has ended only now"), (long)old);
  else if (qq_service_look(s, i) == 0) qq_say(why, "%s: %s", s->where.s, s->why.s);
  else if (s->why.len) qq_say(why, _("%s (%s) says that it has failed: %s; its log, or the journal, says why"), s->where.s, qq_supervisor_word(s->supervisor), s->why.s);
  else if (s->supervisor >= QQ_SUPERVISOR_INIT) qq_say(why, _("its log may say why; %s was run"), s->where.s);
  else if (s->wants_up) qq_say(why, _("%s (%s) starts it, and it ends again: its log says why"), s->where.s, qq_supervisor_word(s->supervisor));
  else qq_say(why, _("%s (%s) does not start it"), s->where.s, qq_supervisor_word(s->supervisor));
}

/* It has been told to end, and is still at its last deliveries. */
static int is_ending(qq_turn const *t)
{
  if (t->told && t->told == t->instance->send) return 1;
  return t->instance->runs && t->service->answers && t->service->supervises != QQ_SUPERVISES_NOT && !t->service->wants_up;
}

/* It is not started while that is there, and nobody remembers that it is to be. */
static qq_turned wait_for_old(qq_turn *t, pid_t old, stralloc *why)
{
  qq_turned const turned = qq_wait_for_end(t, old, why);
  if (turned == QQ_TURN_TIME_OVER) say_state(t, old, why);
  if (turned != QQ_TURN_FAILED || !t->instance->runs || t->instance->send == old) return turned;
  why->len = 0;
  return QQ_TURN_DONE;          /* another one is up already */
}

/* It has been told that it failed before; so this failure is of now, and nothing comes after it. */
static int has_failed_now(qq_turn *t, uint64_t *next)
{
  if (t->service->supervisor != QQ_SUPERVISOR_SYSTEMD || qq_now() < *next) return 0;
  *next = qq_now() + QQ_SECOND;
  return qq_service_look(t->service, t->instance) > 0 && t->service->why.len;
}

qq_turned qq_turn_start(qq_turn *t, stralloc *why)
{
  qq_instance const *i = t->instance;
  pid_t const old = is_ending(t) ? i->send : 0;
  uint64_t next = qq_now() + QQ_SECOND;
  qq_wait w;
  int r;
  if (!old && i->runs && i->has_reader) return QQ_TURN_ALREADY;
  if (old && !qq_service_remembers(t->service)) {
    qq_turned const turned = wait_for_old(t, old, why);
    if (turned != QQ_TURN_DONE) return turned;
  }
  r = i->runs && i->send != old ? 1 : qq_service_order(t->service, i, QQ_ORDER_START, why);     /* one that is just coming up is let be */
  if (r < 0) return QQ_TURN_FAILED;
  qq_wait_begin(&w);
  for (;;) {
    r = qq_wait_go_on(t, &w, why);
    if (r < 0) return QQ_TURN_FAILED;
    if (i->runs && (!old || (i->send && i->send != old)) && (i->has_reader || !r)) return QQ_TURN_DONE;        /* or it still reads a large queue (qmail-send.c:pqstart) */
    if (r && !has_failed_now(t, &next)) continue;
    say_state(t, old, why);
    return QQ_TURN_TIME_OVER;
  }
}

static qq_turned freeze(qq_turn *t, qq_order order, int wanted, stralloc *why)
{
  qq_wait w;
  int r;
  int const is_known = t->instance->is_shown || t->service->supervises != QQ_SUPERVISES_NOT;
  if (!t->instance->runs || (is_known && t->instance->is_stopped == wanted)) return QQ_TURN_ALREADY;
  r = qq_service_order(t->service, t->instance, order, why);
  if (r > 0 && !is_known) return QQ_TURN_DONE;
  qq_wait_begin(&w);
  while (r > 0) {
    r = qq_wait_go_on(t, &w, why);
    if (r > 0 && t->instance->is_stopped == wanted) return QQ_TURN_DONE;
  }
  return (qq_turned)r;
}

qq_turned qq_turn_pause(qq_turn *t, stralloc *why)
{
  return freeze(t, QQ_ORDER_PAUSE, 1, why);
}

qq_turned qq_turn_continue(qq_turn *t, stralloc *why)
{
  return freeze(t, QQ_ORDER_CONTINUE, 0, why);
}
