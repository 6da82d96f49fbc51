#include <errno.h>
#include <unistd.h>
#include <qq/sendmutex.h>
#include "waiting.h"

/* How often a supervisor that cannot be told first is outrun. */
#define COMEBACKS 20

/* systemd, told to stop such a unit, ends deliveries; and starts it again if it ends by itself. So qmail-send is told, and before it can come up again the mutex
   is taken: without qmail-send there is no delivery, and systemd can be told. Returns the mutex's descriptor, or -1 with *turned. */
static int outrun(qq_turn *t, qq_turned *turned, stralloc *why)
{
  pid_t told = t->instance->send, holder;
  unsigned int comebacks = 0;
  qq_wait w;
  qq_wait_begin(&w);
  for (;;) {
    int const fd = qq_sendmutex_take(t->queue_fd, &holder);
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
  r = tell_at_last(t, why);
  close(fd);
  return r < 1 ? (qq_turned)r : qq_wait_for_end(t, 0, why);
}
