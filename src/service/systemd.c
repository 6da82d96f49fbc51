#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <skalibs/types.h>
#include <qq/child.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include "driver.h"

#define SUFFIX ".service"

/* What `systemctl show' says of one unit; strings in its answer. */
typedef struct unit { char const *load, *active, *pid, *kill_mode, *timeout, *kills, *start; } unit;

static char const *value(char *line, char const *name)
{
  size_t const n = strlen(name);
  return !strncmp(line, name, n) && line[n] == '=' ? line + n + 1 : 0;
}

static void take(unit *u, char *line)
{
  char const *v;
  if ((v = value(line, "LoadState"))) u->load = v;
  else if ((v = value(line, "ActiveState"))) u->active = v;
  else if ((v = value(line, "MainPID"))) u->pid = v;
  else if ((v = value(line, "KillMode"))) u->kill_mode = v;
  else if ((v = value(line, "TimeoutStopUSec"))) u->timeout = v;
  else if ((v = value(line, "SendSIGKILL"))) u->kills = v;
  else if ((v = value(line, "ExecStart"))) u->start = v;
}

/* Asks about a unit. answer keeps the text. Returns 1; 0: systemd does not run here or says something else; -1 with errno. */
static int ask(unit *u, char const *name, stralloc *answer)
{
  char const *argv[] = { "systemctl", "show", "--no-pager", "--property=LoadState,ActiveState,MainPID,KillMode,TimeoutStopUSec,SendSIGKILL,ExecStart", "--", name, 0 };
  char *line, *next;
  int const r = qq_child_run(argv, answer);
  memset(u, 0, sizeof *u);
  if (r < 0 || !stralloc_0(answer)) return -1;
  if (r) return 0;
  for (line = answer->s; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    take(u, line);
  }
  return u->load && u->active && u->pid;
}

static pid_t main_pid(unit const *u)
{
  uint32_t pid;
  return uint320_scan(u->pid, &pid) ? (pid_t)pid : 0;
}

static int is(char const *said, char const *word)
{
  return said && !strcmp(said, word);
}

/* By all but these two modes every process is told to end at once, or none (systemd.kill(5)); and when the time to stop is over, 90 seconds if nobody says anything else,
   what is left is killed, deliveries too. */
static int cuts(unit const *u)
{
  if (!is(u->kill_mode, "mixed") && !is(u->kill_mode, "process")) return 1;
  return is(u->kills, "yes") && u->timeout && !is(u->timeout, "infinity");
}

static void set(qq_service *s, unit const *u)
{
  s->answers = 1;
  s->pid = main_pid(u);
  s->wants_up = !strcmp(u->active, "active") || !strcmp(u->active, "activating") || !strcmp(u->active, "reloading");
  s->cuts = cuts(u);
}

static int look(qq_service *s)
{
  stralloc answer = STRALLOC_ZERO;
  unit u;
  int r = ask(&u, s->where.s, &answer);
  s->why.len = s->answers = 0;
  s->pid = 0;
  s->wants_up = s->is_paused = 0;
  if (r > 0 && strcmp(u.load, "loaded")) r = qq_driver_no_answer(s, u.load);
  else if (r > 0) set(s, &u);
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
  if (stralloc_catb(&bare, name, n) && stralloc_0(&bare)) claim = u->start ? qq_claim_of(u->start, strlen(u->start), bare.s, home) : QQ_CLAIM_NONE;
  stralloc_free(&bare);
  return claim;
}

static int is_claimed(unit const *u, char const *name, qq_instance const *i, char const *home)
{
  qq_claim const claim = claim_of(u, name, home);
  return claim == QQ_CLAIM_TEXT || (claim == QQ_CLAIM_NAME && !qq_service_supervises_another(main_pid(u), i));
}

/* Returns 1: the unit is that of qmail-send, or would start it; 0: it is not. */
static int try(qq_service *s, char const *name, qq_instance const *i, char const *home)
{
  stralloc answer = STRALLOC_ZERO;
  unit u;
  int r = ask(&u, name, &answer);
  if (r > 0) {
    qq_supervises const supervises = qq_service_supervises(main_pid(&u), i);
    r = !strcmp(u.load, "loaded") && (supervises != QQ_SUPERVISES_NOT || is_claimed(&u, name, i, home));
    if (r) {
      s->supervisor = QQ_SUPERVISOR_SYSTEMD;
      set(s, &u);
      s->supervises = supervises;
      if (!stralloc_copys(&s->where, name) || !stralloc_0(&s->where)) r = -1;
    }
  }
  stralloc_free(&answer);
  return r;
}

static int find(qq_service *s, qq_instance const *i, char const *home)
{
  stralloc unit_name = STRALLOC_ZERO;
  int r = i->send ? qq_os_process_unit(i->send, &unit_name) : 0;
  if (r > 0) r = try(s, unit_name.s, i, home);
  if (r > 0 && s->supervises == QQ_SUPERVISES_NOT) r = 0;      /* an ssh session, cron: whoever started it by hand */
  if (!r) r = try(s, QQ_NAME_QMAIL_SEND SUFFIX, i, home);
  if (!r) r = try(s, "qmail" SUFFIX, i, home);
  stralloc_free(&unit_name);
  return r < 0 && errno == ENOENT ? 0 : r;
}

static int order(qq_service const *s, qq_order o, stralloc *why)
{
  static char const *const signals[] = { 0, 0, "--signal=HUP", "--signal=ALRM", "--signal=STOP", "--signal=CONT" };
  char const *start_or_stop[] = { "systemctl", o == QQ_ORDER_START ? "start" : "stop", "--no-block", "--", s->where.s, 0 };
  char const *kill[] = { "systemctl", "kill", "--kill-who=main", signals[o], "--", s->where.s, 0 };
  return qq_driver_command(signals[o] ? kill : start_or_stop, 0, why);
}

qq_driver const qq_driver_systemd = { "systemd", find, look, order };
