/* qsvc status. */

#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/output.h>
#include <qq/queue.h>
#include <qq/when.h>
#include "qsvc.h"

typedef struct figures {
  uint64_t since;               /* when qmail-send was started; 0: not known */
  qq_svc_deliveries deliveries;
  uint64_t messages, new;       /* with --count */
  pid_t busy;                   /* who starts, stops, or has stopped it; 0: nobody */
  uint64_t waiting;             /* since when a message has not been preprocessed; 0: none waits */
} figures;

static void count_messages(qq_server const *s, figures *f)
{
  stralloc why = STRALLOC_ZERO;
  qq_queue q;
  qq_demand(qq_queue_open(&q, s->queue, &why), &why);
  if (qq_tree_count(&q, QQ_MESS, &f->messages) < 0 || qq_tree_count(&q, QQ_TODO, &f->new) < 0)
    qq_die_unable(_("unable to count the files of %s"), q.path);
  qq_queue_close(&q);
  stralloc_free(&why);
}

/* Somebody looks into todo/: qmail-send or its qmail-todo, if it is not paused. */
static int is_preprocessed(qq_instance const *i)
{
  return i->runs && !i->is_stopped && i->has_reader;
}

static void find_figures(qq_server const *s, figures *f)
{
  qq_instance const *i = &s->instance;
  qq_settings live = QQ_SETTINGS_ZERO;
  int channels, has_live;
  qq_built built;
  memset(f, 0, sizeof *f);
  f->since = qq_svc_since(i);
  if (qq_server_busy(s, &f->busy) < 0)
    qq_trouble(_("unable to look at %s/%s: %s"), s->queue, QQ_NAME_LOCK, strerror(errno));
  channels = qq_channels(s->queue_fd);
  if (channels < 0)
    qq_trouble(_("unable to look into the queue %s: %s"), s->queue, strerror(errno));
  has_live = qq_svc_load_control(s, &live);
  qq_built_ask(&built, s->home);
  qq_svc_deliveries_find(&f->deliveries, i, channels < 0 ? 2 : (unsigned int)channels,
    has_live ? &live : 0, &built);
  if (has_live) qq_settings_free(&live);
  if (qq_svc_options->count) count_messages(s, f);
  if (!is_preprocessed(i) && qq_tree_waiting(s->queue_fd, &f->waiting) < 0)
    qq_trouble(_("unable to read %s/%s: %s"), s->queue, QQ_NAME_TODO, strerror(errno));
}

static uint64_t age_of(uint64_t moment)
{
  uint64_t const now = qq_now();
  return now > moment ? now - moment : 0;
}

static char const *state_of(qq_instance const *i)
{
  return !i->runs ? "stopped" : i->is_stopped ? "paused" : "running";
}

/* ---- for people ---- */

/* A list: what it does, its process, since when. */
static void say_send(stralloc *out, qq_instance const *i, uint64_t since)
{
  stralloc when = STRALLOC_ZERO, age = STRALLOC_ZERO;
  qq_calendar calendar = QQ_CALENDAR_ZERO;
  qq_must_fmt(out, QQ_NAME_QMAIL_SEND ": %s", state_of(i));
  if (i->send) {
    qq_must_fmt(out, ", ");
    qq_must_fmt(out, _("process %ld"), (long)i->send);
  }
  if (since) {
    qq_demand_memory(qq_when_text(&when, &calendar, since) && qq_age_text(&age, age_of(since)));
    qq_must_fmt(out, ", ");
    qq_must_fmt(out, _("since %.*s (%.*s)"), (int)when.len, when.s, (int)age.len, age.s);
  }
  qq_must_fmt(out, "\n");
  stralloc_free(&when);
  stralloc_free(&age);
}

static int wants_it_up(qq_server const *s)
{
  return s->service.wants_up && !(s->service.unit.is_spent && !s->instance.runs);
}

/* What it means to do, and what it does not know of: an item of the line, without `it'. */
static char const *intent(qq_server const *server)
{
  qq_service const *s = &server->service;
  int const runs = server->instance.runs;
  if (s->doubt.len) return _("is not obeyed");
  if (s->supervisor >= QQ_SUPERVISOR_INIT) return "";
  if (!s->answers) return _("does not answer");
  if (runs && s->supervises == QQ_SUPERVISES_NOT) return _("did not start it");
  if (runs) return s->wants_up ? "" : _("is stopping it");
  if (wants_it_up(server)) return _("starts it, and it ends again");
  return s->why.len ? _("has failed") : "down";
}

static void say_service(stralloc *out, qq_server const *s)
{
  char const *where = s->service.where.s;
  char const *word = qq_supervisor_word(*where ? s->service.supervisor : QQ_SUPERVISOR_NONE);
  qq_must_fmt(out, _("supervisor: %s"), word);
  if (*where) qq_demand_memory(qq_fmt(out, ", ") && qq_safe(out, where, strlen(where)));
  if (*where && *intent(s)) qq_must_fmt(out, ": %s", intent(s));
  qq_must_fmt(out, "\n");
}

