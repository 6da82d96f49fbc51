#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/types.h>
#include <qq/append.h>
#include <qq/child.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/say.h>
#include "driver.h"

#define SUFFIX ".service"

/* What `systemctl show' is asked, and what it says; strings in its answer. */
enum { LOAD, ACTIVE, SUB, RESULT, PID, RESTART, KILL_MODE, KILL_SIGNAL, TIMEOUT, EXEC_START, EXEC_STOP, PROPERTIES };
static char const *const properties[] = { "LoadState", "ActiveState", "SubState", "Result", "MainPID", "Restart", "KillMode", "KillSignal", "TimeoutStopUSec", "ExecStart", "ExecStop" };

typedef struct unit { char const *says[PROPERTIES]; } unit;

static void take(unit *u, char const *line)
{
  size_t const n = strcspn(line, "=");
  unsigned int i;
  for (i = 0; i < PROPERTIES && line[n]; i++) if (strlen(properties[i]) == n && !memcmp(line, properties[i], n)) u->says[i] = line + n + 1;
}

/* Asks about a unit. answer keeps the text. Returns 1; 0: systemd does not run here or says something else; -1 with errno. */
static int ask(unit *u, char const *name, stralloc *answer)
{
  char const *argv[] = { "systemctl", "show", "--no-pager", 0, "--", name, 0 };
  stralloc asked = STRALLOC_ZERO;
  char *line, *next;
  unsigned int i;
  int r;
  memset(u, 0, sizeof *u);
  for (i = 0; i < PROPERTIES; i++) if (!qq_say(&asked, i ? ",%s" : "--property=%s", properties[i])) break;
  r = i == PROPERTIES && stralloc_0(&asked) ? 0 : -1;
  argv[3] = asked.s;
  if (!r) r = qq_child_run(argv, answer);
  stralloc_free(&asked);
  if (r < 0 || !stralloc_0(answer)) return -1;
  if (r) return 0;
  for (line = answer->s; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    take(u, line);
  }
  return u->says[LOAD] && u->says[ACTIVE] && u->says[PID];
}

static pid_t main_pid(unit const *u)
{
  uint32_t pid;
  return uint320_scan(u->says[PID], &pid) ? (pid_t)pid : 0;
}

static int is(unit const *u, int property, char const *word)
{
  return u->says[property] && !strcmp(u->says[property], word);
}

/* It was started, what it started has ended or gone its own way, and to start it does nothing: RemainAfterExit, as all have that systemd makes of init scripts. */
static int has_exited(unit const *u)
{
  return is(u, ACTIVE, "active") && is(u, SUB, "exited");
}

static int is_init_script(unit const *u)
{
  static char const *const begins[] = { "{ path=/etc/init.d/", "{ path=/etc/rc.d/" };
  char const *start = u->says[EXEC_START];
  return start && (!strncmp(start, begins[0], strlen(begins[0])) || !strncmp(start, begins[1], strlen(begins[1])));
}

/* By all but these two modes every process is told to end at once, or none (systemd.kill(5)); and when the time to stop is over, 90 seconds if nobody says anything else,
   what is left is killed, deliveries too, or, where SendSIGKILL says no, the unit has failed. What an init script does with its `stop' is not known. */
static char const *cuts(unit const *u)
{
  if (is_init_script(u)) return 0;
  if (!is(u, KILL_MODE, "mixed") && !is(u, KILL_MODE, "process")) return _("put KillMode=mixed and TimeoutStopSec=infinity into it");
  if (u->says[KILL_SIGNAL] && !is(u, KILL_SIGNAL, "15")) return _("take KillSignal out of it");
  if (u->says[TIMEOUT] && !is(u, TIMEOUT, "infinity")) return _("put KillMode=mixed and TimeoutStopSec=infinity into it");
  if (u->says[EXEC_STOP] && *u->says[EXEC_STOP]) return _("take ExecStop out of it");
  return 0;
}

/* What is in the control group of a unit that is down has been left alone by whatever stopped the unit, and is not its any more; but a script has told it, or it was given the
   time to end, and ends. */
static int has_let_go(unit const *u)
{
  if (is(u, ACTIVE, "failed")) return !is(u, RESULT, "timeout");
  return is(u, ACTIVE, "inactive") && !is_init_script(u) && !(u->says[EXEC_STOP] && *u->says[EXEC_STOP]);
}

static int set_failure(qq_service *s, unit const *u)
{
  s->why.len = 0;
  if (!is(u, ACTIVE, "failed")) return 1;
  return qq_copy_string(&s->why, u->says[RESULT] ? u->says[RESULT] : "unknown") ? 1 : -1;
}

static int set(qq_service *s, unit const *u)
{
  s->answers = 1;
  s->pid = main_pid(u);
  s->is_spent = has_exited(u);
  s->wants_up = is(u, ACTIVE, "active") || is(u, ACTIVE, "activating") || is(u, ACTIVE, "reloading");
  s->comes_back = is(u, RESTART, "always") || is(u, RESTART, "on-success");
  s->has_let_go = has_let_go(u);
  s->clears = is(u, KILL_MODE, "mixed") && !is_init_script(u);
  s->cuts = cuts(u);
  return set_failure(s, u);
}

static int look(qq_service *s)
{
  stralloc answer = STRALLOC_ZERO;
  unit u;
  int r = ask(&u, s->where.s, &answer);
  s->why.len = s->answers = 0;
  s->pid = 0;
  s->wants_up = s->is_paused = s->is_spent = s->comes_back = s->has_let_go = 0;
  if (r > 0 && strcmp(u.says[LOAD], "loaded")) r = qq_driver_no_answer(s, u.says[LOAD]);
  else if (r > 0) r = set(s, &u);
  else if (!r) r = qq_driver_no_answer(s, answer.s);
  stralloc_free(&answer);
  return r;
}

