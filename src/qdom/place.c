#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <config.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/home.h>
#include <qq/settings.h>
#include <qq/text.h>
#include "qdom.h"

#define USER "popuser"

static void die(stralloc const *why)
{
  int const e = errno;
  qq_die(qq_exit_code_of(e), "%.*s", (int)why->len, why->s);
}

void qq_dom_take_mailnames(qq_option const *o, char const *value)
{
  qq_dom_place *p = o->to.object;
  if (*value != '/') qq_bad_value(o->name, value, _("a path that begins with /"));
  p->said_mailnames = 1;
  p->mailnames.len = 0;
  qq_demand_memory(stralloc_cats(&p->mailnames, value));
  while (p->mailnames.len > 1 && p->mailnames.s[p->mailnames.len - 1] == '/') p->mailnames.len--;
  qq_demand_memory(stralloc_0(&p->mailnames));
}

static void find_account(qq_dom_place *p)
{
  struct passwd const *pw;
  if (!p->user) p->user = USER;
  errno = 0;
  pw = getpwnam(p->user);
  if (!pw && errno) qq_die(QQ_EXIT_TROUBLE, _("unable to look for the user %s: %s"), p->user, strerror(errno));
  if (!pw) qq_die(QQ_EXIT_USAGE, _("there is no user \"%s\": give --user"), p->user);
  if (!pw->pw_uid) qq_die(QQ_EXIT_USAGE, _("the user \"%s\" is root, as whom qmail does not deliver"), p->user);
  p->account.uid = pw->pw_uid;
  p->account.gid = pw->pw_gid;
  p->account.mode = 0700;
}

/* Homes in users/assign begin with a slash, wherever we were started. */
static void make_absolute(stralloc *path)
{
  char *whole = *path->s == '/' ? 0 : realpath(path->s, 0);
  if (!whole) return;
  path->len = 0;
  qq_demand_memory(stralloc_cats(path, whole) && stralloc_0(path));
  free(whole);
}

static void open_home(qq_dom_place *p)
{
  stralloc queue = STRALLOC_ZERO, why = STRALLOC_ZERO;
  if (!qq_home_find(&queue, &p->home, qq_shared_options->queue, qq_shared_options->home, QQ_QMAIL_HOME)) qq_die_memory();
  if (!*p->home.s) qq_die(QQ_EXIT_USAGE, _("the home of the queue %s is not known: its parent has no control/; give --home"), queue.s);
  make_absolute(&p->home);
  if (!p->mailnames.len) qq_demand_memory(qq_say(&p->mailnames, "%s/mailnames", p->home.s) && stralloc_0(&p->mailnames));
  qq_demand_memory(qq_say(&p->control_path, "%s/control", p->home.s) && stralloc_0(&p->control_path));
  if (qq_store_open(&p->store, p->home.s, &why) < 0) die(&why);
  stralloc_free(&queue);
}

/* A users/assign that qmail-newu refuses cannot be edited. */
static void check_assign(qq_dom_place const *p)
{
  qq_assignment one;
  char const *why;
  qq_assign a;
  int r;
  qq_assign_begin(&a, p->users.text.s, p->users.text.len);
  while ((r = qq_assign_next(&a, &one, &why)) > 0) ;
  if (r < 0) qq_die(QQ_EXIT_USAGE, _("%s/users/assign: line %zu %s"), p->home.s, a.line, why);
}

static void load(qq_dom_place *p)
{
  qq_settings mentioned = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO;
  qq_demand_memory(qq_settings_put(&mentioned, "morercpthosts.cdb", 1, "", 0) != 0);
  if (qq_settings_load(&p->control, p->control_path.s, &mentioned, &why) < 0 || qq_users_open(&p->users, p->home.s, &why) < 0) die(&why);
  check_assign(p);
  qq_demand_memory(qq_copy(&p->plan.assign, p->users.text.s, p->users.text.len));
  qq_settings_free(&mentioned);
}

