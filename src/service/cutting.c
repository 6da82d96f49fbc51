/* Stopping a systemd unit that would cut deliveries: nobody may tell it before they are over. */

#include <errno.h>
#include <unistd.h>
#include <qq/lock.h>
#include <qq/when.h>
#include "driver.h"

/* How often what has come up again before the mutex could be taken is told to end, too. */
#define COMEBACKS 20

/* How often the mutex is tried for between two looks. */
#define TRIES 40

/* Tries often, since there may be little time, and for a while, since to look at all processes
   costs more. */
static int take_mutex_soon(int queue_fd)
{
  pid_t holder;
  int fd = -1, k;
  for (k = 0; fd < 0 && k < TRIES; k++) {
    if (k) qq_sleep(QQ_WAIT_FIRST);
    fd = qq_sendmutex_take(queue_fd, &holder);
    if (fd < 0 && errno != EBUSY) break;
  }
  return fd;
}

/* One that systemd has started meanwhile is told, too. Returns as qq_server_tell. */
static int tell_newcomer(qq_server *s, pid_t *told, unsigned int *comebacks)
{
  if (!s->instance.send || s->instance.send == *told) return 1;
  *told = s->instance.send;
  return ++*comebacks > COMEBACKS ? qq_wait_came_back(s) : qq_server_tell(s, QQ_ORDER_STOP);
}

/* systemd, told to stop such a unit, ends deliveries; and starts it again if it ends by itself. So
   qmail-send is told, and before it can come up again the mutex is taken: without qmail-send there
   is no delivery, and systemd can be told. Returns the mutex's descriptor, or -1 with *failure. */
static int wait_for_mutex(qq_server *s, qq_transition *failure)
{
  pid_t told = s->instance.send;
  unsigned int comebacks = 0;
  qq_wait w = qq_wait_begin();
  int r = 1;
  while (r > 0) {
    int const fd = take_mutex_soon(s->queue_fd);
    if (fd >= 0) return fd;
    w.pause = QQ_WAIT_FIRST;
    r = errno == EBUSY ? qq_wait_go_on(s, &w) : qq_wait_fail(s);
    if (r > 0) r = tell_newcomer(s, &told, &comebacks);
  }
  *failure = (qq_transition)r;
  return -1;
}

/* Until the unit is down. */
static int tell_at_last(qq_server *s)
{
  qq_service *service = &s->service;
  qq_wait w;
  int r;
  service->unit.cuts = 0;       /* nothing is left to cut */
  service->supervises = QQ_SUPERVISES_IT;
  r = qq_server_tell(s, QQ_ORDER_STOP);
  w = qq_wait_begin();
  while (r > 0) {
    r = qq_server_look_at_service(s);
    if (r > 0 && !service->wants_up) return 1;
    if (!r) r = qq_server_refuse(s);
    if (r > 0) r = qq_wait_go_on(s, &w);
  }
  return r;
}

qq_transition qq_stop_by_mutex(qq_server *s)
{
  qq_transition failure;
  int const fd = wait_for_mutex(s, &failure);
  int r;
  if (fd < 0) return failure;
  /* it has ended; to look would give up the record lock of the two (fcntl(2)) */
  s->instance.send = 0;
  s->instance.runs = s->instance.is_stopped = 0;
  r = tell_at_last(s);
  close(fd);
  return r < 1 ? (qq_transition)r : qq_wait_for_end(s, 0);
}
