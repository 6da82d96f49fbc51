#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/types.h>
#include <qq/child.h>
#include <qq/file.h>
#include <qq/names.h>
#include "driver.h"

#define SUFFIX ".service"

/* What `systemctl show' is asked. Its answer is a line PROPERTY=VALUE for each that it knows. */
#define ASKED "--property=LoadState,ActiveState,SubState,Result,MainPID,Restart," \
  "KillMode,KillSignal,TimeoutStopUSec,ExecStart,ExecStop"

/* As the last of its lines has it, since each command has one; s is null if there is none. */
static qq_piece value_of(stralloc const *answer, char const *property)
{
  qq_piece text = qq_piece_of(answer), line, value = { 0, 0 };
  while (qq_piece_line(&text, &line))
    if (qq_piece_take(&line, property) && qq_piece_take(&line, "=")) value = line;
  return value;
}

static int is(stralloc const *answer, char const *property, char const *word)
{
  return qq_piece_is(value_of(answer, property), word);
}

/* Asks about a unit, and makes the answer a string. Returns 1; 0: systemd does not run here, or
   says something else; -1 with errno. */
static int ask(stralloc *answer, char const *name)
{
  char const *argv[] = { "systemctl", "show", "--no-pager", ASKED, "--", name, 0 };
  int const r = qq_child_run(argv, answer);
  if (r < 0 || !stralloc_0(answer)) return -1;
  answer->len--;
  return !r && value_of(answer, "LoadState").s && value_of(answer, "ActiveState").s
    && value_of(answer, "MainPID").s;
}

static pid_t main_pid(stralloc const *answer)
{
  qq_piece const value = value_of(answer, "MainPID");
  uint32_t pid = 0;
  return uint32_scan(value.s, &pid) == value.n ? (pid_t)pid : 0;
}

/* It was started, what it started has ended or gone its own way, and to start it does nothing:
   RemainAfterExit, as all have that systemd makes of init scripts. */
static int has_exited(stralloc const *a)
{
  return is(a, "ActiveState", "active") && is(a, "SubState", "exited");
}

static int is_init_script(stralloc const *a)
{
  qq_piece start = value_of(a, "ExecStart");
  return qq_piece_take(&start, "{ path=/etc/init.d/") || qq_piece_take(&start, "{ path=/etc/rc.d/");
}

static int has_stop_command(stralloc const *a)
{
  return value_of(a, "ExecStop").n > 0;
}

/* By all but these two modes every process is told to end at once, or none (systemd.kill(5)); and
   when the time to stop is over, 90 seconds if nobody says anything else, what is left is killed,
   deliveries too, or, where SendSIGKILL says no, the unit has failed. What an init script does with
   its `stop' is not known. */
static char const *cuts(stralloc const *a)
{
  int const is_gentle = is(a, "KillMode", "mixed") || is(a, "KillMode", "process");
  int const is_patient = !value_of(a, "TimeoutStopUSec").s
    || is(a, "TimeoutStopUSec", "infinity");
  int const is_usual = !value_of(a, "KillSignal").s || is(a, "KillSignal", "15");
  if (is_init_script(a)) return 0;
  if (is_gentle && !is_usual) return _("take KillSignal out of it");
  if (!is_gentle || !is_patient) return _("put KillMode=mixed and TimeoutStopSec=infinity into it");
  return has_stop_command(a) ? _("take ExecStop out of it") : 0;
}

/* What is in the control group of a unit that is down has been left alone by whatever stopped the
   unit, and is not its any more; but a script has told it, or it was given the time to end, and
   ends. */
static int has_let_go(stralloc const *a)
{
  if (is(a, "ActiveState", "failed")) return !is(a, "Result", "timeout");
  return is(a, "ActiveState", "inactive") && !is_init_script(a) && !has_stop_command(a);
}

static int take_answer(qq_service *s, stralloc const *a)
{
  qq_piece result = value_of(a, "Result");
  s->answers = 1;
  s->pid = main_pid(a);
  s->wants_up = is(a, "ActiveState", "active") || is(a, "ActiveState", "activating")
    || is(a, "ActiveState", "reloading");
  s->unit.is_spent = has_exited(a);
  s->unit.comes_back = is(a, "Restart", "always") || is(a, "Restart", "on-success");
  s->unit.has_let_go = has_let_go(a);
  s->unit.clears = is(a, "KillMode", "mixed") && !is_init_script(a);
  s->unit.cuts = cuts(a);
  if (!is(a, "ActiveState", "failed")) return 1;
  if (!result.s) result = (qq_piece){ "unknown", 7 };
  return qq_service_explain(s, result);
}

static int look_at_unit(qq_service *s)
{
  stralloc a = STRALLOC_ZERO;
  int r = ask(&a, s->where.s);
  if (r > 0 && is(&a, "LoadState", "loaded")) r = take_answer(s, &a);
  else if (r > 0) r = qq_service_explain(s, value_of(&a, "LoadState"));
  else if (!r) r = qq_service_explain(s, (qq_piece){ a.s, a.len });
  stralloc_free(&a);
  return r;
}

/* ---- finding it ---- */

/* Its name counts without the suffix, which all have that are tried and people leave out. */
static int bare_name(stralloc *bare, char const *name)
{
  return qq_fmt(bare, "%.*s", (int)(strlen(name) - strlen(SUFFIX)), name) ? 1 : -1;
}