static void say_busy(stralloc *out, pid_t who)
{
  stralloc arguments = STRALLOC_ZERO;
  qq_must_fmt(out, _("busy: process %ld"), (long)who);
  if (qq_os_process_arguments(who, &arguments) == 1 && arguments.len)
    qq_demand_memory(qq_fmt(out, ", ") && qq_safe(out, arguments.s, arguments.len));
  qq_must_fmt(out, "\n");
  stralloc_free(&arguments);
}

static void say_status(stralloc *out, qq_server const *s, figures const *f)
{
  int const is_busy = s->instance.runs || qq_instance_deliveries(&s->instance);
  say_send(out, &s->instance, f->since);
  say_service(out, s);
  if (s->instance.is_shown && is_busy) qq_svc_deliveries_say(out, &f->deliveries);
  if (f->busy) say_busy(out, f->busy);
  if (qq_svc_options->count)
    qq_must_fmt(out, _("messages: %llu (%llu new)\n"), (unsigned long long)f->messages,
      (unsigned long long)f->new);
}

/* ---- for programs ---- */

static void put_path(qq_json *j, char const *name, char const *path)
{
  if (*path) qq_json_text(j, name, path, strlen(path), path, strlen(path));
  else qq_json_null(j, name);
}

static void put_flag(qq_json *j, char const *name, int is_known, int flag)
{
  if (is_known) qq_json_boolean(j, name, flag);
  else qq_json_null(j, name);
}

/* The channels are the queue's. */
static void begin_rows(qq_svc_deliveries const *d)
{
  static stralloc titles = STRALLOC_ZERO;
  qq_must_fmt(&titles, "queue\tstate\tpid\tsince\tsupervisor\tservice\tsupervises\twanted_up");
  qq_svc_deliveries_titles(&titles, d);
  qq_must_fmt(&titles, "\tmessages\tnew\tnew_waits\tbusy\tdeliveries");
  qq_demand_memory(stralloc_0(&titles));
  qq_rows_begin(qq_svc_options->rows, titles.s);
}

static void put_status(stralloc *out, qq_server const *server, figures const *f)
{
  qq_instance const *i = &server->instance;
  qq_service const *s = &server->service;
  int const has_counted = qq_svc_options->count;
  qq_json j = qq_json_begin(out);
  put_path(&j, "queue", server->queue);
  qq_json_word(&j, "state", state_of(i));
  qq_svc_put_number(&j, "pid", i->send != 0, (uint64_t)i->send);
  qq_svc_put_moment(&j, "since", f->since);
  qq_json_word(&j, "supervisor", qq_supervisor_word(s->supervisor));
  put_path(&j, "service", s->where.s);
  put_flag(&j, "supervises", s->answers, s->supervises != QQ_SUPERVISES_NOT);
  put_flag(&j, "wanted_up", s->answers && s->supervisor < QQ_SUPERVISOR_INIT, wants_it_up(server));
  qq_svc_deliveries_put(&j, &f->deliveries, i->is_shown);
  qq_svc_put_number(&j, "messages", has_counted, f->messages);
  qq_svc_put_number(&j, "new", has_counted, f->new);
  qq_json_boolean(&j, "new_waits", f->waiting != 0);
  qq_svc_put_number(&j, "busy", f->busy != 0, (uint64_t)f->busy);
  qq_svc_deliveries_list(&j, &f->deliveries, i->is_shown);
  qq_json_end(&j);
}

/* ---- what is wrong ---- */

static void warn_of_waiting(uint64_t since)
{
  stralloc age = STRALLOC_ZERO;
  qq_demand_memory(qq_age_text(&age, age_of(since)));
  qq_warn(_("mail arrives, and nothing preprocesses it: a new message has been waiting for %.*s"),
    (int)age.len, age.s);
  stralloc_free(&age);
}

static void warn_of_trouble(qq_server const *s, figures const *f)
{
  qq_instance const *i = &s->instance;
  qq_svc_warn(s);
  qq_svc_warn_faults(s);
  if (i->runs) qq_svc_warn_strays(i);
  if (!i->runs && !qq_svc_warn_left(i) && i->holder && qq_sendmutex_inherited(s->queue_fd) < 0)
    qq_warn(_("%s/%s is locked by process %ld"), s->queue, QQ_NAME_SENDMUTEX, (long)i->holder);
  qq_svc_deliveries_warn(&f->deliveries);
  if (f->waiting) warn_of_waiting(f->waiting);
}

int qq_svc_status(qq_server *s)
{
  stralloc out = STRALLOC_ZERO;
  figures f;
  find_figures(s, &f);
  if (qq_svc_options->rows) begin_rows(&f.deliveries);
  if (qq_svc_options->rows) put_status(&out, s, &f);
  else say_status(&out, s, &f);
  qq_output(out.s, out.len);
  stralloc_free(&out);
  warn_of_trouble(s, &f);
  qq_svc_deliveries_free(&f.deliveries);
  return s->instance.runs ? 0 : QQ_EXIT_STOPPED;
}
