/* Finding the service, and looking. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/when.h>
#include "driver.h"

char const *qq_supervisor_word(qq_supervisor which)
{
  return qq_drivers[which]->word;
}

char const *qq_server_why(qq_server const *s)
{
  return s->why.len ? s->why.s : "";
}

/* ---- looking ---- */

/* Where the system does not show processes: what the service has started is the qmail-send that
   runs. */
static void assume_send(qq_server *s)
{
  qq_instance *i = &s->instance;
  if (i->is_shown || !i->runs || s->service.supervises == QQ_SUPERVISES_NOT) return;
  if (s->service.doubt.len) return;
  i->send = s->service.pid;
  i->is_stopped = s->service.is_paused;
}

int qq_server_look_at_service(qq_server *s)
{
  if (qq_service_look(&s->service) < 0) return -1;
  s->service.supervises = qq_service_supervises(&s->service, &s->instance);
  assume_send(s);
  return s->service.answers;
}

int qq_server_look(qq_server *s)
{
  if (qq_instance_look(&s->instance, s->queue_fd) < 0) return -1;
  return qq_server_look_at_service(s) < 0 ? -1 : 1;
}

int qq_server_take(qq_server *s, qq_supervisor which, char const *where)
{
  if (qq_service_begin(&s->service, which, where) < 0) return -1;
  return qq_server_look_at_service(s) < 0 ? -1 : 1;
}

/* ---- what was said ---- */

static int refuse_option(qq_server *s, char const *expected)
{
  return qq_refuse(&s->why, EINVAL, _("--service %s: %s"), s->service_option, expected);
}

/* sv takes names without a slash in front for others. */
static int take_directory(qq_server *s)
{
  int const kind = qq_service_directory_kind(s->service_option);
  char *whole;
  struct stat st;
  int r;
  if (kind < 0)
    return refuse_option(s, stat(s->service_option, &st) < 0 ? strerror(errno) :
      _("no supervisor has ever run on it:"
        " there is no supervise/ as s6, daemontools and runit make it"));
  whole = realpath(s->service_option, 0);
  r = qq_server_take(s, (qq_supervisor)kind, whole ? whole : s->service_option);
  free(whole);
  return r;
}

static int take_script(qq_server *s, qq_supervisor which, char const *path)
{
  struct stat st;
  if (stat(path, &st) < 0) return refuse_option(s, strerror(errno));
  if (S_ISREG(st.st_mode) && !access(path, X_OK)) return qq_server_take(s, which, path);
  return refuse_option(s, _("no script that can be run"));
}

/* As systemctl does: a name without a kind is that of a service. */
static int take_unit(qq_server *s, char const *name)
{
  stralloc whole = STRALLOC_ZERO;
  int r = qq_fmt(&whole, strchr(name, '.') ? "%s" : "%s.service", name) ? 1 : -1;
  if (r > 0) r = qq_server_take(s, QQ_SUPERVISOR_SYSTEMD, whole.s);
  stralloc_free(&whole);
  return r;
}

/* The supervisor whose word is what stands before end; QQ_SUPERVISORS: none is. */
static qq_supervisor supervisor_named(char const *word, char const *end)
{
  qq_piece const said = { word, (size_t)(end - word) };
  int which = 0;
  while (which < QQ_SUPERVISORS && !qq_piece_is(said, qq_drivers[which]->word)) which++;
  return (qq_supervisor)which;
}

static int take_named(qq_server *s, char const *colon)
{
  qq_supervisor const which = supervisor_named(s->service_option, colon);
  if (which < QQ_SUPERVISOR_SYSTEMD || which >= QQ_SUPERVISOR_NONE || !colon[1])
    return refuse_option(s, _("expected systemd:UNIT, init:SCRIPT or qmailctl:SCRIPT"));
  if (which == QQ_SUPERVISOR_SYSTEMD) return take_unit(s, colon + 1);
  return take_script(s, which, colon + 1);
}

/* ---- what is there ---- */

static int find_by(qq_server *s, qq_supervisor which)
{
  int const r = qq_drivers[which]->find(s, which);
  if (r >= 0) return r;
  return qq_unable(&s->why, _("unable to look for the service of qmail-send (%s)"),
    qq_supervisor_word(which));
}

static int find_of_kind(qq_server *s)
{
  char const *word = s->service_option;
  qq_supervisor const which = supervisor_named(word, word + strlen(word));
  int r;
  if (which == QQ_SUPERVISORS)
    return refuse_option(s, _("expected a service directory (with a slash), systemd:UNIT,"
      " init:SCRIPT, qmailctl:SCRIPT, or one of s6 daemontools runit systemd init qmailctl none"));
  r = find_by(s, which);
  if (r) return r;
  return qq_refuse(&s->why, ENOENT, _("--service %s: it has no service for this qmail-send"), word);
}

/* The first that knows of the qmail-send that runs; else the first that would start one. */
static int find_once(qq_server *s)
{
  qq_service first = QQ_SERVICE_ZERO;
  int which, r = 0;
  for (which = 0; which < QQ_SUPERVISORS; which++) {
    r = find_by(s, (qq_supervisor)which);
    if (r < 0 || (r && s->service.supervises != QQ_SUPERVISES_NOT)) break;
    if (r && !first.where.len) {
      first = s->service;
      s->service = (qq_service)QQ_SERVICE_ZERO;
    }
    r = 0;
    if (first.where.len && (!s->instance.send || which >= QQ_SUPERVISOR_SYSTEMD)) break;
  }
  qq_service_free(r ? &first : &s->service);
  if (!r) s->service = first;
  return r < 0 ? -1 : 1;
}

/* A supervisor writes down whom it has started a moment later. */
#define MOMENT (QQ_SECOND / 10)
#define MOMENTS 3

static int find_any(qq_server *s)
{
  unsigned int i;
  int r = find_once(s);
  for (i = 0; i < MOMENTS && r > 0 && s->instance.send && s->service.where.len
    && s->service.supervisor < QQ_SUPERVISOR_SYSTEMD
    && s->service.supervises == QQ_SUPERVISES_NOT; i++) {
    qq_sleep(MOMENT);
    r = find_once(s);
  }
  return r;
}

static int find_said(qq_server *s)
{
  char const *colon;
  if (!s->service_option) return find_any(s);
  colon = strchr(s->service_option, ':');
  if (colon) return take_named(s, colon);
  return strchr(s->service_option, '/') ? take_directory(s) : find_of_kind(s);
}

int qq_server_find(qq_server *s)
{
  char const *const home = s->home;
  char *whole = realpath(home, 0);
  int r;
  s->why.len = 0;
  if (whole) s->home = whole;
  r = find_said(s);
  if (r > 0 && (r = qq_trust_found(s)) > 0) assume_send(s);
  s->home = home;
  free(whole);
  return r;
}

void qq_service_free(qq_service *s)
{
  stralloc_free(&s->where);
  stralloc_free(&s->name);
  stralloc_free(&s->why);
  stralloc_free(&s->doubt);
}

void qq_server_free(qq_server *s)
{
  qq_instance_free(&s->instance);
  qq_service_free(&s->service);
}
