/* daemontools, runit and s6: a service directory, and a command that is told what to do with it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <skalibs/types.h>
#include <qq/append.h>
#include <qq/child.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include <qq/when.h>
#include "driver.h"

/* Asks, and takes the answer or, if that is none, the reason. */
static int ask(qq_service *s, char const *const *argv, stralloc *answer, int (*read_it)(qq_service *, char *))
{
  int const r = qq_child_run(argv, answer);
  s->pid = 0;
  s->wants_up = s->answers = s->is_paused = 0;
  s->why.len = 0;
  if (r < 0 || !stralloc_0(answer)) return -1;
  s->answers = read_it(s, answer->s);
  return s->answers ? 1 : qq_driver_no_answer(s, answer->s);
}

static pid_t pid_in(char const *s)
{
  char const *p = strstr(s, "(pid ");
  uint32_t pid;
  return p && uint32_scan(p + 5, &pid) ? (pid_t)pid : 0;
}

static int order(char const *command, char const *word, char const *where, stralloc *why)
{
  char const *argv[4];
  argv[0] = command;
  argv[1] = word;
  argv[2] = where;
  argv[3] = 0;
  return qq_driver_command(argv, 1, why);
}

/* By qq_order; the same letters for svc and s6-svc. */
static char const *const letters[] = { "-u", "-d", "-h", "-a", "-p", "-c" };
static char const *const words[] = { "up", "down", "hup", "alarm", "pause", "cont" };

/* DIR: up (pid 123) 45 seconds, want down; or: down 3 seconds, normally up, want up (svstat.c:doit). */
static int read_svstat(qq_service *s, char *answer)
{
  char const *state = strncmp(answer, s->where.s, s->where.len - 1) ? 0 : strchr(answer + s->where.len - 1, ' ');
  if (!state) return 0;
  s->pid = pid_in(state);
  s->is_paused = strstr(state, ", paused") != 0;
  if (!strncmp(state, " up ", 4)) s->wants_up = !strstr(state, ", want down");
  else if (!strncmp(state, " down ", 6)) s->wants_up = strstr(state, ", want up") != 0;
  else return 0;
  return 1;
}

/* run: DIR: (pid 123) 45s, want down; or: down: DIR: 3s, normally up, want up (sv.c:svstatus_print). What follows a semicolon is its logger. */
static int read_sv(qq_service *s, char *answer)
{
  char *logger = strchr(answer, ';');
  if (logger) *logger = 0;
  s->pid = strncmp(answer, "run: ", 5) ? 0 : pid_in(answer);
  s->is_paused = strstr(answer, ", paused") != 0;
  if (!strncmp(answer, "run: ", 5) || !strncmp(answer, "finish: ", 8)) s->wants_up = !strstr(answer, ", want down");
  else if (!strncmp(answer, "down: ", 6)) s->wants_up = strstr(answer, ", want up") != 0;
  else return 0;
  return 1;
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

static int look_with(qq_service *s, char const *one, char const *two, char const *three, int (*read_it)(qq_service *, char *))
{
  char const *argv[5];
  stralloc answer = STRALLOC_ZERO;
  size_t n = 0;
  int r;
  argv[n++] = one;
  if (two) argv[n++] = two;
  if (three) argv[n++] = three;
  argv[n++] = s->where.s;
  argv[n] = 0;
  r = ask(s, argv, &answer, read_it);
  stralloc_free(&answer);
  return r;
}

static int look_s6(qq_service *s) { return look_with(s, "s6-svstat", "-o", "pid,wantedup,paused", read_s6); }
static int look_daemontools(qq_service *s) { return look_with(s, "svstat", 0, 0, read_svstat); }
static int look_runit(qq_service *s) { return look_with(s, "sv", "status", 0, read_sv); }

static int find_s6(qq_service *s, qq_instance const *i, char const *home) { return qq_directory_find(s, i, home, QQ_SUPERVISOR_S6); }
static int find_daemontools(qq_service *s, qq_instance const *i, char const *home) { return qq_directory_find(s, i, home, QQ_SUPERVISOR_DAEMONTOOLS); }
static int find_runit(qq_service *s, qq_instance const *i, char const *home) { return qq_directory_find(s, i, home, QQ_SUPERVISOR_RUNIT); }

static int order_s6(qq_service const *s, qq_order o, stralloc *why) { return order("s6-svc", letters[o], s->where.s, why); }

/* supervise sleeps a second after each start, and only then reads what it is told (supervise.c:trystart): who says that qmail-send has been told must not be too early. */
static void wait_until_awake(qq_service const *s)
{
  static uint64_t const asleep = QQ_SECOND + QQ_SECOND / 5;
  qq_os_process p;
  uint64_t const now = qq_now(), started = s->pid && qq_os_process_look(s->pid, &p) == 1 ? qq_os_process_started(&p) : 0;
  uint64_t const left = started && now < started + asleep ? started + asleep - now : 0;
  struct timespec const t = { (time_t)(left / QQ_SECOND), (long)(left % QQ_SECOND) };
  if (left && left <= asleep) nanosleep(&t, 0);
}

static int order_daemontools(qq_service const *s, qq_order o, stralloc *why)
{
  if (o == QQ_ORDER_REREAD || o == QQ_ORDER_FLUSH) wait_until_awake(s);
  return order("svc", letters[o], s->where.s, why);
}

/* runsv does not continue what is paused when it ends it (runsv.c:custom, stopservice); supervise and s6-supervise do. */
static int order_runit(qq_service const *s, qq_order o, stralloc *why)
{
  int const r = order("sv", words[o], s->where.s, why);
  return r > 0 && o == QQ_ORDER_STOP ? order("sv", words[QQ_ORDER_CONTINUE], s->where.s, why) : r;
}

qq_driver const qq_driver_s6 = { "s6", find_s6, look_s6, order_s6 };
qq_driver const qq_driver_daemontools = { "daemontools", find_daemontools, look_daemontools, order_daemontools };
qq_driver const qq_driver_runit = { "runit", find_runit, look_runit, order_runit };
