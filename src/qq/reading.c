#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/change.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/text.h>
#include "reading.h"

static void open_queue(qq_reading *r)
{
  stralloc why = STRALLOC_ZERO;
  qq_shared const *said = qq_shared_options;
  qq_demand_memory(qq_site_find(&r->site, said->queue, said->home) > 0);
  qq_demand(qq_queue_open(&r->queue, r->site.queue.s, &why), &why);
}

void qq_reading_open(qq_reading *r)
{
  open_queue(r);
  if (r->queue.missing.len)
    qq_die(QQ_EXIT_TROUBLE, _("%s is damaged: %s; nothing was done"), r->queue.path,
      r->queue.missing.s);
}

/* What is wrong with the queue itself, one line each. */
static void name_damage(stralloc const *damage)
{
  size_t at;
  for (at = 0; at < damage->len; at += strlen(damage->s + at) + 1)
    qq_trouble("%s", damage->s + at);
}

static void become_reader(qq_queue const *q)
{
  uid_t uid;
  gid_t gid;
  if (geteuid()) return;
  qq_queue_reader(q, &uid, &gid);
  if (!q->qmails && !q->is_open_to_all)
    qq_warn(_("unable to give up root: %s is root's, and nobody else may read it"), q->path);
  else if (qq_os_become(uid, gid) < 0)
    qq_die_unable(_("unable to become uid %u, gid %u"), (unsigned int)uid, (unsigned int)gid);
}

void qq_reading_give_up_root(qq_reading *r)
{
  become_reader(&r->queue);
}

static void begin_to_read(qq_reading *r)
{
  become_reader(&r->queue);
  name_damage(&r->queue.missing);
  name_damage(&r->queue.misplaced);
}

void qq_reading_open_to_read(qq_reading *r)
{
  open_queue(r);
  begin_to_read(r);
}

unsigned int qq_reading_channel(qq_queue const *q, char const *name)
{
  int const channel = qq_queue_channel(q, name);
  if (channel < 0)
    qq_die(QQ_EXIT_USAGE, _("option --channel: \"%s\" given, expected a channel of the queue %s"),
      name, q->path);
  return (unsigned int)channel;
}

static qq_smtp_users smtp_users = QQ_SMTP_USERS_ZERO;

void qq_reading_smtp_users(qq_reading *r)
{
  char const *given = getenv(QQ_VARIABLE_SMTP_USERS);
  smtp_users.names = given ? given : QQ_SMTP_USERS;
  r->queue.smtp_users = &smtp_users;
}

static void name_missing_users(void)
{
  if (smtp_users.missing.len && getenv(QQ_VARIABLE_SMTP_USERS))
    qq_warn(_("%s: there is no user \"%s\""), QQ_VARIABLE_SMTP_USERS, smtp_users.missing.s);
  smtp_users.missing.len = 0;
}

uint64_t qq_reading_queuelifetime(qq_reading const *r)
{
  uint64_t seconds;
  if (qq_home_queuelifetime(r->site.home.s, &seconds) < 0)
    qq_trouble(_("unable to read control/queuelifetime: %s"), strerror(errno));
  return seconds;
}

void qq_reading_open_home(qq_reading *r)
{
  stralloc why = STRALLOC_ZERO;
  if (!r->site.control.s) qq_demand(qq_site_open(&r->site, &why), &why);
}

void qq_reading_settings(qq_reading *r, qq_settings *settings)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_settings_load(settings, dup(r->site.store.control_fd), r->site.control.s, 0, &why),
    &why);
}

void qq_reading_prefixes(qq_reading *r)
{
  if (qq_prefixes_read(&r->prefixes, r->site.home.s) > 0) r->queue.prefixes = &r->prefixes;
  else qq_trouble(_("unable to read control/virtualdomains: %s"), strerror(errno));
}

/* Root alone sees where other users' processes work, and what they have open: who may not see it
   goes by the mutex. */
