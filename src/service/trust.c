/* Whom we obey: what root, or who we are, alone can change, and what claims this qmail. Its command
   writes into its directory, and a script of it is run: who could choose where that leads would
   have our rights (INTERNALS: whom qsvc obeys). */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/file.h>
#include "driver.h"

static int is_ours(uid_t user)
{
  return !user || user == geteuid();
}

static int doubt(qq_service *s, char const *format, ...) QQ_PRINTF(2, 3);
static int doubt(qq_service *s, char const *format, ...)
{
  va_list args;
  int r;
  s->doubt.len = 0;
  va_start(args, format);
  r = qq_vfmt(&s->doubt, format, args) ? 1 : -1;
  va_end(args);
  return r;
}

static int doubt_path(qq_service *s, char const *path)
{
  struct stat st;
  int const is_seen = !lstat(path, &st) && !S_ISLNK(st.st_mode);
  if (is_seen && !is_ours(st.st_uid))
    return doubt(s, _("%s belongs to user %lu"), path, (unsigned long)st.st_uid);
  if (is_seen && !qq_is_ours_alone(&st))
    return doubt(s, _("others may write to %s (mode %03o)"), path, st.st_mode & 0777u);
  return doubt(s, _("others may put something else in the place of %s"), path);
}

/* What is not there does no harm. */
static int judge_path(qq_service *s, char const *path)
{
  int const r = s->doubt.len ? 1 : qq_path_is_ours(path);
  if (r > 0 || (r < 0 && errno == ENOENT)) return 1;
  return r ? doubt(s, _("unable to look at %s: %s"), path, strerror(errno)) : doubt_path(s, path);
}

/* Itself, and what the three commands open for writing there, and its supervisor runs. The last two
   are for sv, which asks the logger, too (sv.c:status). */
static int judge_directory(qq_service *s)
{
  static char const *const inside[] = {
    "", "/supervise", "/supervise/control", "/supervise/ok", "/run", "/log/supervise",
    "/log/supervise/ok"
  };
  size_t const all = sizeof inside / sizeof *inside;
  size_t const n = s->supervisor == QQ_SUPERVISOR_RUNIT ? all : all - 2;
  stralloc path = STRALLOC_ZERO;
  size_t i;
  int r = 1;
  for (i = 0; r > 0 && i < n; i++) {
    path.len = 0;
    r = qq_fmt(&path, "%s%s", s->where.s, inside[i]) ? judge_path(s, path.s) : -1;
  }
  stralloc_free(&path);
  return r;
}

int qq_trust_place(qq_service *s)
{
  if (!*s->where.s || s->supervisor == QQ_SUPERVISOR_SYSTEMD) return 1;
  return s->supervisor < QQ_SUPERVISOR_SYSTEMD ? judge_directory(s) : judge_path(s, s->where.s);
}

int qq_trust_process(qq_service *s, pid_t pid)
{
  uid_t users[2];
  int i;
  if (qq_os_process_users(pid, users) < 1) return 1;    /* its directory says enough */
  for (i = 0; i < 2; i++)
    if (!is_ours(users[i]))
      return doubt(s, _("process %ld, which runs it, belongs to user %lu"), (long)pid,
        (unsigned long)users[i]);
  return 1;
}

/* What the user has named need not claim anything. */
static int is_named(qq_server const *s)
{
  return s->service_option && strpbrk(s->service_option, "/:");
}

int qq_trust_found(qq_server *s)
{
  qq_service *service = &s->service;
  char const *what = service->supervisor == QQ_SUPERVISOR_SYSTEMD ? "ExecStart" : "run";
  qq_os_process p;
  int r = 1;
  if (!service->answers || service->supervisor >= QQ_SUPERVISOR_INIT) return 1;
  if (service->supervisor < QQ_SUPERVISOR_SYSTEMD && service->pid
    && qq_os_process_look(service->pid, &p) == 1) r = qq_trust_process(service, p.parent);
  if (r < 0 || service->doubt.len || is_named(s)) return r;
  if (service->claims) return 1;
  return doubt(service, _("neither qmail-start nor %s/rc is in its %s: use --service to say what "
    "starts qmail-send (none: nothing does)"), *s->home ? s->home : "HOME",
    what);
}

int qq_server_refuse(qq_server *s)
{
  qq_service const *service = &s->service;
  if (service->doubt.len)
    return qq_refuse(&s->why, EPERM, _("%s is not obeyed: %s"), service->name.s, service->doubt.s);
  return qq_refuse(&s->why, EIO, "%s: %s", service->name.s, service->why.s);
}
