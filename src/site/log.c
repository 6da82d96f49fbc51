/* Where the log of the qmail-send of a queue is. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/server.h>
#include <qq/site.h>
#include <qq/text.h>
#include <qq/when.h>

/* What a logger has open in its directory as long as it runs, also while it rotates. */
#define LOCK "lock"

/* What was looked at, for who finds nothing. */
static int looked_at(stralloc *looked, char const *what)
{
  return qq_fmt(looked, "%s%s", looked->len ? ", " : "", what) ? 0 : -1;
}

static int add_one(qq_log *log, char const *path, stralloc *why)
{
  char const *const paths[] = { path, 0 };
  return qq_log_add(log, paths, why);
}

/* Returns 1, 0, or -1 and why. */
static int has_file(char const *directory, char const *name, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int r = -1;
  if (qq_fmt(&path, "%s/%s", directory, name))
    r = !stat(path.s, &st) ? S_ISREG(st.st_mode) != 0 : errno == ENOENT || errno == ENOTDIR ? 0
      : qq_unable(why, _("unable to look at %s"), path.s);
  stralloc_free(&path);
  return r;
}

/* ---- of what runs ---- */

/* Who is not root need not be told what somebody else's process does; or it has just ended. */
static int may_be_hidden(void)
{
  return errno == ENOENT || errno == ESRCH || (geteuid() && (errno == EACCES || errno == EPERM));
}

/* Of several directories, each with its NUL, sets *found to the first that has events in it, if it
   is not set. Returns 1, or -1 and why. */
static int choose(char const **found, stralloc const *paths, stralloc *why)
{
  size_t at;
  int has = 0;
  for (at = 0; at < paths->len && !has; at += strlen(paths->s + at) + 1) {
    has = qq_log_directory_has_event(paths->s + at, why);
    if (has > 0) *found = paths->s + at;
  }
  return has < 0 ? -1 : 1;
}

static int unable_to_see(pid_t send, stralloc *why)
{
  return may_be_hidden() ? 0
    : qq_unable(why, _("unable to see where process %ld writes its log"), (long)send);
}

/* Whoever reads what qmail-send writes to its descriptor 0 (qsutil.c) writes into one directory or
   several, of which he rotates some at this moment, so that they have no current. The one that is
   meant has events in it, or is the first. */
static int add_of_reader(qq_log *log, pid_t send, stralloc *why)
{
  stralloc paths = STRALLOC_ZERO;
  char const *found = 0;
  pid_t reader;
  int r = qq_os_process_reader(send, &reader);
  int const current = r > 0 ? qq_os_process_files(reader, QQ_NAME_CURRENT, &paths) : r;
  int const locked = current < 0 || !r ? current
    : qq_os_process_files(reader, LOCK, &paths);
  if (locked < 0) r = unable_to_see(send, why);
  else {
    if (current) found = paths.s;
    r = choose(&found, &paths, why);
    if (r > 0) r = found ? add_one(log, found, why) : 0;
  }
  stralloc_free(&paths);
  return r;
}

/* ---- of its service ---- */

/* While it is rotated, there may be no current, but what was. */
static int add_if_log(qq_log *log, char const *directory, stralloc *why)
{
  int r = has_file(directory, QQ_NAME_CURRENT, why);
  if (!r && (r = has_file(directory, LOCK, why)) > 0)
    r = qq_log_directory_has_event(directory, why);
  return r > 0 ? add_one(log, directory, why) : r;
}

/* What the service of the logger runs, with a NUL behind it. Returns 1; 0: it has none, or one that
   somebody else could change; or -1 and why. */
static int read_log_run(stralloc *text, char const *where, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int r = qq_fmt(&path, "%s/log/run", where) ? qq_path_is_ours(path.s) : -1;
  int const fd = r > 0 ? open(path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
  if (r > 0 && (fd < 0 || qq_slurp_regular(text, fd, 65536) < 0 || !stralloc_0(text))) r = -1;
  if (r < 0) r = errno == ENOENT || errno == EINVAL ? 0
    : qq_unable(why, _("unable to read %s/log/run"), where);
  if (fd >= 0) fd_close(fd);
  stralloc_free(&path);
  return r;
}

/* Words of a run script that are directories of a logger. */
static int add_of_script(qq_log *log, char const *where, stralloc *why)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  static char const between[] = " \t\n\"'";
  char *word, *next;
  int r = read_log_run(&text, where, why);
  if (r > 0)
    for (r = 0, word = strtok_r(text.s, between, &next); word && !r;
      word = strtok_r(0, between, &next)) {
      path.len = 0;
      if (*word != '/' && strncmp(word, "./", 2)) continue;
      if (!(*word == '/' ? qq_fmt(&path, "%s", word) : qq_fmt(&path, "%s/log/%s", where, word)))
        r = -1;
      else r = add_if_log(log, path.s, why);
    }
  stralloc_free(&path);
  stralloc_free(&text);
  return r;
}