static int is_claimed(stralloc const *a, char const *name, qq_server const *s)
{
  qq_piece const start = value_of(a, "ExecStart");
  stralloc bare = STRALLOC_ZERO;
  qq_claim claim = QQ_CLAIM_NONE;
  if (start.s && bare_name(&bare, name) > 0)
    claim = qq_claim_of(start, bare.s, s->home);
  stralloc_free(&bare);
  if (claim != QQ_CLAIM_NAME) return claim == QQ_CLAIM_TEXT;
  return !qq_service_supervises_another(main_pid(a), &s->instance);
}

/* What it starts may be a script that says it: an init script, or one of its own. */
static int script_claims(qq_piece start, char const *name, char const *home)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  int r = 0;
  if (qq_piece_take(&start, "{ path="))
    r = qq_fmt(&path, "%.*s", (int)strcspn(start.s, " "), start.s) ? 1 : -1;
  if (r > 0) r = qq_path_is_ours(path.s) > 0 ? qq_claim_read(&text, path.s) : 0;
  if (r > 0)
    r = text.len > 2 && !memcmp(text.s, "#!", 2) && qq_claim_counts(qq_piece_of(&text), name, home);
  stralloc_free(&path);
  stralloc_free(&text);
  return r;
}

static int does_claim(stralloc const *a, char const *name, char const *home)
{
  qq_piece const start = value_of(a, "ExecStart");
  stralloc bare = STRALLOC_ZERO;
  int r = start.s ? bare_name(&bare, name) : 0;
  if (r > 0 && !qq_claim_counts(start, bare.s, home)) r = script_claims(start, bare.s, home);
  stralloc_free(&bare);
  return r;
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
static int try_unit(qq_server *s, char const *name)
{
  qq_service *service = &s->service;
  stralloc a = STRALLOC_ZERO;
  int r = ask(&a, name);
  int const is_silent = !r && is_booted(a.s);
  if (r > 0) r = is(&a, "LoadState", "loaded");
  if (r > 0 || is_silent) r = qq_service_begin(service, QQ_SUPERVISOR_SYSTEMD, name);
  if (r > 0 && is_silent) r = qq_service_explain(service, (qq_piece){ a.s, a.len });
  else if (r > 0 && (r = take_answer(service, &a)) > 0) {
    service->supervises = qq_service_supervises(service, &s->instance);
    r = service->supervises != QQ_SUPERVISES_NOT || is_claimed(&a, name, s);
    service->claims = does_claim(&a, name, s->home);
    if (service->claims < 0) r = -1;
  }
  stralloc_free(&a);
  return r;
}

/* The unit that qmail-send runs in. An ssh session, cron or the like is that of somebody who
   started it by hand. */
static int try_own_unit(qq_server *s)
{
  stralloc name = STRALLOC_ZERO;
  int r = s->instance.send ? qq_os_process_unit(s->instance.send, &name) : 0;
  if (r > 0) r = try_unit(s, name.s);
  if (r > 0 && !s->service.answers) s->service.supervises = QQ_SUPERVISES_ABOVE;
  stralloc_free(&name);
  return r > 0 ? s->service.supervises != QQ_SUPERVISES_NOT : r;
}

static int find_unit(qq_server *s, qq_supervisor which)
{
  int r = try_own_unit(s);
  (void)which;
  if (!r) r = try_unit(s, QQ_NAME_QMAIL_SEND SUFFIX);
  if (!r) r = try_unit(s, "qmail" SUFFIX);
  return r < 0 && errno == ENOENT ? 0 : r;
}

/* ---- telling it ---- */

/* To one that waits for RestartSec, and to one that counts as up, `start' does nothing. How often
   it was started of late must not keep it down (StartLimitBurst); a unit that systemd does not have
   in memory has nothing to forget, and that is no error. */
static int tell_to_start(qq_server *s, char const *where)
{
  char const *argv[] = { "systemctl", "start", "--no-block", "--", where, 0 };
  char const *forget_starts[] = { "systemctl", "reset-failed", "--", where, 0 };
  stralloc a = STRALLOC_ZERO;
  int const r = ask(&a, where);
  if (r > 0 && ((has_exited(&a) && !main_pid(&a)) || is(&a, "SubState", "auto-restart")))
    argv[1] = "restart";
  stralloc_free(&a);
  if (r < 0) return -1;
  qq_driver_command(s, forget_starts, 0);
  s->why.len = 0;
  return qq_driver_command(s, argv, 0);
}

static int tell_unit(qq_server *s, qq_order o)
{
  static char const *const signals[] = {
    0, 0, "--signal=HUP", "--signal=ALRM", "--signal=STOP", "--signal=CONT"
  };
  char const *where = s->service.where.s;
  char const *stop[] = { "systemctl", "stop", "--no-block", "--", where, 0 };
  char const *kill[] = { "systemctl", "kill", "--kill-who=main", signals[o], "--", where, 0 };
  if (o == QQ_ORDER_START) return tell_to_start(s, where);
  return qq_driver_command(s, signals[o] ? kill : stop, 0);
}

qq_driver const qq_driver_systemd = { "systemd", find_unit, look_at_unit, tell_unit };
