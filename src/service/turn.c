#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include <qq/sendmutex.h>
#include <qq/turn.h>
#include <qq/when.h>

/* Between two looks: short at first, as most of what is waited for takes no time. */
#define PAUSE_FIRST UINT64_C(5000000)
#define PAUSE_MOST UINT64_C(200000000)

/* What is left without a qmail-send and without a delivery ends soon, or has been left behind by one that was killed. */
#define LEFT_BEHIND (10 * QQ_SECOND)

/* How often a supervisor that cannot be told first is outrun. */
#define COMEBACKS 20

typedef struct wait { uint64_t began, pause; } wait;

static void begin(wait *w)
{
  w->began = qq_now();
  w->pause = PAUSE_FIRST;
}

static int fail(stralloc *why)
{
  qq_say(why, errno == EACCES || errno == EPERM ? _("unable to look at the processes of qmail: %s (run it as root)") : _("unable to look at the processes of qmail: %s"), strerror(errno));
  return -1;
}

/* Waits a while and looks again. Returns 1; 0: the time is over, or meanwhile says so; -1 with errno and the reason. */
static int go_on(qq_turn *t, wait *w, stralloc *why)
{
  struct timespec const pause = { 0, (long)w->pause };
  uint64_t const now = qq_now();
  if ((t->deadline && now >= t->deadline) || (t->meanwhile && !t->meanwhile(t->p, t->instance, now - w->began))) return 0;
  nanosleep(&pause, 0);
  if (w->pause < PAUSE_MOST) w->pause += w->pause / 2;
  return qq_instance_look(t->instance, t->queue_fd) < 0 ? fail(why) : 1;
}

static int is_anything_left(qq_instance const *i)
{
  return i->runs || i->has_reader || genalloc_len(qq_member, &i->members);
}

static qq_turned came_back(stralloc *why, pid_t pid)
{
  qq_say(why, _("qmail-send ended, and came up again as process %ld: something starts it that was not found here; say what it is with --service"), (long)pid);
  errno = EBUSY;
  return QQ_TURN_FAILED;
}

/* A supervisor may take a second to act on what it is told (supervise.c: after each start). Returns 1, 0; or -1 with errno. */
static int would_start_it(qq_turn *t)
{
  qq_service *s = t->service;
  if (s->supervisor > QQ_SUPERVISOR_SYSTEMD || !s->answers || !s->wants_up) return 0;
  return qq_service_look(s, t->instance) < 0 ? -1 : s->answers && s->wants_up;
}

/* After it has been told. first: the process that was. */
static qq_turned wait_for_end(qq_turn *t, pid_t first, stralloc *why)
{
  uint64_t alone = 0;
  wait w;
  begin(&w);
  for (;;) {
    qq_instance const *i = t->instance;
    int r = is_anything_left(i) ? 1 : would_start_it(t);
    if (r < 0) return (qq_turned)fail(why);
    if (!r) return QQ_TURN_DONE;
    if (i->send && first && i->send != first) return came_back(why, i->send);
    if (i->runs || qq_instance_count(i, QQ_ROLE_LOCAL) || qq_instance_count(i, QQ_ROLE_REMOTE)) alone = 0;
    else if (!alone) alone = qq_now();
    else if (qq_now() - alone > LEFT_BEHIND) return QQ_TURN_TIME_OVER;
    r = go_on(t, &w, why);
    if (r < 1) return (qq_turned)r;
  }
}

/* systemd, told to stop such a unit, ends deliveries; and starts it again if it ends by itself. So qmail-send is told, and before it can come up again the mutex
   is taken: without qmail-send there is no delivery, and systemd can be told. Returns the mutex's descriptor, or -1 with *turned. */
