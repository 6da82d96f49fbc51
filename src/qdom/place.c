#include <errno.h>
#include <pwd.h>
#include <qq/diagnostic.h>
#include <qq/os.h>
#include <qq/settings.h>
#include <qq/text.h>
#include "qdom.h"

#define USER "popuser"

/* Homes are made of it. */
static int can_hold_homes(stralloc const *mailnames)
{
  return mailnames->s[1] && qq_dom_is_assignable(mailnames->s);
}

void qq_dom_take_mailnames(qq_option const *o, char const *value)
{
  qq_dom_place *p = o->to.object;
  p->said_mailnames = 1;
  qq_demand_memory(qq_copy_string(&p->mailnames, value));
  if (*value == '/') qq_path_clean(&p->mailnames);
  if (*value != '/' || !can_hold_homes(&p->mailnames))
    qq_die_usage(_("option --%s: \"%s\" given, expected a path that begins with /, without a colon "
      "or control character"), o->name, value);
}

void qq_dom_find_account(qq_dom_place *p)
{
  struct passwd const *pw;
  int r;
  if (!p->user) p->user = USER;
  r = qq_getpw_name(&pw, p->user);
  if (r < 0) qq_die_unable(_("unable to look for the user %s"), p->user);
  if (!r) qq_die(QQ_EXIT_USAGE, _("there is no user \"%s\": give --user"), p->user);
  if (!pw->pw_uid)
    qq_die(QQ_EXIT_USAGE, _("the user \"%s\" is root, as whom qmail does not deliver"), p->user);
  p->account.uid = pw->pw_uid;
  p->account.gid = pw->pw_gid;
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
  if (p->mailnames.len) return;
  qq_must_fmt(&p->mailnames, "%s/mailnames", site->home.s);
  qq_demand_memory(stralloc_0(&p->mailnames));
  qq_path_clean(&p->mailnames);
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

void qq_dom_demand_readable(qq_dom_place const *p, char const *name)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand_done(qq_site_can_read(&p->site, name, &why), &why);
}

static void load(qq_dom_place *p)
{
  qq_settings mentioned = QQ_SETTINGS_ZERO;
  stralloc why = STRALLOC_ZERO;
  qq_demand_memory(qq_settings_put(&mentioned, "morercpthosts.cdb", 1, "", 0) != 0);
  qq_demand(qq_site_load(&p->site, &mentioned, &why), &why);
  qq_dom_demand_readable(p, "virtualdomains");
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
  qq_demand(qq_users_can_write(&p->site.users, &why), &why);
  if (!p->dry_run) qq_demand(qq_users_recover(&p->site.users, &why), &why);
}

void qq_dom_open_to_add(qq_dom_place *p)
{
  if (p->user) qq_dom_find_account(p);
  qq_dom_open(p);
  if (!can_hold_homes(&p->mailnames))
    qq_die(QQ_EXIT_USAGE, _("users/assign cannot hold %s, with a colon or control character: give "
      "--mailnames; nothing was done"), p->mailnames.s);
}

void qq_dom_open_to_read(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (!qq_site_recover(&p->site, &why)) qq_warn("%.*s", (int)why.len, why.s);
  load(p);
}

int qq_dom_is_there(char const *path)
{
  int const r = qq_path_is_directory(path);
  if (r < 0) qq_die_unable(_("unable to open %s"), path);
  return r;
}

uint64_t qq_dom_last_prefix(qq_dom_place const *p)
{
  uint64_t highest;
  int const is_hidden = p->site.store.fd < 0 && qq_store_is_hidden(&p->site.store);
  if (!is_hidden && qq_last_prefix_read(p->site.store.fd, &highest) > 0) return highest;
  if (!is_hidden && errno == EPROTO)
    qq_die(QQ_EXIT_TROUBLE, _("%s/qqtools/last-prefix: expected a number, the highest prefix that "
      "was ever given; nothing was done"), p->site.home.s);
  qq_die_unable(_("unable to read %s/qqtools/last-prefix"), p->site.home.s);
}

void qq_dom_note_prefix(qq_dom_place const *p, char const *prefix, size_t n)
{
  if (p->dry_run) return;
  if (qq_last_prefix_note(p->site.store.fd, prefix, n, qq_dom_last_prefix(p)) < 0)
    qq_die_unable(_("unable to write %s/qqtools/last-prefix"), p->site.home.s);
}
