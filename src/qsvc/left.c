/* What runs, what is left, and what is wrong with what starts it, in words. */

#include <errno.h>
#include <string.h>
#include <qq/damage.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/when.h>
#include "qsvc.h"

static void next_item(stralloc *out)
{
  if (out->len) qq_must_fmt(out, ", ");
}

static void say_process(stralloc *out, qq_role role, pid_t pid)
{
  next_item(out);
  qq_must_fmt(out, _("%s (process %ld)"), qq_role_name(role), (long)pid);
}

char const *qq_svc_left(qq_instance const *i)
{
  static stralloc out;
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  unsigned int role;
  size_t k;
  out.len = 0;
  for (role = QQ_ROLE_SEND; role < QQ_ROLE_LOCAL; role++)
    for (k = 0; k < n; k++) if (m[k].role == role) say_process(&out, m[k].role, m[k].process.pid);
  if (!i->is_shown && i->send) say_process(&out, QQ_ROLE_SEND, i->send);
  if (!out.len && !n && i->has_reader) qq_must_fmt(&out, "%s", _("somebody who reads the trigger"));
  k = (size_t)qq_instance_count(i, QQ_ROLE_LOCAL);
  if (k) next_item(&out);
  if (k) qq_must_fmt(&out, ngettext("%zu local delivery", "%zu local deliveries", k), k);
  k = (size_t)qq_instance_count(i, QQ_ROLE_REMOTE);
  if (k) next_item(&out);
  if (k) qq_must_fmt(&out, ngettext("%zu remote delivery", "%zu remote deliveries", k), k);
  return out.len ? out.s : "";
}

int qq_svc_wait_on(qq_server const *s, uint64_t waited)
{
  char const *left = qq_progress_wanted() ? qq_svc_left(&s->instance) : "";
  unsigned long long const seconds = waited / QQ_SECOND;
  qq_progress_text(_("%llu s, waiting for %s"), seconds, *left ? left : QQ_NAME_QMAIL_SEND);
  return 1;
}

int qq_svc_warn_left(qq_instance const *i)
{
  char const *left = qq_svc_left(i);
  if (*left) qq_warn(_("left over from a qmail-send that has ended: %s"), left);
  return *left != 0;
}

void qq_svc_warn_strays(qq_instance const *i)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t const n = genalloc_len(qq_member, &i->members);
  stralloc out = STRALLOC_ZERO;
  size_t k;
  for (k = 0; k < n; k++)
    if (qq_instance_is_stray(i, &m[k])) say_process(&out, m[k].role, m[k].process.pid);
  if (out.len)
    qq_warn(_("left over from a qmail-send that could not start or was killed, and never ends by"
      " itself: %s; new mail may be lost until `qsvc restart' ends it"), out.s);
  stralloc_free(&out);
}

void qq_svc_warn_faults(qq_server const *s)
{
  stralloc faults = STRALLOC_ZERO;
  qq_owners o;
  size_t at;
  if (qq_owners_find(&o, s->queue_fd) > 0 && !(o.qmailq && o.qmails)) {
    qq_warn(_("%s is root's, as when it was restored, and qmail-send cannot work in it: qq-check "
      "says what is wrong; `qsvc stopped qq-fix --owners' mends it"), s->queue);
    return;
  }
  if (qq_lock_faults(s->queue_fd, &faults) < 0
    || (*s->home && qq_home_faults(s->home, s->queue_fd, &faults) < 0))
    qq_warn(_("unable to look at owners and modes: %s"), strerror(errno));
  for (at = 0; at < faults.len; at += strlen(faults.s + at) + 1) qq_warn("%s", faults.s + at);
  stralloc_free(&faults);
}

/* ---- what keeps qmail-send from working, in its queue ---- */

/* So many are named. */
#define NAMED 3

static void hint(void *p, qq_damage const *d)
{
  unsigned int *found = p;
  qq_damage_row const *row = qq_damage_about(d->kind);
  int const is_named = d->kind == QQ_DAMAGE_TREE_MISSING || d->kind == QQ_DAMAGE_DIRECTORY_MISSING
    || d->kind == QQ_DAMAGE_DIRECTORY_TYPE;       /* the others: qq_lock_faults */
  int const is_one = is_named || d->kind == QQ_DAMAGE_TRIGGER_MISSING
    || d->kind == QQ_DAMAGE_TRIGGER_TYPE || d->kind == QQ_DAMAGE_MUTEX_TYPE;
  if (is_one && ++*found <= NAMED && is_named) qq_warn("%s: %s %s", d->path, d->is, _(row->does));
}

void qq_svc_warn_damage(qq_server const *s)
{
  unsigned int found = 0;
  stralloc why = STRALLOC_ZERO;
  qq_expected expected;
  qq_queue q;
  qq_look look = { .queue = &q, .expected = &expected, .report = hint, .to = &found };
  if (qq_queue_open_damaged(&q, s->queue, &why) < 0) qq_warn("%.*s", (int)why.len, why.s);
  else {
    if (qq_expected_find(&expected, &q, "", &why) < 0) qq_warn("%.*s", (int)why.len, why.s);
    else if (qq_look_fixtures(&look) < 0) qq_warn(_("unable to look at the queue %s"), q.path);
    qq_look_free(&look);
    qq_queue_close(&q);
  }
  if (found)
    qq_note("%s", _("qsvc: qq-check says all that is wrong with the queue; `qsvc stopped qq-fix' "
      "mends it"));
  stralloc_free(&why);
}

void qq_svc_warn_left_over(qq_server const *s)
{
  if (s->left_over)
    qq_warn(_("qmail-todo (process %ld), which a killed qmail-send had left over, was told to end"),
      (long)s->left_over);
}

uint64_t qq_svc_since(qq_instance const *i)
{
  qq_member const *send = qq_instance_member(i, i->send);
  return send ? qq_os_process_started(&send->process) : 0;
}

void qq_svc_warn_paused(qq_server const *s)
{
  if (s->instance.is_stopped)
    qq_warn("%s", _("qmail-send is paused, and will not be when it is started again"));
}

static void warn_of_unit(qq_service const *s)
{
  if (s->unit.cuts)
    qq_warn(_("%s: `systemctl stop' would end deliveries that are under way,"
      " and their mail might go out twice; %s"), s->where.s, s->unit.cuts);
  else if (s->unit.clears && s->supervises == QQ_SUPERVISES_ABOVE)
    qq_warn(_("%s: `systemctl stop' would end deliveries that are under way,"
      " since qmail-send is not its main process;"
      " have what it starts exec qmail-start, with Type=simple"), s->where.s);
}

void qq_svc_warn(qq_server const *server)
{
  qq_service const *s = &server->service;
  qq_instance const *i = &server->instance;
  if (!s->doubt.len) warn_of_unit(s);
  if (s->doubt.len) qq_warn(_("%s is not obeyed: %s"), s->name.s, s->doubt.s);
  else if (!s->answers) qq_warn("%s: %s", s->name.s, s->why.s);
  else if (s->why.len && !i->runs)
    qq_warn(_("%s says that it has failed: %s"), s->name.s, s->why.s);
  else if (i->send && s->supervisor < QQ_SUPERVISOR_INIT && s->supervises == QQ_SUPERVISES_NOT)
    qq_warn(_("%s did not start the qmail-send that runs (process %ld)"), s->name.s, (long)i->send);
}
