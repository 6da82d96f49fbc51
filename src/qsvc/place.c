#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <config.h>
#include <qq/append.h>
#include <qq/diagnostic.h>
#include <qq/errand.h>
#include <qq/gettext.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/options.h>
#include <qq/os.h>
#include <qq/progress.h>
#include <qq/say.h>
#include <qq/when.h>
#include "place.h"

static void die_of(char const *what, char const *path)
{
  int const e = errno;
  qq_die(qq_exit_code_of(e), e == EACCES || e == EPERM ? _("unable to %s %s: %s (run it as root)") : _("unable to %s %s: %s"), what, path, strerror(e));
}

/* Without `..' and links, for other programs and for comparing. */
static void make_whole(stralloc *path)
{
  char *whole = *path->s ? realpath(path->s, 0) : 0;
  if (whole && !qq_copy_string(path, whole)) qq_die_memory();
  free(whole);
}

void qq_svc_look(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_instance_look(&v->instance, v->queue_fd) < 0) die_of(_("see what runs on"), v->queue.s);
  if (qq_service_find(&v->service, v->said, &v->instance, v->home.s, &why) < 0) qq_die(qq_exit_code_of(errno), "%.*s", (int)why.len, why.s);
  qq_service_lend(&v->service, &v->instance);
  stralloc_free(&why);
}

void qq_svc_open(qq_svc *v)
{
  struct stat st;
  if (!qq_home_find(&v->queue, &v->home, qq_shared_options->queue, qq_shared_options->home, QQ_QMAIL_HOME)) qq_die_memory();
  v->queue_fd = open(v->queue.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (v->queue_fd < 0) die_of(_("open the queue"), v->queue.s);
  if (fstatat(v->queue_fd, QQ_NAME_SENDMUTEX, &st, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) qq_die(QQ_EXIT_USAGE, _("%s is no queue: it has no %s"), v->queue.s, QQ_NAME_SENDMUTEX);
    die_of(_("look into the queue"), v->queue.s);
  }
  make_whole(&v->queue);
  make_whole(&v->home);
}

void qq_svc_lock(qq_svc *v)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_errand_lock(v->queue_fd, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  qq_svc_look(v);
}

static void say_role(stralloc *out, qq_instance const *i, int role)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  size_t k;
  for (k = 0; k < genalloc_len(qq_member, &i->members); k++)
    if ((int)m[k].role == role && !qq_say(out, _("%s%s (process %ld)"), out->len ? ", " : "", qq_role_name(m[k].role), (long)m[k].process.pid)) qq_die_memory();
}

void qq_svc_say_left(stralloc *out, qq_instance const *i)
{
  size_t const local = qq_instance_count(i, QQ_ROLE_LOCAL), remote = qq_instance_count(i, QQ_ROLE_REMOTE);
  int role;
  for (role = QQ_ROLE_SEND; role < QQ_ROLE_LOCAL; role++) say_role(out, i, role);
  if (!i->is_shown && i->send && !qq_say(out, _("%s (process %ld)"), QQ_NAME_QMAIL_SEND, (long)i->send)) qq_die_memory();
  if (!out->len && !genalloc_len(qq_member, &i->members) && i->has_reader && !qq_say(out, "%s", _("somebody who reads the trigger"))) qq_die_memory();
  if (local + remote && !qq_say(out, _("%s%llu local and %llu remote deliveries"), out->len ? ", " : "", (unsigned long long)local, (unsigned long long)remote)) qq_die_memory();
}

void qq_svc_note_deliveries(qq_instance const *i)
{
  qq_member const *m = genalloc_s(qq_member, &i->members);
  stralloc arguments = STRALLOC_ZERO;
  size_t k;
  for (k = 0; k < genalloc_len(qq_member, &i->members); k++) {
    if (m[k].role < QQ_ROLE_LOCAL) continue;
    arguments.len = 0;
    if (qq_os_process_arguments(m[k].process.pid, &arguments) < 1) continue;
    qq_note(_("%s delivery, process %ld: %.*s"), m[k].role == QQ_ROLE_LOCAL ? "local" : "remote", (long)m[k].process.pid, (int)arguments.len, arguments.s ? arguments.s : "");
  }
  stralloc_free(&arguments);
}

int qq_svc_wait_on(void *p, qq_instance const *i, uint64_t waited)
{
  stralloc left = STRALLOC_ZERO;
  (void)p;
  if (qq_progress_wanted()) {
    qq_svc_say_left(&left, i);
    if (left.len) qq_progress_text(_("%llu s, waiting for %.*s"), (unsigned long long)(waited / QQ_SECOND), (int)left.len, left.s);
    else qq_progress_text(_("%llu s, waiting for qmail-send"), (unsigned long long)(waited / QQ_SECOND));
  }
  stralloc_free(&left);
  return 1;
}

void qq_svc_turn(qq_svc *v, qq_turn *t, uint64_t seconds)
{
  uint64_t const most = v->timeout ? v->timeout : seconds * QQ_SECOND;
  memset(t, 0, sizeof *t);
  t->queue_fd = v->queue_fd;
  t->instance = &v->instance;
  t->service = &v->service;
  t->deadline = most ? qq_now() + most : 0;
  t->meanwhile = qq_svc_wait_on;
  t->p = v;
}

void qq_svc_warn_left_over(qq_turn const *t)
{
  if (t->left_over) qq_warn(_("qmail-todo (process %ld), which a killed qmail-send had left over, was told to end"), (long)t->left_over);
}

void qq_svc_warn(qq_svc const *v)
{
  qq_service const *s = &v->service;
  if (s->cuts) qq_warn(_("%s: `systemctl stop' would end deliveries that are under way, and their mail might go out twice; %s"), s->where.s, s->cuts);
  else if (s->clears && s->supervises == QQ_SUPERVISES_ABOVE)
    qq_warn(_("%s: `systemctl stop' would end deliveries that are under way, since qmail-send is not its main process; have what it starts exec qmail-start, with Type=simple"), s->where.s);
  if (!s->answers) qq_warn("%s (%s): %s", s->where.s, qq_supervisor_word(s->supervisor), s->why.s);
  else if (s->why.len && !v->instance.runs) qq_warn(_("%s (%s) says that it has failed: %s"), s->where.s, qq_supervisor_word(s->supervisor), s->why.s);
  else if (v->instance.send && s->supervisor < QQ_SUPERVISOR_INIT && s->supervises == QQ_SUPERVISES_NOT)
    qq_warn(_("%s (%s) did not start the qmail-send that runs (process %ld)"), s->where.s, qq_supervisor_word(s->supervisor), (long)v->instance.send);
}
