/* daemontools, runit and s6: a service directory, and a command that is told what to do with it. */

#include <string.h>
#include <skalibs/types.h>
#include <qq/child.h>
#include <qq/when.h>
#include "driver.h"

static pid_t pid_in(char const *s)
{
  char const *p = strstr(s, "(pid ");
  uint32_t pid;
  return p && uint32_scan(p + 5, &pid) ? (pid_t)pid : 0;
}

/* daemontools and runit add what it wants if it is otherwise, and whether it is paused. */
static int take_state(qq_service *s, char const *text, int is_up, int is_down)
{
  s->is_paused = strstr(text, ", paused") != 0;
  s->wants_up = is_up ? !strstr(text, ", want down") : is_down && strstr(text, ", want up");
  return is_up || is_down;
}

/* DIR: up (pid 123) 45 seconds, want down; or: down 3 seconds, normally up, want up
   (svstat.c:doit). */
static int read_svstat(qq_service *s, char *answer)
{
  size_t const n = s->where.len - 1;
  char const *state = strncmp(answer, s->where.s, n) ? 0 : strchr(answer + n, ' ');
  if (!state) return 0;
  s->pid = pid_in(state);
  return take_state(s, state, !strncmp(state, " up ", 4), !strncmp(state, " down ", 6));
}

/* run: DIR: (pid 123) 45s, want down; or: down: DIR: 3s, normally up, want up
   (sv.c:svstatus_print). What follows a semicolon is its logger. */
static int read_sv(qq_service *s, char *answer)
{
  int is_up = !strncmp(answer, "run: ", 5);
  char *logger = strchr(answer, ';');
  if (logger) *logger = 0;
  s->pid = is_up ? pid_in(answer) : 0;
  is_up |= !strncmp(answer, "finish: ", 8);
  return take_state(s, answer, is_up, !strncmp(answer, "down: ", 6));
}

/* PID WANTEDUP PAUSED, as asked for; -1 is no process. */
static int read_s6(qq_service *s, char *answer)
{
  uint32_t pid = 0;
  char const *rest = strchr(answer, ' ');
  if (!rest || (strncmp(answer, "-1 ", 3) && !uint32_scan(answer, &pid))) return 0;
  s->pid = (pid_t)pid;
  s->wants_up = !strncmp(rest, " true ", 6);
  s->is_paused = !strcmp(rest + 1 + strcspn(rest + 1, " "), " true");
  return s->wants_up || !strncmp(rest, " false ", 7);
}

/* By qq_order. */
static char const *const letters[] = { "-u", "-d", "-h", "-a", "-p", "-c" };
static char const *const words[] = { "up", "down", "hup", "alarm", "pause", "cont" };

/* Words of a command that asks, and the null pointer behind them. */
#define ASK 4

/* The commands of each, by qq_supervisor: the one that asks, with its options, and what reads the
   answer; the one that tells, and its words. */
static struct {
  char const *ask[ASK];
  int (*read_it)(qq_service *, char *);
  char const *tell, *const *orders;
} const tools[] = {
  { { "s6-svstat", "-o", "pid,wantedup,paused", 0 }, read_s6, "s6-svc", letters },
  { { "svstat", 0 }, read_svstat, "svc", letters },
  { { "sv", "status", 0 }, read_sv, "sv", words },
};

static int look_at_state(qq_service *s)
{
  char const *const *ask = tools[s->supervisor].ask;
  char const *argv[ASK + 1] = { 0 };
  stralloc answer = STRALLOC_ZERO;
  int n, r;
  for (n = 0; n + 1 < ASK && ask[n]; n++) argv[n] = ask[n];
  argv[n] = s->where.s;
  r = qq_child_run(argv, &answer) < 0 || !stralloc_0(&answer) ? -1 : 1;
  if (r > 0) s->answers = tools[s->supervisor].read_it(s, answer.s);
  if (r > 0 && !s->answers) r = qq_service_explain(s, (qq_piece){ answer.s, strlen(answer.s) });
  stralloc_free(&answer);
  return r;
}

static int tell_service(qq_server *s, qq_order o)
{
  qq_service const *to = &s->service;
  char const *argv[] = {
    tools[to->supervisor].tell, tools[to->supervisor].orders[o], to->where.s, 0
  };
  return qq_driver_command(s, argv, 1);
}

/* supervise sleeps a second after each start, and only then reads what it is told
   (supervise.c:trystart): who says that qmail-send has been told must not be too early. */
static int tell_daemontools(qq_server *s, qq_order o)
{
  static uint64_t const asleep = QQ_SECOND + QQ_SECOND / 5;
  pid_t const pid = o == QQ_ORDER_REREAD || o == QQ_ORDER_FLUSH ? s->service.pid : 0;
  qq_os_process p;
  int const is_there = pid && qq_os_process_look(pid, &p) == 1;
  uint64_t const now = qq_now(), started = is_there ? qq_os_process_started(&p) : 0;
  uint64_t const left = started && now < started + asleep ? started + asleep - now : 0;
  if (left && left <= asleep) qq_sleep(left);
  return tell_service(s, o);
}

/* runsv does not continue what is paused when it ends it (runsv.c:custom, stopservice); supervise
   and s6-supervise do. */
static int tell_runit(qq_server *s, qq_order o)
{
  int const r = tell_service(s, o);
  return r > 0 && o == QQ_ORDER_STOP ? tell_service(s, QQ_ORDER_CONTINUE) : r;
}

qq_driver const qq_driver_s6 = { "s6", qq_service_directory_find, look_at_state, tell_service };
qq_driver const qq_driver_daemontools = {
  "daemontools", qq_service_directory_find, look_at_state, tell_daemontools
};
qq_driver const qq_driver_runit = { "runit", qq_service_directory_find, look_at_state, tell_runit };
