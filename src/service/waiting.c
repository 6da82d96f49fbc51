#include <errno.h>
#include <signal.h>
#include <qq/when.h>
#include "driver.h"

/* Between two looks. */
#define PAUSE_MOST UINT64_C(200000000)

/* What is left without a qmail-send and without a delivery ends soon, or has been left behind by
   one that was killed. Of that, qmail-todo would stay for ever: it takes no notice when qmail-send
   ends (qmail-todo.c of ext-todo), but a SIGTERM, which the queue stands as it stands a crash. */
#define LEFT_BEHIND (10 * QQ_SECOND)
#define TODO_LEFT_BEHIND (2 * QQ_SECOND)

qq_wait qq_wait_begin(void)
{
  qq_wait const w = { qq_now(), QQ_WAIT_FIRST, 0 };
  return w;
}

int qq_wait_fail(qq_server *s)
{
  return qq_unable(&s->why, _("unable to look at the processes of qmail"));
}

int qq_wait_came_back(qq_server *s)
{
  return qq_refuse(&s->why, EBUSY, _("qmail-send ended, and came up again as process %ld: "
    "something starts it that was not found here: use --service to say what"),
    (long)s->instance.send);
}

int qq_wait_go_on(qq_server *s, qq_wait *w)
{
  uint64_t const now = qq_now();
  if (s->deadline && now >= s->deadline) return 0;
  if (s->meanwhile && !s->meanwhile(s, now - w->began)) return 0;
  qq_sleep(w->pause);
  if (w->pause < PAUSE_MOST) w->pause += w->pause / 2;
  if (qq_instance_look(&s->instance, s->queue_fd) < 0) return qq_wait_fail(s);
  return s->instance.is_shown || qq_server_look_at_service(s) >= 0 ? 1 : qq_wait_fail(s);
}

int qq_wait_is_anything_left(qq_instance const *i)
{
  return i->runs || i->has_reader || genalloc_len(qq_member, &i->members);
}

/* A supervisor may take a second to act on what it is told (supervise.c: after each start). Returns
   1, 0; or -1 with errno. */
static int would_start_it(qq_server *s)
{
  qq_service const *service = &s->service;
  int r = service->supervisor <= QQ_SUPERVISOR_SYSTEMD && service->answers && service->wants_up;
  if (r) r = qq_server_look_at_service(s);
  return r < 0 ? -1 : r && service->wants_up && !service->unit.is_spent;
}

static void end_todo(qq_server *s)
{
  qq_member const *m = genalloc_s(qq_member, &s->instance.members);
  size_t const n = genalloc_len(qq_member, &s->instance.members);
  size_t k;
  for (k = 0; k < n; k++) {
    pid_t const pid = m[k].process.pid;
    if (m[k].role == QQ_ROLE_TODO && pid != s->left_over && !kill(pid, SIGTERM)) s->left_over = pid;
  }
}

/* Says whether what is there has been without a qmail-send and a delivery for too long. */
static int is_left_behind(qq_server *s, qq_wait *w)
{
  qq_instance const *i = &s->instance;
  uint64_t const now = qq_now();
  if (i->runs || qq_instance_deliveries(i)) w->alone = 0;
  else if (!w->alone) w->alone = now;
  else if (now - w->alone > TODO_LEFT_BEHIND) end_todo(s);
  return w->alone && now - w->alone > LEFT_BEHIND;
}

qq_transition qq_wait_until_clear(qq_server *s)
{
  qq_wait w = qq_wait_begin();
  int r = 1;
  while (r > 0) {
    if (s->instance.runs || !qq_wait_is_anything_left(&s->instance)) return QQ_TRANSITION_DONE;
    r = is_left_behind(s, &w) ? 0 : qq_wait_go_on(s, &w);
  }
  return (qq_transition)r;
}

qq_transition qq_wait_for_end(qq_server *s, pid_t first)
{
  qq_instance const *i = &s->instance;
  qq_wait w = qq_wait_begin();
  int r = 1;
  while (r > 0) {
    r = qq_wait_is_anything_left(i) ? 1 : would_start_it(s);
    if (r < 0) qq_wait_fail(s);
    else if (!r) return QQ_TRANSITION_DONE;
    else if (i->send && first && i->send != first) r = qq_wait_came_back(s);
    else r = is_left_behind(s, &w) ? 0 : qq_wait_go_on(s, &w);
  }
  return (qq_transition)r;
}
