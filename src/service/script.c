/* Scripts that are told start and stop, and HOME/rc, which starts only. What they start, nobody starts again. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/append.h>
#include <qq/child.h>
#include <qq/gettext.h>
#include <qq/say.h>
#include "driver.h"

/* A script that does not say whose qmail it starts is not taken for ours. */
static int mentions(char const *path, char const *home)
{
  stralloc text = STRALLOC_ZERO;
  int r = qq_claim_read(&text, path);
  if (r > 0) r = qq_claim_mentions(text.s, text.len, home);
  stralloc_free(&text);
  return r;
}

static int take(qq_service *s, qq_supervisor which, char const *path)
{
  s->supervisor = which;
  s->supervises = QQ_SUPERVISES_NOT;
  return qq_copy_string(&s->where, path) ? 1 : -1;
}

static int find_among(qq_service *s, qq_supervisor which, char const *const *paths, char const *home)
{
  for (; *paths; paths++) {
    int const r = access(*paths, X_OK) < 0 ? 0 : mentions(*paths, home);
    if (r) return r < 0 ? r : take(s, which, *paths);
  }
  return 0;
}

static int find_init(qq_service *s, qq_instance const *i, char const *home)
{
  static char const *const paths[] = { "/etc/init.d/qmail", "/etc/rc.d/init.d/qmail", "/etc/rc.d/qmail", "/usr/local/etc/rc.d/qmail", 0 };
  (void)i;
  return find_among(s, QQ_SUPERVISOR_INIT, paths, home);
}

/* In $PATH, and where toasters put it. */
static int find_qmailctl(qq_service *s, qq_instance const *i, char const *home)
{
  char const *path = getenv("PATH");
  stralloc places = STRALLOC_ZERO, name = STRALLOC_ZERO;
  char const *at;
  int r = 0;
  (void)i;
  if (!qq_say(&places, "%s:/usr/local/bin:/usr/local/sbin:%s/bin", path ? path : "", home) || !stralloc_0(&places)) r = -1;
  for (at = places.s; !r && *at; at += strspn(at, ":")) {
    size_t const n = strcspn(at, ":");
    name.len = 0;
    if (!qq_say(&name, "%.*s/qmailctl", (int)n, at) || !stralloc_0(&name)) r = -1;
    else if (n && !access(name.s, X_OK)) r = mentions(name.s, home);
    at += n;
  }
  if (r > 0) r = take(s, QQ_SUPERVISOR_QMAILCTL, name.s);
  stralloc_free(&places);
  stralloc_free(&name);
  return r;
}

static int find_rc(qq_service *s, qq_instance const *i, char const *home)
{
  stralloc path = STRALLOC_ZERO;
  int r;
  (void)i;
  if (!qq_say(&path, "%s/rc", home) || !stralloc_0(&path)) return -1;
  r = take(s, QQ_SUPERVISOR_NONE, *home && !access(path.s, X_OK) ? path.s : "");
  stralloc_free(&path);
  return r;
}

static int look(qq_service *s)
{
  s->answers = 1;
  s->pid = s->is_paused = 0;
  return 1;
}

/* It may leave daemons behind that keep what it writes to: that has to be ours, no pipe. */
static int order(qq_service const *s, qq_order o, stralloc *why)
{
  char const *argv[] = { s->where.s, o == QQ_ORDER_START ? "start" : "stop", 0 };
  int r;
  if (o > QQ_ORDER_STOP) return 0;
  r = qq_child_run(argv, 0);
  if (!r) return 1;
  if (r < 0) return qq_refuse(why, EIO, _("unable to run %s: %s"), argv[0], strerror(errno));
  return qq_refuse(why, EIO, _("%s %s: exit code %d"), argv[0], argv[1], r);
}

/* As INSTALL.boot has it: csh -cf '/var/qmail/rc &'. */
static int order_rc(qq_service const *s, qq_order o, stralloc *why)
{
  char const *argv[] = { "sh", "-c", "exec </dev/null >/dev/null 2>&1; cd /; if command -v setsid; then setsid \"$1\" & else \"$1\" & fi", "sh", s->where.s, 0 };
  if (o != QQ_ORDER_START) return 0;
  if (qq_service_can_start(s, why)) return qq_driver_command(argv, 0, why);
  errno = ENOENT;
  return -1;
}

qq_driver const qq_driver_init = { "init", find_init, look, order };
qq_driver const qq_driver_qmailctl = { "qmailctl", find_qmailctl, look, order };
qq_driver const qq_driver_none = { "none", find_rc, look, order_rc };
