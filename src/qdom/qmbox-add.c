/* Adds a mailbox to a virtual domain. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/settings.h>
#include "qdom.h"

static qq_dom_place place;
static stralloc deliver = STRALLOC_ZERO, forward = STRALLOC_ZERO;      /* lines of .qmail */
static uint64_t quota;

static void take_deliver(qq_option const *o, char const *value)
{
  if (!*value || strchr(value, '\n') || !strchr("|./&#", *value))
    qq_bad_value(o->name, value, _("a line of .qmail: |PROGRAM, ./MAILDIR/, /MBOX or &ADDRESS"));
  qq_demand_memory(stralloc_cats(&deliver, value) && stralloc_append(&deliver, '\n'));
}

static void take_forward(qq_option const *o, char const *value)
{
  char const *at = strrchr(value, '@');
  if (!at || at == value || strpbrk(value, " \t\n") || !qq_check_is_host(at + 1, strlen(at + 1)))
    qq_bad_value(o->name, value, _("an address"));
  qq_demand_memory(qq_say(&forward, "&%s\n", value));
}

static qq_option const options[] = {
  { 0, "deliver", "LINE",
    N_("this line in .qmail instead of deliverquota; more than once: more lines"),
    QQ_CALLS(take_deliver, 0) },
  { 0, "forward", "ADDRESS", N_("mail goes to that address too"), QQ_CALLS(take_forward, 0) },
  { 0, "quota", "SIZE", N_("how much the mailbox holds; nothing said: no limit"), QQ_SIZE(quota) },
  { 0, "dry-run", 0, N_("show what would be done, do nothing"), QQ_SETS(place.dry_run) },
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qmbox-add", "USER@DOMAIN", N_("Add a mailbox: its directories and .qmail, users/assign and users/cdb."), options,
  N_("0 done; 100 wrong use, no such domain, or the address is taken, nothing done; 111 trouble, and what it was: the same again finishes it.")
};

#define DELIVERQUOTA "/usr/bin/deliverquota"
#define USUAL "| true\n| " DELIVERQUOTA " ./Maildir\n"

static void directory(stralloc *path, char const *box, char const *name)
{
  path->len = 0;
  qq_demand_memory(qq_say(path, "%s%s%s", box, *name ? "/" : "", name) && stralloc_0(path) && qq_plan_directory(&place.plan, path->s, &place.account));
}

static void file(stralloc *path, char const *box, char const *name, stralloc const *text, mode_t mode, int replaces)
{
  qq_owner owner = place.account;
  owner.mode = mode;
  path->len = 0;
  qq_demand_memory(qq_say(path, "%s/%s", box, name) && stralloc_0(path) && (replaces ? qq_plan_new_file : qq_plan_file)(&place.plan, path->s, text->s, text->len, &owner));
}

/* The first line of maildirsize has the limits, each further one what was added: nothing yet
   (Maildir++). */
static void plan_files(char const *box, stralloc const *dot_qmail, int replaces)
{
  stralloc path = STRALLOC_ZERO, size = STRALLOC_ZERO;
  directory(&path, box, "");
  directory(&path, box, "@attachments");
  directory(&path, box, "Maildir");
  directory(&path, box, "Maildir/cur");
  directory(&path, box, "Maildir/new");
  directory(&path, box, "Maildir/tmp");
  file(&path, box, ".qmail", dot_qmail, 0600, replaces);
  if (quota && qq_dom_is_there(box)) qq_warn(_("%s is there already: --quota does not change it"), box);
  qq_demand_memory(qq_say(&size, "%lluS,0C\n%12d%12d\n", (unsigned long long)quota, 0, 0));
  file(&path, box, "Maildir/maildirsize", &size, 0644, 0);
  stralloc_free(&path);
  stralloc_free(&size);
}

/* Mail would be deferred for a week, and then bounce. */
static void add_usual(stralloc *text, char const *address, char const *box)
{
  qq_demand_memory(stralloc_cats(text, USUAL));
  if (access(DELIVERQUOTA, F_OK) < 0 && !qq_dom_is_there(box)) qq_warn(_("%s is not there, and mail for %s is deferred until it is; or give --deliver ./Maildir/"), DELIVERQUOTA, address);
}

int main(int argc, char *const *argv)
{
  stralloc box = STRALLOC_ZERO, address = STRALLOC_ZERO;
  char *user, *domain;
  qq_domain d;
  int replaces;
  qq_start(&program, argc, argv);
  if (!*qq_operands() || qq_operands()[1]) qq_die_usage("%s", _("expected USER@DOMAIN"));
  qq_dom_split(*qq_operands(), &user, &domain);
  qq_dom_open_to_add(&place);
  qq_dom_find(&place, domain, &d);
  qq_dom_path(&place, &box, domain, user);
  qq_demand_memory(qq_say(&address, "=%.*s-%s", (int)d.prefix_length, d.prefix, user) && stralloc_0(&address));
  qq_dom_refuse_taken(&place, address.s, box.s);
  replaces = deliver.len || forward.len;
  if (!deliver.len) add_usual(&deliver, *qq_operands(), box.s);
  qq_demand_memory(stralloc_cat(&deliver, &forward));
  plan_files(box.s, &deliver, replaces);
  qq_dom_assign(&place, address.s, box.s);
  qq_dom_do_files(&place);
  qq_dom_do_assign(&place);
  qq_exit(0);
}
