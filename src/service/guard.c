/* Who stops qmail-send to start it again has a process beside it that does so if it is killed in
   between (INTERNALS: processes and service control). */

#include <signal.h>
#include <qq/child.h>
#include <qq/when.h>
#include "driver.h"

/* In memory that both have. */
typedef struct watched {
  pid_t volatile child;         /* the command that the other one was running; 0: none */
  pid_t volatile told;          /* the qmail-send that it has told to end, or was about to */
} watched;

static watched *shared;
static pid_t guard;

int qq_server_must_end_first(qq_server const *s)
{
  return s->instance.send && s->instance.send == s->told_to_end && !qq_server_remembers(s);
}

/* A command that comes late would stop what is started here. */
static void wait_for_child(pid_t pid)
{
  qq_os_process p;
  while (pid && qq_os_process_look(pid, &p) && !kill(pid, 0)) qq_sleep(50000000);
}

/* A script may have been run just now: run again, it would start a second one. */
static void wait_for_script(qq_server *s)
{
  int k = s->service.supervisor < QQ_SUPERVISOR_INIT ? 0 : 100;
  for (; k && !s->instance.runs && qq_server_look(s) > 0; k--) qq_sleep(20000000);
}

/* Whether it came to telling it is not known; to be told twice does no harm. */
static void take_over(void *data)
{
  qq_server *s = data;
  s->meanwhile = 0;
  s->told_to_end = shared->told;
  wait_for_child(shared->child);
  if (qq_server_look(s) > 0 && s->instance.send == s->told_to_end) qq_server_tell(s, QQ_ORDER_STOP);
  wait_for_script(s);
  if (qq_server_must_end_first(s)) qq_server_wait_for_end(s);
  qq_server_start(s);
}

int qq_server_guard(qq_server *s)
{
  if (!s->instance.runs) return 1;
  shared = qq_os_share(sizeof *shared);
  if (shared) {
    shared->told = s->instance.send;
    qq_child_record_in(&shared->child);
    guard = qq_child_stand_by(take_over, s);
  }
  return shared && guard > 0 ? 1 : qq_unable(&s->why, "%s", _("unable to fork"));
}

void qq_server_unguard(void)
{
  if (guard > 0) qq_child_dismiss(guard);
  guard = 0;
}
