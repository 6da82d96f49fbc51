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

static int has_current(char const *directory)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int const r = qq_fmt(&path, "%s/%s", directory, QQ_NAME_CURRENT) && !stat(path.s, &st);
  stralloc_free(&path);
  return r;
}

/* ---- of what runs ---- */

/* qmail-send writes to its descriptor 0 (qsutil.c). Whoever reads that writes into one directory or
   several; the one that is meant has events in it. */
static int add_of_reader(qq_log *log, pid_t send, stralloc *looked, stralloc *why)
{
  stralloc paths = STRALLOC_ZERO;
  char const *found = 0;
  pid_t reader;
  size_t at;
  int r = 0;
  if (qq_os_process_reader(send, &reader) > 0
    && qq_os_process_files(reader, QQ_NAME_CURRENT, &paths) > 0) {
    for (at = 0; at < paths.len; at += strlen(paths.s + at) + 1)
      if (!found || (!qq_log_directory_has_event(found) && qq_log_directory_has_event(paths.s + at)))
        found = paths.s + at;
    if (found) r = add_one(log, found, why);
    else r = looked_at(looked, _("what its qmail-send writes to"));
  }
  stralloc_free(&paths);
  return r;
}

/* ---- of its service ---- */

/* Words of a run script that are directories with a current. */
static int add_of_script(qq_log *log, char const *where, stralloc *why)
{
  stralloc path = STRALLOC_ZERO, text = STRALLOC_ZERO;
  static char const between[] = " \t\n\"'";
  char *word, *next;
  int r = qq_fmt(&path, "%s/log/run", where) ? 0 : -1;
  int const is_ours = !r && qq_path_is_ours(path.s) > 0;
  int const fd = is_ours ? open(path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
  if (fd >= 0 && qq_slurp_regular(&text, fd, 65536) > 0 && stralloc_0(&text))
    for (word = strtok_r(text.s, between, &next); word && !r; word = strtok_r(0, between, &next)) {
      path.len = 0;
      if (*word != '/' && strncmp(word, "./", 2)) continue;
      if (!(*word == '/' ? qq_fmt(&path, "%s", word) : qq_fmt(&path, "%s/log/%s", where, word)))
        r = -1;
      else if (has_current(path.s)) r = add_one(log, path.s, why);
    }
  if (fd >= 0) fd_close(fd);
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
    else if (has_current(path.s)) r = add_one(log, path.s, why);
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
  char const *argv[12] = { "journalctl", "-u", unit, "-o", "short-unix", "--quiet", "--no-pager" };
  int n = 7, output;
  pid_t pid;
  snprintf(since, sizeof since, "--since=@%llu", (unsigned long long)(log->since / QQ_SECOND));
  snprintf(until, sizeof until, "--until=@%llu", (unsigned long long)(log->until / QQ_SECOND + 1));
  if (log->since) argv[n++] = since;
  if (log->until != QQ_LOG_UNKNOWN) argv[n++] = until;
  pid = qq_child_filter(argv, -1, &output);
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
  if (s.queue_fd < 0) return looked_at(looked, site->queue.s);
  r = qq_instance_look(&s.instance, s.queue_fd) < 0 ? 0 : 1;
  if (r && s.instance.send && !option) r = add_of_reader(log, s.instance.send, looked, why);
  else r = 0;
  if (!r && qq_server_find(&s) < 0 && option)
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

static int add_of_syslog(qq_log *log, stralloc *looked, stralloc *why)
{
  static char const *const usual[] = {
    "/usr/local/psa/var/log/maillog", "/var/log/maillog", "/var/log/mail.log", "/var/log/mail.info",
    "/var/log/syslog", "/var/log/messages"
  };
  size_t i;
  int r = 0;
  for (i = 0; i < sizeof usual / sizeof *usual && !r; i++) {
    char *real = realpath(usual[i], 0);         /* elders are beside what a link leads to */
    if (real) r = qq_log_add_with_elders(log, real, why);
    if (!r) r = looked_at(looked, usual[i]);
    free(real);
  }
  return r;
}

int qq_site_log(qq_site const *site, char const *service, qq_log *log, stralloc *why)
{
  stralloc looked = STRALLOC_ZERO;
  int r = add_of_service(site, service, log, &looked, why);
  if (!r) r = add_of_syslog(log, &looked, why);
  if (!r)
    r = qq_refuse(why, ENOENT, _("no log of qmail-send found (QQ_LOG can name it); looked at: %.*s"),
      (int)looked.len, looked.s);
  else if (r < 0 && !why->len) qq_refuse(why, ENOMEM, "%s", _("out of memory"));
  stralloc_free(&looked);
  return r;
}
