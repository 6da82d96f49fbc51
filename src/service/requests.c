#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <skalibs/djbunix.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/server.h>
#include <qq/text.h>

static int open_queue(char const *home, stralloc *why)
{
  stralloc queue = STRALLOC_ZERO;
  int fd = -1;
  if (qq_fmt(&queue, "%s/%s", home, QQ_NAME_QUEUE))
    fd = qq_queue_enter(queue.s, why);
  else qq_unable(why, _("unable to open %s"), home);
  stralloc_free(&queue);
  return fd;
}

/* What is told to end meanwhile ends when it is up again. */
static void hold_signals(sigset_t *before)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGQUIT);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_BLOCK, &set, before);
}

/* As there is no time limit, TIME_OVER is that what is left is of one that was killed before: the
   next can start beside it. */
static int stop_and_start(qq_server *s)
{
  qq_transition r;
  if (!qq_server_can_start(s) || qq_server_guard(s) < 0) return -1;
  r = qq_server_stop(s);
  if (r != QQ_TRANSITION_FAILED) r = qq_server_start(s);
  qq_server_unguard();
  if (r == QQ_TRANSITION_TIME_OVER) errno = ETIMEDOUT;
  return r < QQ_TRANSITION_DONE ? -1 : 1;
}

static int restart(qq_server *s)
{
  sigset_t before;
  int r;
  if (qq_server_lock(s) < 0) return -1;
  hold_signals(&before);
  r = stop_and_start(s);
  sigprocmask(SIG_SETMASK, &before, 0);
  return r;
}

static int find_server(qq_server *s)
{
  if (qq_instance_look(&s->instance, s->queue_fd) < 0)
    return qq_unable(&s->why, _("unable to see what runs on the queue"));
  return s->instance.runs ? qq_server_find(s) : 0;
}

int qq_server_request_at(int queue_fd, char const *home, qq_order order, stralloc *why)
{
  qq_server s = QQ_SERVER_ZERO;
  int r;
  s.queue_fd = queue_fd;
  s.home = home;
  r = find_server(&s);
  if (r > 0) r = order == QQ_ORDER_RESTART ? restart(&s) : qq_server_tell(&s, order);
  *why = s.why;
  qq_server_free(&s);
  return r;
}

int qq_server_request(char const *home, qq_order order, stralloc *why)
{
  int const fd = open_queue(home, why);
  int r;
  if (fd < 0) return -1;
  r = qq_server_request_at(fd, home, order, why);
  fd_close(fd);
  return r;
}
