#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <time.h>
#include <qq/append.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include "driver.h"

/* By qq_supervisor. */
static qq_driver const *const drivers[] = { &qq_driver_s6, &qq_driver_daemontools, &qq_driver_runit, &qq_driver_systemd, &qq_driver_init, &qq_driver_qmailctl, &qq_driver_none };

char const *qq_supervisor_word(qq_supervisor which)
{
  return drivers[which]->word;
}

static int refuse(stralloc *why, char const *said, char const *expected)
{
  return qq_refuse(why, EINVAL, _("--service %s: %s"), said, expected);
}

static int take(qq_service *s, qq_supervisor which, char const *where, qq_instance const *i)
{
  s->supervisor = which;
  if (!qq_copy_string(&s->where, where)) return -1;
  return qq_service_look(s, i) < 0 ? -1 : 1;
}

static int take_directory(qq_service *s, char const *said, qq_instance const *i, stralloc *why)
{
  struct stat st;
  int const kind = qq_directory_kind(said);
  if (kind >= 0) {
    char *whole = realpath(said, 0);    /* sv takes names without a slash in front for others */
    int const r = take(s, (qq_supervisor)kind, whole ? whole : said, i);
    free(whole);
    return r;
  }
  if (stat(said, &st) < 0) return refuse(why, said, strerror(errno));
  return refuse(why, said, _("no supervisor has ever run on it: there is no supervise/ as s6, daemontools and runit make it"));
}

static int take_script(qq_service *s, qq_supervisor which, char const *said, char const *path, qq_instance const *i, stralloc *why)
{
  struct stat st;
  if (stat(path, &st) < 0) return refuse(why, said, strerror(errno));
  if (S_ISREG(st.st_mode) && !access(path, X_OK)) return take(s, which, path, i);
  return refuse(why, said, _("no script that can be run"));
}

/* As systemctl does: a name without a kind is that of a service. */
static int take_unit(qq_service *s, char const *name, qq_instance const *i)
{
  stralloc whole = STRALLOC_ZERO;
  int const r = qq_say(&whole, strchr(name, '.') ? "%s" : "%s.service", name) && stralloc_0(&whole) ? take(s, QQ_SUPERVISOR_SYSTEMD, whole.s, i) : -1;
  stralloc_free(&whole);
  return r;
}

static int take_named(qq_service *s, char const *said, size_t word, qq_instance const *i, stralloc *why)
{
  int which;
  for (which = QQ_SUPERVISOR_SYSTEMD; which < QQ_SUPERVISOR_NONE; which++)
    if (strlen(drivers[which]->word) == word && !strncmp(said, drivers[which]->word, word) && said[word + 1])
      return which == QQ_SUPERVISOR_SYSTEMD ? take_unit(s, said + word + 1, i) : take_script(s, (qq_supervisor)which, said, said + word + 1, i, why);
  return refuse(why, said, _("expected systemd:UNIT, init:SCRIPT or qmailctl:SCRIPT"));
}

static int find(qq_service *s, qq_instance const *i, char const *home, qq_supervisor which, stralloc *why)
{
  int r;
  s->answers = 1;               /* what was looked at before it may not have answered */
  s->pid = s->is_paused = s->wants_up = s->is_spent = s->comes_back = s->has_let_go = s->clears = 0;
  s->cuts = 0;
  s->why.len = 0;
  r = drivers[which]->find(s, i, home);
  if (!r) s->where.len = 0;
  if (r < 0) qq_say(why, _("unable to look for the service of qmail-send (%s): %s"), drivers[which]->word, strerror(errno));
  return r;
}

static int find_of_kind(qq_service *s, char const *said, qq_instance const *i, char const *home, stralloc *why)
{
  int which, r;
  for (which = 0; which < QQ_SUPERVISORS; which++) if (!strcmp(drivers[which]->word, said)) break;
  if (which == QQ_SUPERVISORS) return refuse(why, said, _("expected a service directory (with a slash), systemd:UNIT, init:SCRIPT, qmailctl:SCRIPT, or one of s6 daemontools runit systemd init qmailctl none"));
  r = find(s, i, home, (qq_supervisor)which, why);
  return r ? r : qq_refuse(why, ENOENT, _("--service %s: it has no service for this qmail-send"), said);
}

/* The first that knows of the qmail-send that runs; else the first that would start one. */
static int find_any(qq_service *s, qq_instance const *i, char const *home, stralloc *why)
{
  qq_service other = QQ_SERVICE_ZERO;
  int which, r = 0;
  s->where.len = 0;
  for (which = 0; which <= QQ_SUPERVISOR_NONE; which++) {
    qq_service *into = s->where.len ? &other : s;
    r = find(into, i, home, (qq_supervisor)which, why);
    if (r < 0) break;
    if (r && into->supervises != QQ_SUPERVISES_NOT) {
      if (into == &other) {
        qq_service const first = *s;
        *s = other;
        other = first;
      }
      break;
    }
    if (s->where.len && (!i->send || which >= QQ_SUPERVISOR_SYSTEMD)) break;
  }
  qq_service_free(&other);
  return r < 0 ? -1 : 1;
}

static int find_said(qq_service *s, char const *said, qq_instance const *i, char const *home, stralloc *why)
{
  char const *colon;
  if (!said) return find_any(s, i, home, why);
  colon = strchr(said, ':');
  if (colon) return take_named(s, said, (size_t)(colon - said), i, why);
  return strchr(said, '/') ? take_directory(s, said, i, why) : find_of_kind(s, said, i, home, why);
}

int qq_service_find(qq_service *s, char const *said, qq_instance const *i, char const *home, stralloc *why)
{
  char *whole = realpath(home, 0);
  int const r = find_said(s, said, i, whole ? whole : home, why);
  free(whole);
  return r;
}

