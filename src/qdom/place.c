#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/settings.h>
#include <qq/text.h>
#include "qdom.h"

#define USER "popuser"

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
static void open_home(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  qq_site *site = &p->site;
  qq_shared const *said = qq_shared_options;
  qq_demand_memory(qq_site_find(site, said->queue, said->home) > 0
    && (*site->home.s == '/' || qq_site_resolve(&site->home) > 0));
  qq_demand(qq_site_open(site, &why), &why);
  if (!p->mailnames.len)
    qq_demand_memory(qq_say(&p->mailnames, "%s/mailnames", site->home.s)
      && stralloc_0(&p->mailnames));
}

/* A users/assign that qmail-newu refuses cannot be edited. */
static void check_assign(qq_dom_place const *p)
{
  qq_assignment one;
  stralloc why = STRALLOC_ZERO;
  qq_assign a;
  int r;
  qq_assign_begin(&a, p->site.users.text.s, p->site.users.text.len);
  while ((r = qq_assign_next(&a, &one)) > 0) ;
  if (r < 0) qq_demand(qq_users_refuse(&p->site.users, &a, &why), &why);
}

static void load(qq_dom_place *p)
{
  qq_settings mentioned = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO;
  qq_demand_memory(qq_settings_put(&mentioned, "morercpthosts.cdb", 1, "", 0) != 0);
  qq_demand(qq_settings_load(&p->site.live, p->site.control.s, &mentioned, &why), &why);
  qq_demand(qq_users_open(&p->site.users, p->site.home.s, &why), &why);
  check_assign(p);
  qq_demand_memory(qq_copy(&p->plan.assign, p->site.users.text.s, p->site.users.text.len));
  qq_settings_free(&mentioned);
}

void qq_dom_open(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (!p->dry_run) qq_demand_done(qq_site_lock(&p->site, &why), &why);
  load(p);
  if (!p->dry_run) qq_demand(qq_users_recover(&p->site.users, &why), &why);
  qq_demand(qq_users_can_write(&p->site.users, &why), &why);
}

void qq_dom_open_to_add(qq_dom_place *p)
{
  find_account(p);
  qq_dom_open(p);
}

void qq_dom_open_to_read(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (!qq_site_recover(&p->site, &why)) qq_warn("%.*s", (int)why.len, why.s);
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
  if (qq_last_prefix_read(p->site.store.fd, &highest) > 0) return highest;
  if (errno == EPROTO) qq_die(QQ_EXIT_TROUBLE, _("%s/qqtools/last-prefix: expected a number, the highest prefix that was ever given; nothing was done"), p->site.home.s);
  qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/last-prefix: %s"), p->site.home.s, strerror(errno));
  return 0;
}

void qq_dom_note_given(qq_dom_place *p, char const *prefix)
{
  if (p->dry_run) return;
  qq_dom_given(p);
  if (qq_last_prefix_note(p->site.store.fd, prefix, strlen(prefix)) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to write %s/qqtools/last-prefix: %s"), p->site.home.s,
      strerror(errno));
}

/* ---- names ---- */

void qq_dom_find(qq_dom_place *p, char const *name, qq_domain *d)
{
  if (!qq_domains_find(&p->site.live, name, strlen(name), d)) qq_die(QQ_EXIT_USAGE, _("control/virtualdomains has no domain \"%s\""), name);
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
