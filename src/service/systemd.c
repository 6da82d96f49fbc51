#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/types.h>
#include <qq/child.h>
#include <qq/names.h>
#include <qq/text.h>
#include "driver.h"

#define SUFFIX ".service"

/* What `systemctl show' is asked, and in the same order what it says; strings in its answer. */
#define ASKED "--property=LoadState,ActiveState,SubState,Result,MainPID,Restart," \
  "KillMode,KillSignal,TimeoutStopUSec,ExecStart,ExecStop"
enum {
  LOAD, ACTIVE, SUB, RESULT, PID, RESTART,
  KILL_MODE, KILL_SIGNAL, TIMEOUT, EXEC_START, EXEC_STOP, PROPERTIES
};

typedef struct answer { stralloc text; char const *says[PROPERTIES]; } answer;

/* One line, PROPERTY=VALUE. */
static void take_line(answer *a, char const *line)
{
  size_t const n = strcspn(line, "=");
  char const *name = strchr(ASKED, '=');
  unsigned int i;
  for (i = 0; i < PROPERTIES && line[n]; i++, name += strcspn(name, ",")) {
    name++;
    if (strcspn(name, ",") == n && !memcmp(line, name, n)) a->says[i] = line + n + 1;
  }
}

/* Asks about a unit. Returns 1; 0: systemd does not run here, or says something else, which is
   text; -1 with errno. */
static int ask(answer *a, char const *name)
{
  char const *argv[] = { "systemctl", "show", "--no-pager", ASKED, "--", name, 0 };
  char *line, *next;
  int r;
  memset(a, 0, sizeof *a);
  r = qq_child_run(argv, &a->text);
  if (r < 0 || !stralloc_0(&a->text)) return -1;
  if (r) return 0;
  for (line = a->text.s; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    take_line(a, line);
  }
  return a->says[LOAD] && a->says[ACTIVE] && a->says[PID];
}

static pid_t main_pid(answer const *a)
{
  uint32_t pid;
  return uint320_scan(a->says[PID], &pid) ? (pid_t)pid : 0;
}

static int is(answer const *a, int property, char const *word)
{
  return a->says[property] && !strcmp(a->says[property], word);
}

/* It was started, what it started has ended or gone its own way, and to start it does nothing:
   RemainAfterExit, as all have that systemd makes of init scripts. */
static int has_exited(answer const *a)
{
  return is(a, ACTIVE, "active") && is(a, SUB, "exited");
}

static int is_init_script(answer const *a)
{
  static char const init[] = "{ path=/etc/init.d/", rc[] = "{ path=/etc/rc.d/";
  char const *start = a->says[EXEC_START];
  return start && (!strncmp(start, init, sizeof init - 1) || !strncmp(start, rc, sizeof rc - 1));
}

static int has_stop_command(answer const *a)
{
  return a->says[EXEC_STOP] && *a->says[EXEC_STOP];
}

/* By all but these two modes every process is told to end at once, or none (systemd.kill(5)); and
   when the time to stop is over, 90 seconds if nobody says anything else, what is left is killed,
   deliveries too, or, where SendSIGKILL says no, the unit has failed. What an init script does with
   its `stop' is not known. */
static char const *cuts(answer const *a)
{
  int const is_gentle = is(a, KILL_MODE, "mixed") || is(a, KILL_MODE, "process");
  int const is_patient = !a->says[TIMEOUT] || is(a, TIMEOUT, "infinity");
  int const is_usual = !a->says[KILL_SIGNAL] || is(a, KILL_SIGNAL, "15");
  if (is_init_script(a)) return 0;
  if (is_gentle && !is_usual) return _("take KillSignal out of it");
  if (!is_gentle || !is_patient) return _("put KillMode=mixed and TimeoutStopSec=infinity into it");
  return has_stop_command(a) ? _("take ExecStop out of it") : 0;
}

/* What is in the control group of a unit that is down has been left alone by whatever stopped the
   unit, and is not its any more; but a script has told it, or it was given the time to end, and
   ends. */
static int has_let_go(answer const *a)
{
  if (is(a, ACTIVE, "failed")) return !is(a, RESULT, "timeout");
  return is(a, ACTIVE, "inactive") && !is_init_script(a) && !has_stop_command(a);
}

static int take_answer(qq_service *s, answer const *a)
{
  s->answers = 1;
  s->pid = main_pid(a);
  s->wants_up = is(a, ACTIVE, "active") || is(a, ACTIVE, "activating")
    || is(a, ACTIVE, "reloading");
  s->unit.is_spent = has_exited(a);
  s->unit.comes_back = is(a, RESTART, "always") || is(a, RESTART, "on-success");
  s->unit.has_let_go = has_let_go(a);
  s->unit.clears = is(a, KILL_MODE, "mixed") && !is_init_script(a);
  s->unit.cuts = cuts(a);
  if (!is(a, ACTIVE, "failed")) return 1;
  return qq_copy_string(&s->why, a->says[RESULT] ? a->says[RESULT] : "unknown") ? 1 : -1;
}