static int add_of_directory(qq_log *log, char const *where, stralloc *looked, stralloc *why)
{
  static char const *const usual[] = { "/log/main", "/log" };
  stralloc path = STRALLOC_ZERO;
  size_t i;
  int r = 0;
  for (i = 0; i < 2 && !r; i++) {
    path.len = 0;
    if (!stralloc_cats(&path, where) || !stralloc_cats(&path, usual[i]) || !stralloc_0(&path))
      r = -1;
    else r = add_if_log(log, path.s, why);
  }
  if (!r) r = add_of_script(log, where, why);
  path.len = 0;
  if (!r) r = qq_fmt(&path, "%s/log", where) ? looked_at(looked, path.s) : -1;
  stralloc_free(&path);
  return r;
}

/* journalctl may read the journal as long as we are root, and is started before we are not. */
static int add_of_unit(qq_log *log, char const *unit, stralloc *why)
{
  char since[40], until[40];
  stralloc behind = STRALLOC_ZERO;
  char const *argv[13] = { "journalctl", "-u", unit, "-o", "short-unix", "--quiet", "--no-pager" };
  int n = 7, output;
  pid_t pid;
  snprintf(since, sizeof since, "--since=@%llu", (unsigned long long)(log->since / QQ_SECOND));
  snprintf(until, sizeof until, "--until=@%llu", (unsigned long long)(log->until / QQ_SECOND + 1));
  if (log->since) argv[n++] = since;
  if (log->until != QQ_LOG_UNKNOWN) argv[n++] = until;
  if (log->follows) argv[n++] = "--show-cursor";
  if (log->cursor) {
    if (!qq_fmt(&behind, "--after-cursor=%s", log->cursor)) return -1;
    argv[n++] = behind.s;
  }
  pid = qq_child_filter(argv, -1, &output);
  stralloc_free(&behind);
  if (pid < 0) return qq_unable(why, "%s", _("unable to run journalctl"));
  return qq_log_add_stream(log, output, unit, pid);
}

static int add_of_service(qq_site const *site, char const *option, qq_log *log, stralloc *looked,
  stralloc *why)
{
  qq_server s = QQ_SERVER_ZERO;
  int r;
  s.queue_fd = open(site->queue.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  s.queue = site->queue.s;
  s.home = site->home.s;
  s.service_option = option;
  if (s.queue_fd < 0) return may_be_hidden() ? looked_at(looked, site->queue.s)
    : qq_unable(why, _("unable to open %s"), site->queue.s);
  r = qq_instance_look(&s.instance, s.queue_fd);
  if (r < 0) r = may_be_hidden() ? 0
    : qq_unable(why, _("unable to see what runs on %s"), site->queue.s);
  else r = s.instance.send && !option ? add_of_reader(log, s.instance.send, why) : 0;
  if (!r && qq_server_find(&s) < 0 && (option || !may_be_hidden()))
    r = qq_refuse(why, errno, "%s", qq_server_why(&s));
  else if (!r && s.service.where.len) {
    if (s.service.supervisor == QQ_SUPERVISOR_SYSTEMD) r = add_of_unit(log, s.service.where.s, why);
    else if (s.service.supervisor < QQ_SUPERVISOR_SYSTEMD)
      r = add_of_directory(log, s.service.where.s, looked, why);
  }
  qq_server_free(&s);
  fd_close(s.queue_fd);
  return r;
}

/* ---- of syslog ---- */

static char const *const usual_files[] = {
  "/usr/local/psa/var/log/maillog", "/var/log/maillog", "/var/log/mail.log", "/var/log/mail.info",
  "/var/log/syslog", "/var/log/messages"
};
#define USUAL_FILES (sizeof usual_files / sizeof *usual_files)

/* Elders are beside what a link leads to. */
static int add_real(qq_log *log, char const *path, stralloc *why)
{
  char *const real = realpath(path, 0);
  int const r = real ? qq_log_add_with_elders(log, real, why)
    : errno == ENOENT ? 0 : qq_unable(why, _("unable to look at %s"), path);
  free(real);
  return r;
}

/* What has just been rotated may not be there until there is something to log: its elders count if
   nothing else has events. */
static int add_of_syslog(qq_log *log, stralloc *looked, stralloc *why)
{
  size_t i;
  int r = 0;
  for (i = 0; i < USUAL_FILES && !r; i++) {
    r = add_real(log, usual_files[i], why);
    if (!r) r = looked_at(looked, usual_files[i]);
  }
  for (i = 0; i < USUAL_FILES && !r; i++) r = qq_log_add_with_elders(log, usual_files[i], why);
  return r;
}

int qq_site_log(qq_site const *site, char const *service, qq_log *log, stralloc *why)
{
  stralloc looked = STRALLOC_ZERO;
  int r = add_of_service(site, service, log, &looked, why);
  if (!r) r = add_of_syslog(log, &looked, why);
  if (!r)
    r = qq_refuse(why, ENOENT,
      _("no log of qmail-send found (QQ_LOG can name it); looked at: %.*s"), (int)looked.len,
      looked.s);
  else if (r < 0 && !why->len) qq_refuse(why, ENOMEM, "%s", _("out of memory"));
  stralloc_free(&looked);
  return r;
}
