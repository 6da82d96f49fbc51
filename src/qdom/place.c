#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <config.h>
#include <skalibs/bytestr.h>
#include <qq/assign_edit.h>
#include <qq/check.h>
#include <qq/control.h>
#include <qq/controltext.h>
#include <qq/diagnostic.h>
#include <qq/edit.h>
#include <qq/given.h>
#include <qq/home.h>
#include <qq/output.h>
#include <qq/slurp.h>
#include <qq/usercdb.h>
#include "place.h"

#define USER "popuser"

static void die(stralloc const *why)
{
  int const e = errno;
  qq_die(qq_exit_code_of(e), "%.*s", (int)why->len, why->s);
}

void qq_dom_option(qq_dom_place *p, int option, char const *value)
{
  switch (option) {
    case QQ_DOM_MAILNAMES:
      if (*value != '/') qq_bad_value("--mailnames", value, _("a path that begins with /"));
      p->said_mailnames = 1;
      p->mailnames.len = 0;
      qq_demand_memory(stralloc_cats(&p->mailnames, value));
      while (p->mailnames.len > 1 && p->mailnames.s[p->mailnames.len - 1] == '/') p->mailnames.len--;
      qq_demand_memory(stralloc_0(&p->mailnames));
      break;
    case QQ_DOM_USER: p->user = value; break;
    default: p->dry_run = 1;
  }
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
  if (qq_vault_open(&p->vault, p->home.s, &why) < 0) die(&why);
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
  qq_demand_memory(stralloc_copy(&p->plan.assign, &p->users.text));
  qq_settings_free(&mentioned);
}

void qq_dom_open(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  open_home(p);
  if (!p->dry_run && (qq_vault_lock(&p->vault, &why) < 0 || qq_vault_recover(&p->vault, &why) < 0)) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
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
  if (qq_vault_is_interrupted(&p->vault) != 1) return;
  if (qq_vault_lock(&p->vault, &why) < 0 || qq_vault_recover(&p->vault, &why) < 0)
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

/* ---- users/assign ---- */

int qq_dom_unassign(qq_dom_place *p, char const *address)
{
  genalloc keys = GENALLOC_ZERO;
  unsigned char found = 0;
  qq_assign_key k;
  char const *why;
  size_t line;
  k.is_wildcard = *address == '+';
  k.address.s = address + 1;
  k.address.n = strlen(address + 1);
  k.line = 0;
  qq_demand_memory(genalloc_append(qq_assign_key, &keys, &k));
  qq_assign_edit_remove(&p->plan.assign, &keys, &found, &line, &why);         /* it was read to its end before */
  genalloc_free(qq_assign_key, &keys);
  return found;
}

/* The assignment of the address. Returns 1 or 0. */
static int find(qq_dom_place const *p, char const *address, qq_assignment *one)
{
  char const *why;
  qq_assign a;
  qq_assign_begin(&a, p->users.text.s, p->users.text.len);
  while (qq_assign_next(&a, one, &why) > 0)
    if (one->is_wildcard == (*address == '+') && one->address.n == strlen(address + 1) && !strncasecmp(one->address.s, address + 1, one->address.n)) return 1;
  return 0;
}

void qq_dom_adopt_mailnames(qq_dom_place *p, qq_domain const *d)
{
  stralloc address = STRALLOC_ZERO;
  qq_assignment one;
  if (p->said_mailnames) return;
  qq_demand_memory(qq_say(&address, "+%.*s", (int)d->prefix_length, d->prefix) && stralloc_0(&address));
  if (find(p, address.s, &one)) {
    qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
    size_t const n = home->n > d->name_length + 1 ? home->n - d->name_length - 1 : 0;
    if (n && home->s[n] == '/' && !strncasecmp(home->s + n + 1, d->name, d->name_length)) {
      p->mailnames.len = 0;
      qq_demand_memory(stralloc_catb(&p->mailnames, home->s, n) && stralloc_0(&p->mailnames));
    }
  }
  stralloc_free(&address);
}

/* The form that the recipe for Plesk uses: neither dash nor extension. */
int qq_dom_assign(qq_dom_place *p, char const *address, char const *home)
{
  stralloc line = STRALLOC_ZERO;
  qq_assignment one;
  int is_there;
  qq_demand_memory(qq_say(&line, "%s:%s:%lu:%lu:%s:::\n", address, p->user, (unsigned long)p->account.uid, (unsigned long)p->account.gid, home));
  is_there = find(p, address, &one) && one.whole.n + 1 == line.len && !memcmp(one.whole.s, line.s, one.whole.n);
  if (!is_there) {
    qq_dom_unassign(p, address);
    qq_demand_memory(qq_assign_edit_add(&p->plan.assign, &line));
  }
  stralloc_free(&line);
  return !is_there;
}

int qq_dom_is_home(qq_assignment const *one, char const *directory)
{
  qq_piece const *h = &one->fields[QQ_ASSIGN_HOME];
  return h->n == strlen(directory) && !memcmp(h->s, directory, h->n);
}

int qq_dom_has(qq_dom_place const *p, char const *address, char const *home)
{
  qq_assignment one;
  return find(p, address, &one) && qq_dom_is_home(&one, home);
}

void qq_dom_refuse_taken(qq_dom_place const *p, char const *address, char const *home)
{
  qq_assignment one;
  if (find(p, address, &one) && !qq_dom_has(p, address, home))
    qq_die(QQ_EXIT_USAGE, _("%s is assigned to %.*s: users/assign, line %zu; nothing was done"), address, (int)one.fields[QQ_ASSIGN_HOME].n,
      one.fields[QQ_ASSIGN_HOME].s, one.line);
}

int qq_dom_is_there(char const *path)
{
  struct stat st;
  return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* ---- control files ---- */

int qq_dom_is_listed(qq_dom_place const *p, char const *name, char const *domain, size_t n)
{
  qq_setting const *s = qq_settings_find(&p->control, name);
  qq_entries e;
  if (!s || !s->exists) return -1;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e)) {
    char const *entry = s->content.s + e.start;
    if (!e.length || e.length > n || (e.length < n && *entry != '.')) continue;
    if (!case_diffb(entry, e.length, domain + n - e.length)) return 1;
  }
  return 0;
}