static int outrun(qq_turn *t, qq_turned *turned, stralloc *why)
{
  pid_t told = t->instance->send, holder;
  unsigned int comebacks = 0;
  wait w;
  begin(&w);
  for (;;) {
    int const fd = qq_sendmutex_take(t->queue_fd, &holder);
    int r;
    if (fd >= 0) return fd;
    w.pause = PAUSE_FIRST;
    r = errno == EBUSY ? go_on(t, &w, why) : fail(why);
    if (r > 0 && t->instance->send && t->instance->send != told) {
      told = t->instance->send;
      if (++comebacks > COMEBACKS) *turned = came_back(why, told);
      r = comebacks > COMEBACKS ? -1 : qq_service_order(t->service, t->instance, QQ_ORDER_STOP, why);
    }
    if (r > 0) continue;
    *turned = (qq_turned)r;
    return -1;
  }
}

/* Until the unit is down. */
static int tell_at_last(qq_turn *t, stralloc *why)
{
  qq_service *s = t->service;
  wait w;
  int r;
  s->cuts = 0;                  /* nothing is left to cut */
  s->supervises = QQ_SUPERVISES_IT;
  r = qq_service_order(s, t->instance, QQ_ORDER_STOP, why);
  begin(&w);
  while (r > 0) {
    r = qq_service_look(s, t->instance);
    if (r > 0 && !s->wants_up) return 1;
    if (r > 0) r = go_on(t, &w, why);
  }
  return r;
}

static qq_turned stop_by_outrunning(qq_turn *t, stralloc *why)
{
  qq_turned turned = QQ_TURN_FAILED;
  int const fd = outrun(t, &turned, why);
  int r;
  if (fd < 0) return turned;
  r = tell_at_last(t, why);
  close(fd);
  return r < 1 ? (qq_turned)r : wait_for_end(t, 0, why);
}

qq_turned qq_turn_stop(qq_turn *t, stralloc *why)
{
  int const was_there = is_anything_left(t->instance);
  int const cuts = t->service->cuts && (t->service->supervises != QQ_SUPERVISES_NOT || t->service->wants_up);
  qq_turned turned;
  t->told = t->instance->send;
  if (qq_service_order(t->service, t->instance, QQ_ORDER_STOP, why) < 0) return QQ_TURN_FAILED;
  turned = cuts ? stop_by_outrunning(t, why) : qq_turn_end(t, why);
  return turned == QQ_TURN_DONE && !was_there ? QQ_TURN_ALREADY : turned;
}

qq_turned qq_turn_end(qq_turn *t, stralloc *why)
{
  return wait_for_end(t, t->told, why);
}

/* Why it may not have come up. old: the one that had to end first, or 0. */
static void say_state(qq_turn *t, pid_t old, stralloc *why)
{
  qq_service *s = t->service;
  qq_instance const *i = t->instance;
  if (why->len) return;
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

qq_turned qq_turn_start(qq_turn *t, stralloc *why)
{
  qq_instance const *i = t->instance;
  pid_t const old = is_ending(t) ? i->send : 0;
  wait w;
  int r;
  if (!old && i->runs && i->has_reader) return QQ_TURN_ALREADY;
  r = qq_service_order(t->service, i, QQ_ORDER_START, why);
  if (r < 0) return QQ_TURN_FAILED;
  begin(&w);
  for (;;) {
    r = go_on(t, &w, why);
    if (r < 0) return QQ_TURN_FAILED;
    if (i->runs && i->send != old && (i->has_reader || !r)) return QQ_TURN_DONE;        /* or it still reads a large queue (qmail-send.c:pqstart) */
    if (r) continue;
    say_state(t, old, why);
    return QQ_TURN_TIME_OVER;
  }
}

static qq_turned freeze(qq_turn *t, qq_order order, int wanted, stralloc *why)
{
  wait w;
  int r;
  if (!t->instance->runs || t->instance->is_stopped == wanted) return QQ_TURN_ALREADY;
  r = qq_service_order(t->service, t->instance, order, why);
  begin(&w);
  while (r > 0) {
    r = go_on(t, &w, why);
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