static int look(qq_service *s)
{
  answer a;
  int r = ask(&a, s->where.s);
  if (r > 0 && is(&a, LOAD, "loaded")) r = take_answer(s, &a);
  else if (r >= 0) r = qq_driver_no_answer(s, r ? a.says[LOAD] : a.text.s);
  stralloc_free(&a.text);
  return r;
}

/* ---- finding it ---- */

/* Its name counts without the suffix, which scripts and people leave out. */
static int is_claimed(answer const *a, char const *name, qq_server const *s)
{
  char const *start = a->says[EXEC_START];
  stralloc bare = STRALLOC_ZERO;
  size_t const n = strlen(name), end = n > sizeof SUFFIX - 1 ? n - (sizeof SUFFIX - 1) : n;
  int const length = (int)(strcmp(name + end, SUFFIX) ? n : end);
  qq_claim claim = QQ_CLAIM_NONE;
  if (start && qq_say(&bare, "%.*s", length, name))
    claim = qq_claim_of(start, strlen(start), bare.s, s->home);
  stralloc_free(&bare);
  if (claim != QQ_CLAIM_NAME) return claim == QQ_CLAIM_TEXT;
  return !qq_service_supervises_another(main_pid(a), &s->instance);
}

/* sd_booted(3); in a container, systemctl may be there without it, or not be there, and say
   nothing. */
static int is_booted(char const *said)
{
  return *said && !access("/run/systemd/system", F_OK) && !strstr(said, "not been booted");
}

/* Returns 1: the unit is that of qmail-send, or would start it, or systemd does not answer; 0: it
   is not. A systemd that does not say what is to be known knows it all the same: to take something
   else for the service would be worse. */
static int try(qq_server *s, char const *name)
{
  qq_service *service = &s->service;
  answer a;
  int r = ask(&a, name);
  int const is_silent = !r && is_booted(a.text.s);
  if (r > 0) r = is(&a, LOAD, "loaded");
  if (r > 0 || is_silent) r = qq_service_begin(service, QQ_SUPERVISOR_SYSTEMD, name);
  if (r > 0) r = is_silent ? qq_driver_no_answer(service, a.text.s) : take_answer(service, &a);
  if (r > 0 && !is_silent) {
    service->supervises = qq_service_supervises(service, &s->instance);
    r = service->supervises != QQ_SUPERVISES_NOT || is_claimed(&a, name, s);
  }
  stralloc_free(&a.text);
  return r;
}

/* The unit that qmail-send runs in. An ssh session, cron or the like is that of somebody who
   started it by hand. */
static int try_own(qq_server *s)
{
  stralloc name = STRALLOC_ZERO;
  int r = s->instance.send ? qq_os_process_unit(s->instance.send, &name) : 0;
  if (r > 0) r = try(s, name.s);
  if (r > 0 && !s->service.answers) s->service.supervises = QQ_SUPERVISES_ABOVE;
  stralloc_free(&name);
  return r > 0 ? s->service.supervises != QQ_SUPERVISES_NOT : r;
}

static int find(qq_server *s, qq_supervisor which)
{
  int r = try_own(s);
  (void)which;
  if (!r) r = try(s, QQ_NAME_QMAIL_SEND SUFFIX);
  if (!r) r = try(s, "qmail" SUFFIX);
  return r < 0 && errno == ENOENT ? 0 : r;
}

/* ---- telling it ---- */

/* How often it was started of late must not keep it down (StartLimitBurst). A unit that systemd
   does not have in memory has nothing to forget; that is no error. */
static void forget_starts(char const *where)
{
  char const *argv[] = { "systemctl", "reset-failed", "--", where, 0 };
  stralloc output = STRALLOC_ZERO;
  qq_child_run(argv, &output);
  stralloc_free(&output);
}

/* To one that waits for RestartSec, and to one that counts as up, `start' does nothing. */
static int start(qq_server *s, char const *where)
{
  char const *argv[] = { "systemctl", "start", "--no-block", "--", where, 0 };
  answer a;
  int const r = ask(&a, where);
  if (r > 0 && ((has_exited(&a) && !main_pid(&a)) || is(&a, SUB, "auto-restart")))
    argv[1] = "restart";
  stralloc_free(&a.text);
  if (r < 0) return -1;
  forget_starts(where);
  return qq_driver_command(s, argv, 0);
}

static int order(qq_server *s, qq_order o)
{
  static char const *const signals[] = {
    0, 0, "--signal=HUP", "--signal=ALRM", "--signal=STOP", "--signal=CONT"
  };
  char const *where = s->service.where.s;
  char const *stop[] = { "systemctl", "stop", "--no-block", "--", where, 0 };
  char const *kill[] = { "systemctl", "kill", "--kill-who=main", signals[o], "--", where, 0 };
  return o == QQ_ORDER_START ? start(s, where) : qq_driver_command(s, signals[o] ? kill : stop, 0);
}

qq_driver const qq_driver_systemd = { "systemd", find, look, order };
