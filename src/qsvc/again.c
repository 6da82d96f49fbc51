#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include "pair.h"

/* What is still ending, and would not be started again when it has: that takes as long as its deliveries do. Returns 1, or -1. */
static int wait_for_end(qq_svc *v, stralloc *why)
{
  qq_turn t;
  if (!v->instance.send || v->instance.send != qq_svc_common->told || qq_service_remembers(&v->service)) return 1;
  qq_svc_turn(v, &t, 0);
  t.deadline = 0;
  t.told = qq_svc_common->told;
  qq_warn("%s", _("qmail-send can be started again only when it has ended: waiting for that"));
  if (qq_turn_end(&t, why) == QQ_TURN_FAILED && v->instance.send == qq_svc_common->told) return -1;
  why->len = 0;                 /* something was faster, a unit with Restart=always: so it is up */
  return 1;
}

/* The command may have put another queue into the place of this one. */
static int look_again(qq_svc *v, stralloc *why)
{
  int const fd = open(v->queue.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    close(v->queue_fd);
    v->queue_fd = fd;
    if (qq_instance_look(&v->instance, fd) > 0 && qq_service_look(&v->service, &v->instance) >= 0) {
      qq_service_lend(&v->service, &v->instance);
      return 1;
    }
  }
  qq_say(why, _("unable to look at the queue %s: %s"), v->queue.s, strerror(errno));
  return -1;
}

/* Without a queue that can be looked at: at least its supervisor knows that it is to be up. */
static void start_blindly(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_service_order(&v->service, &v->instance, QQ_ORDER_START, &why) > 0) qq_svc_common->must_start = 0;
  stralloc_free(&why);
}

/* Returns 1: qmail-send is up again; -1 with the reason: it is not, or on its way only. Nothing keeps it from coming up. */
static int try_to_start(qq_svc *v, stralloc *why)
{
  qq_turned turned;
  qq_turn t;
  if (look_again(v, why) < 0) {
    start_blindly(v);
    return -1;
  }
  if (wait_for_end(v, why) < 0) return -1;
  qq_svc_turn(v, &t, QQ_START_SECONDS);
  t.told = qq_svc_common->told;
  turned = qq_turn_start(&t, why);
  if (turned == QQ_TURN_FAILED) return -1;
  qq_svc_common->must_start = 0;       /* its supervisor has been told, and cannot be told more */
  return turned == QQ_TURN_TIME_OVER ? -1 : 1;
}

int qq_svc_start_again(qq_svc *v, stralloc *why)
{
  int const r = try_to_start(v, why);
  qq_svc_common->has_failed = r < 0;
  return r;
}