void qq_dom_open(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (!p->dry_run && (qq_store_lock(&p->store, &why) < 0 || qq_store_recover(&p->store, &why) < 0)) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  load(p);
  if (!p->dry_run && qq_users_recover(&p->users, &why) < 0) die(&why);
  if (p->users.has_cdb && !p->users.has_assign)
    qq_die(QQ_EXIT_USAGE, _("%s/users/assign is missing, but users/cdb is in force: what it assigns would be lost; make users/assign first (qusers-list --cdb shows it)"), p->home.s);
}

void qq_dom_open_to_add(qq_dom_place *p)
{
  find_account(p);
  qq_dom_open(p);
}

/* What a run that was stopped has begun is ended by who may. */
static void recover(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_store_is_interrupted(&p->store) != 1) return;
  if (qq_store_lock(&p->store, &why) < 0 || qq_store_recover(&p->store, &why) < 0)
    qq_warn(_("a change of the control files was interrupted: the same command again, as root, ends it"));
  stralloc_free(&why);
}

void qq_dom_open_to_read(qq_dom_place *p)
{
  open_home(p);
  recover(p);
  load(p);
}

void qq_dom_path(qq_dom_place const *p, stralloc *path, char const *name, char const *other)
{
  path->len = 0;
  qq_demand_memory(qq_say(path, "%s/%s%s%s", p->mailnames.s, name, other ? "/" : "", other ? other : "") && stralloc_0(path));
}

int qq_dom_is_there(char const *path)
{
  struct stat st;
  return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* ---- prefixes ---- */

uint64_t qq_dom_given(qq_dom_place const *p)
{
  uint64_t highest;
  if (qq_last_prefix_read(p->store.fd, &highest) > 0) return highest;
  if (errno == EPROTO) qq_die(QQ_EXIT_TROUBLE, _("%s/qqtools/last-prefix: expected a number, the highest prefix that was ever given; nothing was done"), p->home.s);
  qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/last-prefix: %s"), p->home.s, strerror(errno));
  return 0;
}

void qq_dom_note_given(qq_dom_place *p, char const *prefix)
{
  if (p->dry_run) return;
  qq_dom_given(p);
  if (qq_last_prefix_note(p->store.fd, prefix, strlen(prefix)) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to write %s/qqtools/last-prefix: %s"), p->home.s,
      strerror(errno));
}

/* ---- names ---- */

void qq_dom_find(qq_dom_place *p, char const *name, qq_domain *d)
{
  if (!qq_domains_find(&p->control, name, strlen(name), d)) qq_die(QQ_EXIT_USAGE, _("control/virtualdomains has no domain \"%s\""), name);
  qq_dom_adopt_mailnames(p, d);
}

/* What is a name of a directory, of a line in users/assign, and of a file .qmail-...: no slash,
   colon, control character; no dot in front. */
static int is_good_user(char const *s)
{
  size_t i;
  if (!*s || *s == '.' || *s == '@') return 0;
  for (i = 0; s[i]; i++) if (s[i] == '/' || s[i] == ':' || (unsigned char)s[i] <= ' ' || (unsigned char)s[i] >= 127) return 0;
  return i < 200;
}

void qq_dom_split(char const *operand, char **user, char **domain)
{
  char const *at = strrchr(operand, '@');
  if (!at || !qq_check_is_host(at + 1, strlen(at + 1))) qq_die_usage(_("operand \"%s\": expected USER@DOMAIN"), operand);
  *user = strndup(operand, (size_t)(at - operand));
  *domain = strdup(at + 1);
  qq_demand_memory(*user && *domain);
  case_lowerb(*user, strlen(*user));    /* as users/cdb has them */
  case_lowerb(*domain, strlen(*domain));
  if (!is_good_user(*user)) qq_die_usage(_("operand \"%s\": the user is none that can have a directory"), operand);
}
