#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <qq/sendmutex.h>
#include "driver.h"
#include "waiting.h"

/* How often a supervisor that cannot be told first is outrun. */
#define COMEBACKS 20

/* How often the mutex is tried for between two looks. */
#define TRIES 40

/* Tries often, since there may be little time, and for a while, since to look at all processes costs more. */
static int take_soon(int queue_fd)
{
  static struct timespec const pause = { 0, QQ_WAIT_FIRST };
  pid_t holder;
  int fd = -1, k;
  for (k = 0; fd < 0 && k < TRIES; k++) {
    if (k) nanosleep(&pause, 0);
    fd = qq_sendmutex_take(queue_fd, &holder);
    if (fd < 0 && errno != EBUSY) break;
  }
  return fd;
}

/* systemd, told to stop such a unit, ends deliveries; and starts it again if it ends by itself. So qmail-send is told, and before it can come up again the mutex
   is taken: without qmail-send there is no delivery, and systemd can be told. Returns the mutex's descriptor, or -1 with *turned. */
static int outrun(qq_turn *t, qq_turned *turned, stralloc *why)
{
  pid_t told = t->instance->send;
  unsigned int comebacks = 0;
  qq_wait w;
  qq_wait_begin(&w);
  for (;;) {
    int const fd = take_soon(t->queue_fd);
    int r;
    if (fd >= 0) return fd;
    w.pause = QQ_WAIT_FIRST;
    r = errno == EBUSY ? qq_wait_go_on(t, &w, why) : qq_wait_fail(why);
    if (r > 0 && t->instance->send && t->instance->send != told) {
      told = t->instance->send;
      if (++comebacks > COMEBACKS) *turned = qq_wait_came_back(why, told);
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
  qq_wait w;
  int r;
  s->cuts = 0;                  /* nothing is left to cut */
  s->supervises = QQ_SUPERVISES_IT;
  r = qq_service_order(s, t->instance, QQ_ORDER_STOP, why);
  qq_wait_begin(&w);
  while (r > 0) {
    r = qq_service_look(s, t->instance);
    if (r > 0 && !s->wants_up) return 1;
    if (!r) r = qq_service_say_silent(s, why);
    if (r > 0) r = qq_wait_go_on(t, &w, why);
  }
  return r;
}

qq_turned qq_outrun(qq_turn *t, stralloc *why)
{
  qq_turned turned = QQ_TURN_FAILED;
  int const fd = outrun(t, &turned, why);
  int r;
  if (fd < 0) return turned;
  t->instance->send = 0;        /* it has ended; to look would give up the record lock of the two (fcntl(2)) */
  t->instance->runs = t->instance->is_stopped = 0;
  r = tell_at_last(t, why);
  close(fd);
  return r < 1 ? (qq_turned)r : qq_wait_for_end(t, 0, why);
}
