#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/text.h>
#include "qsvc.h"

/* What is still ending, and would not be started again when it has: that takes as long as its
   deliveries do. Unless something is faster, as a unit with Restart=always. Returns 1, or -1. */
static int wait_for_end(qq_server *s)
{
  if (!s->instance.send || s->instance.send != s->told || qq_server_remembers(s)) return 1;
  qq_warn("%s", _("qmail-send can be started again only when it has ended: waiting for that"));
  return qq_server_wait_for_end(s) == QQ_TRANSITION_FAILED && s->instance.send == s->told ? -1 : 1;
}

/* The command may have put another queue into the place of this one. */
static int look_again(qq_server *s)
{
  int const fd = open(s->queue, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  close(s->queue_fd);
  s->queue_fd = fd;
  return qq_server_look(s);
}

/* Without a queue that can be looked at: at least its supervisor knows that it is to be up. */
static int start_blindly(qq_server *s)
{
  int const e = errno;
  if (qq_server_order(s, QQ_ORDER_START) > 0) qq_svc_common->must_start = 0;
  s->why.len = 0;
  return qq_refuse(&s->why, e, _("unable to look at the queue %s: %s"), s->queue, strerror(e));
}

static int try_to_start(qq_server *s)
{
  qq_transition r;
  s->meanwhile = qq_svc_wait_on;
  if (look_again(s) < 0) return start_blindly(s);
  s->told = qq_svc_common->told;
  if (wait_for_end(s) < 0) return -1;
  r = qq_server_start(s);
  if (r == QQ_TRANSITION_FAILED) return -1;
  qq_svc_common->must_start = 0;        /* its supervisor has been told, and cannot be told more */
  return r == QQ_TRANSITION_TIME_OVER ? -1 : 1;
}

int qq_svc_start_again(qq_server *s)
{
  int const r = try_to_start(s);
  qq_svc_common->has_failed = r < 0;
  return r;
}