static int is_up(qq_queue const *q, qq_instance *i)
{
  int const r = qq_instance_watch(i, q->fd);
  int up;
  if (r > 0 && i->is_shown) return i->runs;
  i->is_shown = 0;
  if (r < 0 && errno == ENOENT) return 0;       /* no lock/ as in a copy */
  if (r < 0 && errno != EACCES && errno != EPERM && errno != ENOSYS) return -1;
  up = qq_instance_seems_up(q->fd);
  return up < 0 && errno == ENOSYS ? i->runs : up;
}

int qq_reading_is_up(qq_queue const *q, qq_instance *i)
{
  qq_instance own = QQ_INSTANCE_ZERO;
  int const up = is_up(q, i ? i : &own);
  qq_instance_free(&own);
  if (up < 0)
    qq_trouble(_("unable to see whether qmail-send runs on %s: %s"), q->path, strerror(errno));
  return up;
}

void qq_reading_start(qq_reading *r)
{
  qq_reading_start_after(r, 0);
}

void qq_reading_start_whole(qq_reading *r, void (*look)(qq_queue const *))
{
  memset(r, 0, sizeof *r);
  open_queue(r);
  if (look) look(&r->queue);
  begin_to_read(r);
}

void qq_reading_start_after(qq_reading *r, void (*look)(qq_queue const *))
{
  qq_reading_start_whole(r, look);
  r->restricted = qq_restriction(&r->ids);
}

void qq_reading_demand_same(qq_reading const *r)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand_done(qq_queue_is_same(&r->queue, &why), &why);
}

static qq_reading const *walks;         /* the one that is walked */

static void trouble(char const *s, size_t n)
{
  qq_reading_demand_same(walks);
  qq_trouble("%.*s", (int)n, s);
}

void qq_reading_prepare(qq_reading *r, int (*visit)(void *, qq_message *), size_t size)
{
  unsigned int i;
  walks = r;
  r->walk.queue = &r->queue;
  r->walk.only = r->restricted ? &r->ids : 0;
  r->walk.jobs = qq_walk_jobs(&r->queue, qq_shared_options->jobs);
  r->walk.visit = visit;
  r->walk.trouble = trouble;
  r->walk.progress = qq_progress;
  r->walk.workers = calloc(r->walk.jobs, sizeof *r->walk.workers);
  qq_demand_memory(r->walk.workers != 0);
  for (i = 0; i < r->walk.jobs; i++) {
    r->walk.workers[i] = calloc(1, size);
    qq_demand_memory(r->walk.workers[i] != 0);
  }
}

void qq_reading_check(qq_reading const *r, int result)
{
  int const e = errno;
  qq_reading_demand_same(r);
  errno = e;
  if (result < 0) qq_die_unable(_("unable to read the queue %s"), r->queue.path);
}

static void check(qq_reading const *r, int result)
{
  qq_reading_check(r, result);
  qq_progress_hide();
  name_missing_users();
}

void qq_reading_walk(qq_reading *r)
{
  check(r, qq_walk_run(&r->walk));
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int missed;

static void miss(void)
{
  pthread_mutex_lock(&mutex);
  missed = 1;
  pthread_mutex_unlock(&mutex);
}

static void warn_gone(qq_id const *id)
{
  qq_reading_demand_same(walks);
  qq_reading_warn_gone(id);
}

void qq_reading_warn_gone(qq_id const *id)
{
  miss();
  qq_warn(_("message %llu is not in the queue (any more)"), (unsigned long long)id->id);
}

void qq_reading_walk_named(qq_reading *r)
{
  r->walk.gone = warn_gone;
  qq_reading_walk(r);
}

void qq_reading_walk_in_order(qq_reading *r)
{
  if (r->restricted) r->walk.gone = warn_gone;
  check(r, qq_walk_in_order(&r->walk));
}

int qq_reading_pass_over(qq_reading const *r, qq_message const *m)
{
  if (!r->restricted) return 1;
  miss();
  qq_warn(m->over ? _("message %llu is over (--over shows it)") : _("message %llu is not over"),
    (unsigned long long)m->id);
  return 1;
}

int qq_reading_missed(void)
{
  return missed;
}
