/* qsvc status. */

#include <errno.h>
#include <string.h>
#include <qq/arrivals.h>
#include <qq/diagnostic.h>
#include <qq/files.h>
#include <qq/gettext.h>
#include <qq/json.h>
#include <qq/names.h>
#include <qq/output.h>
#include <qq/say.h>
#include <qq/sendmutex.h>
#include <qq/settings.h>
#include <qq/when.h>
#include "place.h"

typedef struct figures {
  uint64_t since;               /* when qmail-send was started; 0: not known */
  uint64_t deliveries[2];       /* under way, local and remote */
  stralloc limits[2];           /* what the control files allow; empty: not known */
  uint64_t messages, new;       /* with --count */
  pid_t busy;                   /* who starts, stops, or has stopped it; 0: nobody */
  uint64_t waiting;             /* when a message was queued that nobody preprocesses; 0: none was found */
} figures;

static char const *const limit_names[] = { "concurrencylocal", "concurrencyremote" };

static void find_limits(qq_svc const *v, figures *f)
{
  qq_settings live = QQ_SETTINGS_ZERO;
  stralloc path = STRALLOC_ZERO, why = STRALLOC_ZERO;
  unsigned int i;
  if (*v->home.s && qq_say(&path, "%s/%s", v->home.s, QQ_NAME_CONTROL) && stralloc_0(&path) && qq_settings_load(&live, path.s, 0, &why) > 0)
    for (i = 0; i < 2; i++) if (qq_value_get(&f->limits[i], qq_control_find(limit_names[i]), &live) < 0) qq_die_memory();
  qq_settings_free(&live);
  stralloc_free(&path);
  stralloc_free(&why);
}

