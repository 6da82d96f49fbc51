/* Scripts that are told start and stop, and HOME/rc, which starts only. What they start, nobody
   starts again. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <qq/child.h>
#include "driver.h"

/* A script that does not say whose qmail it starts is not taken for ours. */
static int try_script(qq_server *s, qq_supervisor which, char const *path)
{
  stralloc text = STRALLOC_ZERO;
  int r = access(path, X_OK) < 0 ? 0 : qq_claim_read(&text, path);
  if (r > 0) r = qq_claim_mentions((qq_piece){ text.s, text.len }, s->home);
  if (r > 0) r = qq_server_take(s, which, path);
  stralloc_free(&text);
  return r;
}

static int find_init(qq_server *s, qq_supervisor which)
{
  static char const *const paths[] = {
    "/etc/init.d/qmail", "/etc/rc.d/init.d/qmail", "/etc/rc.d/qmail", "/usr/local/etc/rc.d/qmail", 0
  };
  char const *const *path;
  int r = 0;
  for (path = paths; !r && *path; path++) r = try_script(s, which, *path);
  return r;
}

/* In $PATH, and where toasters put it. */
static int find_qmailctl(qq_server *s, qq_supervisor which)
{
  char const *path = getenv("PATH");
  stralloc places = STRALLOC_ZERO, name = STRALLOC_ZERO;
  char const *at;
  size_t n;
  int r = 0;
  if (!path) path = "";
  if (!qq_fmt(&places, "%s:/usr/local/bin:/usr/local/sbin:%s/bin", path, s->home)) r = -1;
  for (at = places.s; !r && (n = qq_next_path(&at)); at += n) {
    name.len = 0;
    r = qq_fmt(&name, "%.*s/qmailctl", (int)n, at) ? try_script(s, which, name.s) : -1;
  }
  stralloc_free(&places);
  stralloc_free(&name);
  return r;
}

static int find_rc(qq_server *s, qq_supervisor which)
{
  stralloc path = STRALLOC_ZERO;
  int r = qq_fmt(&path, "%s/rc", s->home) ? 1 : -1;
  if (r > 0) r = qq_server_take(s, which, *s->home && !access(path.s, X_OK) ? path.s : "");
  stralloc_free(&path);
  return r;
}

static int look_at_script(qq_service *s)
{
  s->answers = 1;
  return 1;
}

/* It may leave daemons behind that keep what it writes to: that has to be ours, no pipe. */
static int tell_script(qq_server *s, qq_order o)
{
  char const *argv[] = { s->service.where.s, o == QQ_ORDER_START ? "start" : "stop", 0 };
  int r;
  if (o > QQ_ORDER_STOP) return 0;
  r = qq_child_run(argv, 0);
  if (!r) return 1;
  if (r < 0) return qq_unable(&s->why, _("unable to run %s"), argv[0]);
  return qq_refuse(&s->why, EIO, _("%s %s: exit code %d"), argv[0], argv[1], r);
}

/* As INSTALL.boot has it: csh -cf '/var/qmail/rc &'. */
static int tell_rc(qq_server *s, qq_order o)
{
  static char const script[] = "exec </dev/null >/dev/null 2>&1; cd /;"
    " if command -v setsid; then setsid \"$1\" & else \"$1\" & fi";
  char const *argv[] = { "sh", "-c", script, "sh", s->service.where.s, 0 };
  if (o != QQ_ORDER_START) return 0;
  if (qq_server_can_start(s)) return qq_driver_command(s, argv, 0);
  errno = ENOENT;
  return -1;
}

qq_driver const qq_driver_init = { "init", find_init, look_at_script, tell_script };
qq_driver const qq_driver_qmailctl = { "qmailctl", find_qmailctl, look_at_script, tell_script };
qq_driver const qq_driver_none = { "none", find_rc, look_at_script, tell_rc };