/* Without the suffix, which scripts and people leave out. */
static qq_claim claim_of(unit const *u, char const *name, char const *home)
{
  stralloc bare = STRALLOC_ZERO;
  size_t n = strlen(name);
  qq_claim claim = QQ_CLAIM_NONE;
  if (n > sizeof SUFFIX - 1 && !strcmp(name + n - (sizeof SUFFIX - 1), SUFFIX)) n -= sizeof SUFFIX - 1;
  if (stralloc_catb(&bare, name, n) && stralloc_0(&bare)) claim = u->says[EXEC_START] ? qq_claim_of(u->says[EXEC_START], strlen(u->says[EXEC_START]), bare.s, home) : QQ_CLAIM_NONE;
  stralloc_free(&bare);
  return claim;
}

static int is_claimed(unit const *u, char const *name, qq_instance const *i, char const *home)
{
  qq_claim const claim = claim_of(u, name, home);
  return claim == QQ_CLAIM_TEXT || (claim == QQ_CLAIM_NAME && !qq_service_supervises_another(main_pid(u), i));
}

static int take_unit(qq_service *s, char const *name)
{
  s->supervisor = QQ_SUPERVISOR_SYSTEMD;
  return qq_copy_string(&s->where, name) ? 1 : -1;
}

/* sd_booted(3); in a container, systemctl may be there without it, or not be there, and say nothing. */
static int is_booted(char const *said)
{
  return *said && !access("/run/systemd/system", F_OK) && !strstr(said, "not been booted");
}

/* systemd knows what is to be known, and does not say it: to take something else for the service would be worse. */
static int take_silent(qq_service *s, char const *name, char const *said)
{
  s->answers = 0;
  s->supervises = QQ_SUPERVISES_NOT;
  return take_unit(s, name) < 0 || qq_driver_no_answer(s, said) < 0 ? -1 : 1;
}

/* Returns 1: the unit is that of qmail-send, or would start it, or systemd does not answer; 0: it is not. */
static int try(qq_service *s, char const *name, qq_instance const *i, char const *home)
{
  stralloc answer = STRALLOC_ZERO;
  unit u;
  int r = ask(&u, name, &answer);
  if (r > 0 && strcmp(u.says[LOAD], "loaded")) r = 0;
  else if (!r && is_booted(answer.s)) r = take_silent(s, name, answer.s);
  else if (r > 0) r = take_unit(s, name) < 0 ? -1 : set(s, &u);
  if (r > 0 && s->answers) {
    s->supervises = qq_service_supervises(s, i);
    r = s->supervises != QQ_SUPERVISES_NOT || is_claimed(&u, name, i, home);
  }
  stralloc_free(&answer);
  return r;
}

/* The unit that qmail-send runs in. An ssh session, cron or the like is that of somebody who started it by hand. */
static int try_own(qq_service *s, char const *name, qq_instance const *i, char const *home)
{
  int const r = try(s, name, i, home);
  if (r > 0 && !s->answers) s->supervises = QQ_SUPERVISES_ABOVE;
  return r > 0 ? s->supervises != QQ_SUPERVISES_NOT : r;
}

static int find(qq_service *s, qq_instance const *i, char const *home)
{
  stralloc unit_name = STRALLOC_ZERO;
  int r = i->send ? qq_os_process_unit(i->send, &unit_name) : 0;
  if (r > 0) r = try_own(s, unit_name.s, i, home);
  if (!r) r = try(s, QQ_NAME_QMAIL_SEND SUFFIX, i, home);
  if (!r) r = try(s, "qmail" SUFFIX, i, home);
  stralloc_free(&unit_name);
  return r < 0 && errno == ENOENT ? 0 : r;
}

/* How often it was started of late must not keep it down (StartLimitBurst). A unit that systemd does not have in memory has nothing to forget; that is no error. */
static void forget_starts(char const *where)
{
  char const *argv[] = { "systemctl", "reset-failed", "--", where, 0 };
  stralloc output = STRALLOC_ZERO;
  qq_child_run(argv, &output);
  stralloc_free(&output);
}

static int start(qq_service const *s, stralloc *why)
{
  char const *argv[] = { "systemctl", "start", "--no-block", "--", s->where.s, 0 };
  stralloc answer = STRALLOC_ZERO;
  unit u;
  int const r = ask(&u, s->where.s, &answer);
  if (r > 0 && ((has_exited(&u) && !main_pid(&u)) || is(&u, SUB, "auto-restart"))) argv[1] = "restart";      /* it would wait for RestartSec */
  stralloc_free(&answer);
  if (r < 0) return -1;
  forget_starts(s->where.s);
  return qq_driver_command(argv, 0, why);
}

static int order(qq_service const *s, qq_order o, stralloc *why)
{
  static char const *const signals[] = { 0, 0, "--signal=HUP", "--signal=ALRM", "--signal=STOP", "--signal=CONT" };
  char const *stop[] = { "systemctl", "stop", "--no-block", "--", s->where.s, 0 };
  char const *kill[] = { "systemctl", "kill", "--kill-who=main", signals[o], "--", s->where.s, 0 };
  if (o == QQ_ORDER_START) return start(s, why);
  return qq_driver_command(signals[o] ? kill : stop, 0, why);
}

qq_driver const qq_driver_systemd = { "systemd", find, look, order };
