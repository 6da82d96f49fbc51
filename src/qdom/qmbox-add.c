/* Adds a mailbox to a virtual domain. */

#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;
static stralloc deliver = STRALLOC_ZERO, forward = STRALLOC_ZERO;      /* lines of .qmail */
static uint64_t quota;

static void take_deliver(qq_option const *o, char const *value)
{
  if (!*value || strchr(value, '\n') || !strchr("|./&#", *value))
    qq_die_usage(_("option --%s: \"%s\" given, expected a line of .qmail: |PROGRAM, ./MAILDIR/, "
      "/MBOX or &ADDRESS"), o->name, value);
  qq_demand_memory(stralloc_cats(&deliver, value) && stralloc_append(&deliver, '\n'));
}

static qq_option const options[] = {
  { 0, "deliver", "LINE",
    N_("this line in .qmail instead of deliverquota; more than once: more lines"),
    QQ_CALLS(take_deliver, 0) },
  { 0, "forward", "ADDRESS", N_("mail goes to that address too"),
    qq_dom_take_forward, { .object = &forward }, 0 },
  { 0, "quota", "SIZE", N_("how much the mailbox holds; by default no limit"), QQ_SIZE(quota) },
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qmbox-add", "USER@DOMAIN",
  N_("Add a mailbox: its directories and .qmail, users/assign and users/cdb."), options,
  N_("0 done; 100 wrong use, no such domain, or the address is taken, nothing done; 111 trouble, "
    "and what it was: run it again to finish.")
};

#define DOT_QMAIL "/.qmail"
#define DELIVERQUOTA "/usr/bin/deliverquota"
#define USUAL "| true\n| " DELIVERQUOTA " ./Maildir\n"

/* The first line of maildirsize has the limits, each further one what was added: nothing yet
   (Maildir++). */
static void make_files(char const *box, stralloc const *dot_qmail)
{
  static char const *const directories[] = {
    "", "/@attachments", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/tmp"
  };
  stralloc size = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < sizeof directories / sizeof *directories; i++)
    qq_dom_make(&place, QQ_STEP_DIRECTORY, box, directories[i], 0, 0700);
  qq_dom_make(&place, QQ_STEP_FILE, box, DOT_QMAIL, dot_qmail, 0600);
  qq_must_fmt(&size, "%lluS,0C\n%12d%12d\n", (unsigned long long)quota, 0, 0);
  qq_dom_make(&place, QQ_STEP_FILE, box, "/Maildir/maildirsize", &size, 0644);
  stralloc_free(&size);
}

/* Without deliverquota, mail would be deferred for a week, and then bounce. */
static void add_usual(stralloc *text, qq_dom_box const *box)
{
  qq_demand_memory(stralloc_cats(text, USUAL));
  if (access(DELIVERQUOTA, F_OK) < 0 && !qq_dom_is_there(box->home.s))
    qq_warn(_("%s is not there, and mail for %s is deferred until it is, or .qmail says "
      "./Maildir/ instead"), DELIVERQUOTA, box->operand);
}

static void warn_otherwise(char const *path, stralloc const *wanted)
{
  stralloc there = STRALLOC_ZERO;
  if (qq_dom_is_otherwise(path, wanted, &there) > 0)
    qq_warn(_("%s is there already, and stays: it says \"%.*s\""), path, (int)there.len, there.s);
  stralloc_free(&there);
}

int main(int argc, char *const *argv)
{
  int is_asked_for;             /* a certain .qmail */
  stralloc path = STRALLOC_ZERO;
  qq_dom_box box;
  qq_start(&program, argc, argv);
  qq_dom_box_split_new(&box, qq_dom_one_operand(_("expected USER@DOMAIN")));
  qq_dom_open_to_add(&place);
  qq_dom_box_find_to_add(&place, &box);
  qq_dom_refuse_taken(&place, box.address.s, box.home.s);
  is_asked_for = deliver.len || forward.len;
  if (!deliver.len) add_usual(&deliver, &box);
  qq_demand_memory(stralloc_cat(&deliver, &forward));
  qq_must_fmt(&path, "%s" DOT_QMAIL, box.home.s);
  (is_asked_for ? qq_dom_refuse_otherwise : warn_otherwise)(path.s, &deliver);
  if (quota && qq_dom_is_there(box.home.s))
    qq_warn(_("%s is there already: --quota does not change it"), box.home.s);
  make_files(box.home.s, &deliver);
  qq_dom_assign(&place, box.address.s, box.home.s);
  qq_dom_do_assign(&place);
  if (!place.dry_run)
    qq_output_done(_("the mailbox %s is there: mail for it goes by %s"), box.operand, path.s);
  qq_exit(0);
}
