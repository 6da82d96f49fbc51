#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include <qq/when.h>
#include "waiting.h"

/* Between two looks. */
#define PAUSE_MOST UINT64_C(200000000)

/* What is left without a qmail-send and without a delivery ends soon, or has been left behind by one that was killed. Of that, qmail-todo would stay for ever: it takes
   no notice when qmail-send ends (qmail-todo.c of ext-todo), but a SIGTERM, which the queue stands as it stands a crash. */
#define LEFT_BEHIND (10 * QQ_SECOND)
#define TODO_LEFT_BEHIND (2 * QQ_SECOND)

void qq_wait_begin(qq_wait *w)
{
  w->began = qq_now();
  w->alone = 0;
  w->pause = QQ_WAIT_FIRST;
}

int qq_wait_fail(stralloc *why)
{
  return qq_unable(why, _("unable to look at the processes of qmail"));
}

int qq_wait_go_on(qq_turn *t, qq_wait *w, stralloc *why)
{
  struct timespec const pause = { 0, (long)w->pause };
  uint64_t const now = qq_now();
  if ((t->deadline && now >= t->deadline) || (t->meanwhile && !t->meanwhile(t->p, t->instance, now - w->began))) return 0;
  nanosleep(&pause, 0);
  if (w->pause < PAUSE_MOST) w->pause += w->pause / 2;
  if (qq_instance_look(t->instance, t->queue_fd) < 0) return qq_wait_fail(why);
  if (!t->instance->is_shown && qq_service_look(t->service, t->instance) < 0) return qq_wait_fail(why);
  qq_service_lend(t->service, t->instance);
  return 1;
}

int qq_wait_is_anything_left(qq_instance const *i)
{
  return i->runs || i->has_reader || genalloc_len(qq_member, &i->members);
}

qq_turned qq_wait_came_back(stralloc *why, pid_t pid)
{
  return (qq_turned)qq_refuse(why, EBUSY,
    _("qmail-send ended, and came up again as process %ld: something starts it that was not found here;"
      " say what it is with --service"), (long)pid);
}

/* A supervisor may take a second to act on what it is told (supervise.c: after each start). Returns 1, 0; or -1 with errno. */
static int would_start_it(qq_turn *t)
{
  qq_service *s = t->service;
  if (s->supervisor > QQ_SUPERVISOR_SYSTEMD || !s->answers || !s->wants_up) return 0;
  return qq_service_look(s, t->instance) < 0 ? -1 : s->answers && s->wants_up && !s->is_spent;
}

static void end_todo(qq_turn *t)
{
  qq_member const *m = genalloc_s(qq_member, &t->instance->members);
  size_t const n = genalloc_len(qq_member, &t->instance->members);
  size_t k;
  for (k = 0; k < n; k++)
    if (m[k].role == QQ_ROLE_TODO && m[k].process.pid != t->left_over && !kill(m[k].process.pid, SIGTERM)) t->left_over = m[k].process.pid;
}

/* Says whether what is there has been without a qmail-send and a delivery for too long. */
static int is_left_behind(qq_turn *t, qq_wait *w)
{
  qq_instance const *i = t->instance;
  uint64_t const now = qq_now();
  if (i->runs || qq_instance_count(i, QQ_ROLE_LOCAL) || qq_instance_count(i, QQ_ROLE_REMOTE)) w->alone = 0;
  else if (!w->alone) w->alone = now;
  else if (now - w->alone > TODO_LEFT_BEHIND) end_todo(t);
  return w->alone && now - w->alone > LEFT_BEHIND;
}

qq_turned qq_turn_clear(qq_turn *t, stralloc *why)
{
  qq_wait w;
  int r = 1;
  qq_wait_begin(&w);
  while (r > 0) {
    if (t->instance->runs || !qq_wait_is_anything_left(t->instance)) return QQ_TURN_DONE;
    r = is_left_behind(t, &w) ? 0 : qq_wait_go_on(t, &w, why);
  }
  return (qq_turned)r;
}

qq_turned qq_wait_for_end(qq_turn *t, pid_t first, stralloc *why)
{
  qq_wait w;
  qq_wait_begin(&w);
  for (;;) {
    qq_instance const *i = t->instance;
    int r = qq_wait_is_anything_left(i) ? 1 : would_start_it(t);
    if (r < 0) return (qq_turned)qq_wait_fail(why);
    if (!r) return QQ_TURN_DONE;
    if (i->send && first && i->send != first) return qq_wait_came_back(why, i->send);
    if (is_left_behind(t, &w)) return QQ_TURN_TIME_OVER;
    r = qq_wait_go_on(t, &w, why);
    if (r < 1) return (qq_turned)r;
  }
}