static void count(qq_svc const *v, figures *f)
{
  stralloc why = STRALLOC_ZERO;
  qq_queue q;
  if (qq_queue_open(&q, v->queue.s, &why) < 0) qq_die(qq_exit_code_of(errno), "%.*s", (int)why.len, why.s);
  if (qq_files_count(&q, QQ_MESS, &f->messages) < 0 || qq_files_count(&q, QQ_TODO, &f->new) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to count the files of %s: %s"), q.path, strerror(errno));
  qq_queue_close(&q);
  stralloc_free(&why);
}

/* Somebody looks into todo/: qmail-send or its qmail-todo, if it is not paused. */
static int is_preprocessed(qq_instance const *i)
{
  return i->runs && !i->is_stopped && i->has_reader;
}

static void find(qq_svc const *v, figures *f)
{
  qq_instance const *i = &v->instance;
  qq_member const *send = qq_instance_member(i, i->send);
  memset(f, 0, sizeof *f);
  f->since = send ? qq_os_process_started(&send->process) : 0;
  if (qq_errand_busy(v->queue_fd, &f->busy) < 0) qq_trouble(_("unable to look at %s/%s: %s"), v->queue.s, QQ_NAME_LOCK, strerror(errno));
  f->deliveries[0] = qq_instance_count(i, QQ_ROLE_LOCAL);
  f->deliveries[1] = qq_instance_count(i, QQ_ROLE_REMOTE);
  find_limits(v, f);
  if (v->count) count(v, f);
  if (!is_preprocessed(i) && qq_arrivals_any(v->queue_fd, &f->waiting) < 0)
    qq_trouble(_("unable to read %s/%s: %s"), v->queue.s, QQ_NAME_TODO, strerror(errno));
}

static char const *state(qq_instance const *i)
{
  return !i->runs ? "stopped" : i->is_stopped ? "paused" : "running";
}

/* ---- for people ---- */

static void say_send(stralloc *out, qq_svc const *v, figures const *f)
{
  qq_instance const *i = &v->instance;
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  uint64_t const now = qq_now();
  int good = qq_say(out, _("qmail-send: %s"), !i->runs ? _("stopped") : i->is_stopped ? _("paused") : _("running"));
  if (good && i->send) good = qq_say(out, _(", process %ld"), (long)i->send);
  if (good && f->since) {
    good = qq_say(out, "%s", _(", since ")) && qq_when_text(out, &calendar, f->since) && qq_say(out, " (")
      && qq_age_text(out, now > f->since ? now - f->since : 0) && qq_say(out, ")");
  }
  if (!good || !qq_say(out, "\n")) qq_die_memory();
}

static int wants_it_up(qq_svc const *v)
{
  return v->service.wants_up && !(v->service.is_spent && !v->instance.runs);
}

/* What it means to do, and what it does not know of. */
static char const *intent(qq_svc const *v)
{
  qq_service const *s = &v->service;
  if (s->supervisor >= QQ_SUPERVISOR_INIT) return "";
  if (!s->answers) return _(": does not answer");
  if (v->instance.runs && s->supervises == QQ_SUPERVISES_NOT) return _(": did not start it");
  if (v->instance.runs) return s->wants_up ? "" : _(": is stopping it");
  return wants_it_up(v) ? _(": starts it, and it ends again") : s->why.len ? _(": has failed") : _(": down");
}

static void say_service(stralloc *out, qq_svc const *v)
{
  qq_service const *s = &v->service;
  int good;
  if (*s->where.s) good = qq_say(out, _("supervisor: %s, "), qq_supervisor_word(s->supervisor)) && qq_safe(out, s->where.s, strlen(s->where.s)) && qq_say(out, "%s\n", intent(v));
  else good = qq_say(out, "%s", _("supervisor: none\n"));
  if (!good) qq_die_memory();
}

static void say_deliveries(stralloc *out, figures const *f)
{
  unsigned int i;
  for (i = 0; i < 2; i++) {
    if (!qq_say(out, i ? _(", remote %llu") : _("deliveries: local %llu"), (unsigned long long)f->deliveries[i])) qq_die_memory();
    if (f->limits[i].len && !qq_say(out, _(" of %.*s"), (int)f->limits[i].len, f->limits[i].s)) qq_die_memory();
  }
  if (!qq_say(out, "\n")) qq_die_memory();
}

static void say_busy(stralloc *out, pid_t who)
{
  stralloc arguments = STRALLOC_ZERO;
  int good = qq_say(out, _("busy: process %ld"), (long)who);
  if (qq_os_process_arguments(who, &arguments) == 1 && arguments.len) good = good && qq_say(out, ", ") && qq_safe(out, arguments.s, arguments.len);
  if (!good || !qq_say(out, "\n")) qq_die_memory();
  stralloc_free(&arguments);
}

static void say(qq_svc const *v, figures const *f)
{
  stralloc out = STRALLOC_ZERO;
  say_send(&out, v, f);
  say_service(&out, v);
  if (v->instance.is_shown && (v->instance.runs || f->deliveries[0] || f->deliveries[1])) say_deliveries(&out, f);
  if (f->busy) say_busy(&out, f->busy);
  if (v->count && !qq_say(&out, _("messages: %llu, of them new %llu\n"), (unsigned long long)f->messages, (unsigned long long)f->new)) qq_die_memory();
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

/* ---- for programs ---- */

static void put_limit(qq_json *j, char const *name, stralloc const *limit)
{
  uint64_t number;
  if (limit->len && qq_number_scan(limit->s, limit->len, &number)) qq_json_number(j, name, number);
  else qq_json_null(j, name);
}

static void put_since(qq_json *j, uint64_t since)
{
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  stralloc text = STRALLOC_ZERO;
  if (!since) qq_json_null(j, "since");
  else {
    if (!qq_when_rfc3339(&text, &calendar, since) || !stralloc_0(&text)) qq_die_memory();
    qq_json_word(j, "since", text.s);
  }
  stralloc_free(&text);
}

static void put_service(qq_json *j, qq_svc const *v)
{
  qq_service const *s = &v->service;
  qq_json_word(j, "supervisor", qq_supervisor_word(s->supervisor));
  if (*s->where.s) qq_json_text(j, "service", s->where.s, strlen(s->where.s), s->where.s, strlen(s->where.s));
  else qq_json_null(j, "service");
  if (s->answers) qq_json_boolean(j, "supervises", s->supervises != QQ_SUPERVISES_NOT);
  else qq_json_null(j, "supervises");
  if (s->supervisor < QQ_SUPERVISOR_INIT && s->answers) qq_json_boolean(j, "wanted_up", wants_it_up(v));
  else qq_json_null(j, "wanted_up");
}

static void put_count(qq_json *j, char const *name, int known, uint64_t number)
{
  if (known) qq_json_number(j, name, number);
  else qq_json_null(j, name);
}

static void put(qq_svc const *v, figures const *f)
{
  stralloc out = STRALLOC_ZERO;
  qq_json j = QQ_JSON(&out);
  qq_json_object(&j, 0);
  qq_json_text(&j, "queue", v->queue.s, strlen(v->queue.s), v->queue.s, strlen(v->queue.s));
  qq_json_word(&j, "state", state(&v->instance));
  put_count(&j, "pid", v->instance.send != 0, (uint64_t)v->instance.send);
  put_since(&j, f->since);
  put_service(&j, v);
  put_count(&j, "local", v->instance.is_shown, f->deliveries[0]);
  put_limit(&j, "local_limit", &f->limits[0]);
  put_count(&j, "remote", v->instance.is_shown, f->deliveries[1]);
  put_limit(&j, "remote_limit", &f->limits[1]);
  put_count(&j, "messages", v->count, f->messages);
  put_count(&j, "new", v->count, f->new);
  qq_json_boolean(&j, "new_waits", f->waiting != 0);
  put_count(&j, "busy", f->busy != 0, (uint64_t)f->busy);
  qq_json_object_end(&j);
  qq_json_line(&j);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

/* ---- what is wrong ---- */

static void warn_of_waiting(uint64_t since)
{
  uint64_t const now = qq_now();
  stralloc age = STRALLOC_ZERO;
  if (!qq_age_text(&age, now > since ? now - since : 0)) qq_die_memory();
  qq_warn(_("mail arrives, and nothing preprocesses it: a new message has been waiting for %.*s"), (int)age.len, age.s);
  stralloc_free(&age);
}

static void warn(qq_svc const *v, figures const *f)
{
  qq_instance const *i = &v->instance;
  stralloc left = STRALLOC_ZERO;
  qq_svc_warn(v);
  if (!i->runs) {
    qq_svc_say_left(&left, i);
    if (left.len) qq_warn(_("left over from a qmail-send that has ended: %.*s"), (int)left.len, left.s);
    else if (i->holder && qq_sendmutex_inherited(v->queue_fd) < 0) qq_warn(_("%s/%s is locked by process %ld"), v->queue.s, QQ_NAME_SENDMUTEX, (long)i->holder);
  }
  if (f->waiting) warn_of_waiting(f->waiting);
  stralloc_free(&left);
}

int qq_svc_status(qq_svc *v)
{
  figures f;
  qq_svc_look(v);
  find(v, &f);
  if (v->json) put(v, &f);
  else say(v, &f);
  warn(v, &f);
  return v->instance.runs ? 0 : QQ_EXIT_STOPPED;
}