static qq_setting const *planned(qq_dom_place const *p, char const *name)
{
  qq_setting const *s = qq_settings_find(&p->plan.control, name);
  return s ? s : qq_settings_find(&p->control, name);
}

static void edit(qq_dom_place *p, char const *name, char const *entry, int add)
{
  qq_setting const *s = planned(p, name);
  qq_control const *c = qq_control_find(name);
  stralloc text = STRALLOC_ZERO;
  size_t removed;
  if (s && s->is_unreadable) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: Permission denied (run it as root)"), p->control_path.s, name);
  if (s && s->exists) qq_demand_memory(stralloc_copy(&text, &s->content));
  if (!add && !(s && s->exists)) return;
  qq_demand_memory(add ? qq_edit_add(&text, c->kind, entry) : qq_edit_remove(&text, c->kind, entry, &removed));
  qq_demand_memory(qq_settings_put(&p->plan.control, name, 1, text.s, text.len) != 0);
  stralloc_free(&text);
}

/* morercpthosts is what its cdb says. */
static void rebuild(qq_dom_place *p)
{
  qq_setting const *s = planned(p, "morercpthosts");
  stralloc cdb = STRALLOC_ZERO;
  FILE *f = tmpfile();
  if (!f || qq_usercdb_make_list(fileno(f), s->content.s, s->content.len) < 0 || fseek(f, 0, SEEK_SET) < 0 || qq_slurp(&cdb, fileno(f)) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to make %s/morercpthosts.cdb: %s"), p->control_path.s, strerror(errno));
  qq_demand_memory(qq_settings_put(&p->plan.control, "morercpthosts.cdb", 1, cdb.s, cdb.len) != 0);
  fclose(f);
  stralloc_free(&cdb);
}

void qq_dom_list(qq_dom_place *p, char const *name, char const *entry)
{
  edit(p, name, entry, 1);
  if (!strcmp(name, "morercpthosts")) rebuild(p);
}

void qq_dom_unlist(qq_dom_place *p, char const *name, char const *entry)
{
  qq_setting const *s = planned(p, name);
  edit(p, name, entry, 0);
  if (s && s->exists && !strcmp(name, "morercpthosts")) rebuild(p);
}

/* ---- carrying out ---- */

void qq_dom_do_files(qq_dom_place *p)
{
  stralloc out = STRALLOC_ZERO, why = STRALLOC_ZERO;
  if (p->dry_run) {
    qq_demand_memory(qq_plan_show(&p->plan, &out));
    qq_output(out.s, out.len);
  }
  else if (qq_plan_make(&p->plan, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  stralloc_free(&out);
  stralloc_free(&why);
}

int qq_dom_changes_assign(qq_dom_place const *p)
{
  stralloc const *before = &p->users.text, *after = &p->plan.assign;
  return before->len != after->len || memcmp(before->s, after->s, after->len);
}

void qq_dom_do_assign(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  stralloc const *before = &p->users.text, *after = &p->plan.assign;
  if (p->dry_run) {
    if (qq_dom_changes_assign(p)) qq_output_difference("users/assign", before->s, before->len, after->s, after->len);
  }
  else if (qq_users_write(&p->users, after, &why) < 0) die(&why);
  stralloc_free(&why);
}

static int same(qq_setting const *a, qq_setting const *b)
{
  static qq_setting const absent = { 0, 0, STRALLOC_ZERO, { 0, 0, 0 }, 0, 0, 0, 0 };
  return qq_setting_equal(a ? a : &absent, b);
}

int qq_dom_changes_control(qq_dom_place const *p, char const *name)
{
  qq_setting const *after = qq_settings_find(&p->plan.control, name);
  return after && !same(qq_settings_find(&p->control, name), after);
}

static void show_control(qq_dom_place const *p)
{
  size_t i;
  for (i = 0; i < qq_settings_count(&p->plan.control); i++) {
    qq_setting const *after = qq_settings_at(&p->plan.control, i), *before = qq_settings_find(&p->control, after->name);
    stralloc name = STRALLOC_ZERO;
    qq_control const *c = qq_control_find(after->name);
    if (same(before, after)) continue;
    qq_demand_memory(qq_say(&name, "control/%s", after->name) && stralloc_0(&name));
    if (c->kind == QQ_CONTROL_OPAQUE) qq_output_difference(name.s, "", 0, "", 0);
    else qq_output_difference(name.s, before && before->exists ? before->content.s : "", before && before->exists ? before->content.len : 0, after->content.s,
      after->content.len);
    stralloc_free(&name);
  }
}

void qq_dom_do_control(qq_dom_place *p, char const *what)
{
  stralloc why = STRALLOC_ZERO, now = STRALLOC_ZERO;
  if (p->dry_run) {
    show_control(p);
    return;
  }
  if (qq_vault_in_force(&p->vault, &now) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), p->home.s, strerror(errno));
  if (qq_vault_change(&p->vault, &p->control, &p->plan.control, what, now.s, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  stralloc_free(&now);
}

void qq_dom_purge(qq_dom_place *p, char const *path)
{
  stralloc why = STRALLOC_ZERO, out = STRALLOC_ZERO;
  if (p->dry_run) {
    qq_demand_memory(qq_say(&out, _("remove %s and all that is in it\n"), path));
    qq_output(out.s, out.len);
  }
  else if (qq_plan_purge(path, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  stralloc_free(&out);
}

/* ---- prefixes ---- */

uint64_t qq_dom_given(qq_dom_place const *p)
{
  uint64_t highest;
  if (qq_given_read(p->vault.fd, &highest) > 0) return highest;
  if (errno == EPROTO) qq_die(QQ_EXIT_TROUBLE, _("%s/qqtools/last-prefix: expected a number, the highest prefix that was ever given; nothing was done"), p->home.s);
  qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/last-prefix: %s"), p->home.s, strerror(errno));
  return 0;
}

void qq_dom_note_given(qq_dom_place *p, char const *prefix)
{
  if (p->dry_run) return;
  qq_dom_given(p);
  if (qq_given_note(p->vault.fd, prefix, strlen(prefix)) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to write %s/qqtools/last-prefix: %s"), p->home.s, strerror(errno));
}

/* ---- names ---- */

void qq_dom_find(qq_dom_place *p, char const *name, qq_domain *d)
{
  if (!qq_domains_find(&p->control, name, strlen(name), d)) qq_die(QQ_EXIT_USAGE, _("control/virtualdomains has no domain \"%s\""), name);
  qq_dom_adopt_mailnames(p, d);
}

/* What is a name of a directory, of a line in users/assign, and of a file .qmail-...: no slash, colon, control character; no dot in front. */
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