int qq_service_look(qq_service *s, qq_instance const *i)
{
  if (drivers[s->supervisor]->look(s) < 0) return -1;
  s->supervises = qq_service_supervises(s, i);
  return s->answers;
}

void qq_service_lend(qq_service const *s, qq_instance *i)
{
  if (i->is_shown || !i->runs || s->supervises == QQ_SUPERVISES_NOT) return;
  i->send = s->pid;
  i->is_stopped = s->is_paused;
}

/* To qmail-send itself. */
static int signal_it(qq_instance const *i, qq_order o, stralloc *why)
{
  static int const signals[] = { 0, SIGTERM, SIGHUP, SIGALRM, SIGSTOP, SIGCONT };
  if (!i->send && !i->runs) return 0;
  if (!i->send)
    return qq_refuse(why, ENOSYS,
      _("this system does not show which process is qmail-send: say with --service what has started it"));
  if (!kill(i->send, signals[o]) && (o != QQ_ORDER_STOP || !kill(i->send, SIGCONT))) return 1;
  if (errno == ESRCH) return 0;
  return qq_unable(why, _("unable to signal qmail-send (process %ld)"), (long)i->send);
}

/* To start or stop it would be to start or stop somebody else's. */
static int is_of_another(qq_service const *s, qq_instance const *i, stralloc *why)
{
  static struct timespec const pause = { 0, 50000000 };
  if (s->supervises != QQ_SUPERVISES_NOT || !qq_service_supervises_another(s->pid, i)) return 0;
  nanosleep(&pause, 0);         /* one that ends as soon as it has been started is ours perhaps, and has not come to its queue */
  if (!qq_service_supervises_another(s->pid, i)) return 0;
  qq_refuse(why, EINVAL, _("%s (%s) runs another qmail-send"), s->where.s, qq_supervisor_word(s->supervisor));
  return 1;
}

int qq_service_is_outrun(qq_service const *s, qq_instance const *i)
{
  return s->cuts || (s->supervisor == QQ_SUPERVISOR_SYSTEMD && i->send && s->supervises != QQ_SUPERVISES_IT);
}

/* Also what is down just now, and would come up again. A script knows of no process: whatever runs is meant, and if nothing does it is left alone. */
static int can_stop(qq_service const *s, qq_instance const *i)
{
  return s->answers && !qq_service_is_outrun(s, i) && (s->supervises != QQ_SUPERVISES_NOT || s->wants_up || (s->supervisor >= QQ_SUPERVISOR_INIT && i->runs));
}

/* Until it acts on that, it would start again what ends (supervise.c:doit: up to a second after a start). */
static void wait_until_told(qq_service const *s)
{
  static struct timespec const pause = { 0, 20000000 };
  qq_service now = QQ_SERVICE_ZERO;
  int k;
  now.supervisor = s->supervisor;
  if (qq_copy(&now.where, s->where.s, s->where.len))
    for (k = 0; k < 150 && drivers[now.supervisor]->look(&now) > 0 && now.answers && now.wants_up; k++) nanosleep(&pause, 0);
  qq_service_free(&now);
}

static int stop(qq_service const *s, qq_instance const *i, stralloc *why)
{
  if (can_stop(s, i)) {
    if (drivers[s->supervisor]->order(s, QQ_ORDER_STOP, why) < 0) return -1;
    if (s->supervises == QQ_SUPERVISES_IT) return 1;
    if (s->supervises == QQ_SUPERVISES_ABOVE && s->supervisor < QQ_SUPERVISOR_SYSTEMD) wait_until_told(s);
  }
  return signal_it(i, QQ_ORDER_STOP, why) < 0 ? -1 : 1;
}

int qq_service_say_silent(qq_service const *s, stralloc *why)
{
  return qq_refuse(why, EIO, "%s (%s): %s", s->where.s, qq_supervisor_word(s->supervisor), s->why.s);
}

int qq_service_order(qq_service const *s, qq_instance const *i, qq_order o, stralloc *why)
{
  static struct timespec const pause = { 0, 30000000 };  /* a command has written into a pipe only: its reader has to come to it */
  int r;
  if (o <= QQ_ORDER_STOP && is_of_another(s, i, why)) return -1;
  if (o == QQ_ORDER_STOP && !s->answers && s->supervisor == QQ_SUPERVISOR_SYSTEMD) return qq_service_say_silent(s, why);        /* it may start again what ends */
  if (o == QQ_ORDER_START) return drivers[s->supervisor]->order(s, o, why);
  if (o == QQ_ORDER_STOP) return stop(s, i, why);
  if (!i->runs) return 0;
  if (s->supervises != QQ_SUPERVISES_IT) return signal_it(i, o, why);
  r = drivers[s->supervisor]->order(s, o, why);
  if (r > 0) nanosleep(&pause, 0);
  return r;
}

int qq_service_can_start(qq_service const *s, stralloc *why)
{
  if (s->answers && *s->where.s) return 1;
  if (*s->where.s) qq_service_say_silent(s, why);
  else qq_say(why, "%s", _("nothing was found that starts it, and its home has no rc: say what does with --service"));
  return 0;
}

/* A script is run once; and a unit that is not told to stop is up until its main process ends: to start it does nothing, or, where it has not started this qmail-send, too much. */
int qq_service_remembers(qq_service const *s)
{
  if (s->supervisor == QQ_SUPERVISOR_SYSTEMD && s->supervises != QQ_SUPERVISES_IT) return 0;
  return s->answers && !s->cuts && s->supervisor < QQ_SUPERVISOR_INIT;
}

void qq_service_free(qq_service *s)
{
  stralloc_free(&s->where);
  stralloc_free(&s->why);
}
