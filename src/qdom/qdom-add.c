/* Adds a virtual domain. */

#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/output.h>
#include "qdom.h"

static qq_dom_place place;
static char const *wanted_prefix;               /* --prefix */
static stralloc dot_qmail = STRALLOC_ZERO;      /* the text of .qmail-default */
static char const *catch_all;                   /* --catch-all */
static int ways;                                /* options that said what to write there */
static int reject;

/* The text as a word of the shell, as qmail-local hands it to one: with a backslash before all that
   is more than a letter. */
static void bounce_with(char const *text)
{
  size_t i;
  if (!*text) qq_die_usage(_("option --%s: \"%s\" given, expected one line of text"),
    "bounce", text);
  qq_demand_memory(stralloc_cats(&dot_qmail, "|bouncesaying "));
  for (i = 0; text[i]; i++) {
    unsigned char const c = (unsigned char)text[i];
    int const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
      || strchr("._,@-", c) || c >= 128;
    if (c < ' ' || c == 127) qq_die_usage(_("option --%s: \"%s\" given, expected one line of text"),
      "bounce", text);
    qq_must_fmt(&dot_qmail, plain ? "%c" : "\\%c", c);
  }
  qq_demand_memory(stralloc_append(&dot_qmail, '\n'));
}

enum { BOUNCE, CATCH_ALL, DROP };

static void take_way(qq_option const *o, char const *text)
{
  ways++;
  switch (o->value) {
    case BOUNCE: bounce_with(text); break;
    case CATCH_ALL:
      qq_dom_take_forward(o, text);
      catch_all = text;
      break;
    default: qq_demand_memory(stralloc_cats(&dot_qmail, "#\n"));
  }
}

static qq_option const options[] = {
  { 0, "prefix", "PREFIX", N_("what goes before its recipients; by default the next number"),
    QQ_TEXT(wanted_prefix) },
  { 0, "bounce", "TEXT", N_("mail for nobody bounces with that text"), QQ_CALLS(take_way, BOUNCE) },
  { 0, "catch-all", "ADDRESS", N_("mail for nobody goes there"),
    take_way, { .object = &dot_qmail }, CATCH_ALL },
  { 0, "drop", 0, N_("mail for nobody is thrown away"), QQ_CALLS(take_way, DROP) },
  { 0, "reject", 0, N_("the SMTP server refuses mail for nobody (control/rejectnonexist)"),
    QQ_SETS(reject) },
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qdom-add", "DOMAIN",
  N_("Add a virtual domain: its directory, users/assign and users/cdb, the control files; or "
    "change where mail for nobody goes."), options,
  N_("0 done; 100 wrong use, or there is such a domain, nothing done; 111 trouble, "
    "and what it was: run it again to finish.")
};

#define DOT_QMAIL "/.qmail-default"
#define LARGEST 65536           /* more was not written there by hand */
#define BOUNCE_TEXT "This address no longer accepts mail."

/* What is to be added; strings. */
static char *domain;
static stralloc prefix = STRALLOC_ZERO, directory = STRALLOC_ZERO;
static stralloc address = STRALLOC_ZERO;        /* of the assignment: +PREFIX */
static qq_domain entry;                         /* of virtualdomains, if it has the domain */

/* ---- the prefix ---- */

static void check_wanted_prefix(qq_piece const *wanted)
{
  size_t const n = wanted->n;
  char const *s = wanted->s;
  qq_domains all;
  qq_domain d;
  qq_domains_begin(&all, &place.site.live);
  if (qq_domains_next_with(&all, wanted, &d))
    qq_die(QQ_EXIT_USAGE, _("the prefix %s is that of %.*s: control/virtualdomains, line %zu; "
      "nothing was done"), s, (int)d.name.n, d.name.s, d.line);
  if (!n || n > 100 || strpbrk(s, "@ ") || !qq_dom_is_assignable(s)
    || (s[n - 1] >= 'A' && s[n - 1] <= 'Z'))
    qq_die_usage(_("option --%s: \"%s\" given, expected no colon, @, blank or control character, "
      "and no capital letter at its end"), "prefix", s);
}

/* Mail that waits in the queue for a domain that is gone has its prefix still. */
static void warn_of_former(qq_piece const *wanted)
{
  uint64_t const last = qq_dom_last_prefix(&place);
  uint64_t u;
  if (qq_number_scan(wanted->s, wanted->n, &u) && u <= last)
    qq_warn(_("the prefix %s may have been another domain's (%llu was given already): mail that is "
      "queued for that one goes to this one"), wanted->s, (unsigned long long)last);
}

/* The prefix that is asked for, that an earlier run had begun with, or the next number. */
static void choose_prefix(void)
{
  stralloc const *assign = &place.site.users.text;
  int overlaps = 0;
  qq_piece other;
  if (wanted_prefix) {
    qq_piece const wanted = { wanted_prefix, strlen(wanted_prefix) };
    check_wanted_prefix(&wanted);
    qq_must_fmt(&prefix, "%s", wanted_prefix);
    overlaps = qq_domains_overlap(&place.site.live, assign, wanted_prefix, &other);
    warn_of_former(&wanted);
  }
  else if (qq_dom_find_prefix(&place, directory.s, &other))
    qq_must_fmt(&prefix, "%.*s", (int)other.n, other.s);
  else {
    uint64_t const last = qq_dom_last_prefix(&place);
    overlaps = qq_domains_next_prefix(&place.site.live, assign, last, &prefix, &other);
  }
  qq_demand_memory(overlaps >= 0);
  if (overlaps)
    qq_warn(_("the prefix %s and %.*s begin alike: if one of the two domains goes, the other may "
      "get its mail (qusers-check)"), prefix.s, (int)other.n, other.s);
}

/* qmail-send asks locals first, and the domain would never be virtual. */
static void refuse_local(void)
{
  int is_local;
  qq_dom_demand_readable(&place, "locals");
  is_local = qq_route_is_listed(&place.site.live, "locals", domain, strlen(domain));
  qq_demand_memory(is_local >= 0);
  if (is_local)
    qq_die(QQ_EXIT_USAGE, _("the domain %s is local (control/locals, or control/me without it), "
      "and cannot be virtual; nothing was done"), domain);
}

/* ---- a domain that is in virtualdomains already ---- */

static int has_dot_qmail(void)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  int r;
  qq_must_fmt(&path, "%s" DOT_QMAIL, directory.s);
  r = qq_path_look(path.s, &st);
  if (r < 0) qq_die_unable(_("unable to look at %s"), path.s);
  stralloc_free(&path);
  return r;
}

static int exists(char const *name)
{
  return qq_settings_get(&place.site.live, name)->exists;
}

static int is_listed(char const *name)
{
  genalloc entries = GENALLOC_ZERO;     /* of qq_piece */
  int r;
  qq_dom_read_list(&place, name, &entries);
  r = qq_dom_is_listed(&entries, domain, strlen(domain));
  genalloc_free(qq_piece, &entries);
  return r;
}

/* Where rcpthosts is missing, mail is taken for every domain. */
static int is_accepted(void)
{
  return !exists("rcpthosts") || is_listed("rcpthosts") || is_listed("morercpthosts");
}

/* What is not whole, as an undo or a restored backup leaves it, is made so. */
static int is_whole(void)
{
  return qq_dom_is_assigned(&place, address.s, directory.s) && has_dot_qmail() && is_accepted()
    && (!reject || is_listed("rejectnonexist"));
}

/* The files of a domain that is there belong to whom its line says. */
static void take_account(void)
{
  qq_assignment one;
  if (!qq_dom_find_assignment(&place, qq_dom_has_address, address.s, &one)) return;
  place.account.uid = qq_assign_id(&one.fields[QQ_ASSIGN_UID]);
  place.account.gid = qq_assign_id(&one.fields[QQ_ASSIGN_GID]);
}

/* Of what is whole the way of mail for nobody is changed, if one was said; else it is refused. */
static void change_whole(void)
{
  stralloc path = STRALLOC_ZERO, there = STRALLOC_ZERO;
  qq_piece before, after = { dot_qmail.s, dot_qmail.len };
  if (!ways || wanted_prefix)
    qq_die(QQ_EXIT_USAGE, _("the domain %s is there: control/virtualdomains, line %zu; nothing was "
      "done"), domain, entry.line);
  qq_must_fmt(&path, "%s" DOT_QMAIL, directory.s);
  if (qq_step_read(path.s, LARGEST, &there) < 0) qq_die_unable(_("unable to read %s"), path.s);
  before = qq_piece_of(&there);
  if (!qq_piece_compare(&before, &after)) return;
  qq_output_difference(path.s, &before, &after);
  take_account();
  if (!place.dry_run)
    qq_dom_make(&place, QQ_STEP_NEW_FILE, directory.s, DOT_QMAIL, &dot_qmail, 0600);
}

/* A line for the prefix would take mail from who gets it now. */
static void refuse_other_layout(void)
{
  stralloc why = STRALLOC_ZERO;
  qq_taker taker = QQ_TAKER_ZERO;
  qq_piece const *user = &taker.fields[QQ_ASSIGN_USER], *home = &taker.fields[QQ_ASSIGN_HOME];
  qq_built built;
  int r;
  qq_built_ask(&built, place.site.home.s);
  r = qq_domain_taker(&taker, &place.site.users, &built, &entry, &why);
  qq_demand_done(r, &why);
  if (r && !qq_domain_is_ours(&entry, &taker))
    qq_die(QQ_EXIT_USAGE, _("the domain %s is there, and its mail is delivered as %.*s in %.*s; "
      "nothing was done"), domain, (int)user->n, user->s, (int)home->n, home->s);
  qq_taker_free(&taker);
}

/* Takes the prefix that it has; another one that is asked for would contradict. */
static void take_prefix(void)
{
  qq_must_fmt(&prefix, "%.*s", (int)entry.prefix.n, entry.prefix.s);
  if (wanted_prefix && strcmp(wanted_prefix, prefix.s))
    qq_die(QQ_EXIT_USAGE, _("the domain %.*s has the prefix %s: control/virtualdomains, line %zu; "
      "nothing was done"), (int)entry.name.n, entry.name.s, prefix.s, entry.line);
}

/* ---- what is to be done ---- */

static void make_files(void)
{
  qq_step_kind const kind = ways ? QQ_STEP_NEW_FILE : QQ_STEP_FILE;
  qq_dom_make(&place, QQ_STEP_DIRECTORY, place.mailnames.s, "", 0, 0700);
  qq_dom_make(&place, QQ_STEP_DIRECTORY, directory.s, "", 0, 0700);
  qq_dom_make(&place, kind, directory.s, DOT_QMAIL, &dot_qmail, 0600);
}

static void plan_control(int is_there)
{
  int const has_more = exists("rcpthosts") && exists("morercpthosts");
  stralloc line = STRALLOC_ZERO;
  qq_must_fmt(&line, "%s:%s", domain, prefix.s);
  if (!is_there && !exists("rcpthosts"))
    qq_warn(_("control/rcpthosts was missing, so that this server was an open relay: it is made, "
      "and takes mail for %s alone"), domain);
  if (!is_there || !is_accepted())
    qq_dom_list(&place, has_more ? "morercpthosts" : "rcpthosts", domain);
  if (reject || exists("rejectnonexist")) qq_dom_list(&place, "rejectnonexist", domain);
  if (!is_there) qq_dom_list(&place, "virtualdomains", line.s);
  stralloc_free(&line);
}

/* As qmail-local looks for it (qmail-local.c): small letters, and colons for dots. What cannot be
   told is taken to be there. */
static int has_dot_qmail_of(char const *local, size_t n)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  size_t i;
  int r;
  qq_must_fmt(&path, "%s/.qmail-%.*s", directory.s, (int)n, local);
  for (i = path.len - n; i < path.len; i++) if (path.s[i] == '.') path.s[i] = ':';
  case_lowerb(path.s + path.len - n, n);
  r = qq_path_look(path.s, &st);
  stralloc_free(&path);
  return r != 0;
}

/* Who gets mail for nobody has to be somebody. */
static void warn_of_circle(void)
{
  char const *const at = catch_all ? strrchr(catch_all, '@') : 0;
  stralloc box = STRALLOC_ZERO;
  qq_assignment one;
  if (!at || case_diffs(at + 1, domain)) return;
  qq_must_fmt(&box, "=%s-%.*s", prefix.s, (int)(at - catch_all), catch_all);
  case_lowers(box.s);
  if (!qq_dom_find_assignment(&place, qq_dom_has_address, box.s, &one)
    && !has_dot_qmail_of(catch_all, (size_t)(at - catch_all)))
    qq_warn(_("%s is nobody: mail for nobody goes round in circles until qmbox-add or qalias-add "
      "has added it"), catch_all);
  stralloc_free(&box);
}

/* Puts together all but the files of the domain. */
static void plan(void)
{
  int const is_there = qq_domains_find(&place.site.live, domain, strlen(domain), &entry);
  if (is_there) {
    qq_dom_adopt_mailnames(&place, &entry);
    qq_dom_adopt_account(&place, &entry);
  } else if (!place.user) qq_dom_find_account(&place);
  qq_must_fmt(&directory, "%s/%s", place.mailnames.s, domain);
  refuse_local();
  if (is_there) take_prefix();
  else choose_prefix();
  warn_of_circle();
  qq_must_fmt(&address, "+%s", prefix.s);
  if (is_there && is_whole()) {
    change_whole();
    qq_exit(0);
  }
  if (is_there) refuse_other_layout();
  qq_dom_refuse_taken(&place, address.s, directory.s);
  if (is_there)
    qq_warn(_("the domain %s is there in part, control/virtualdomains has it in line %zu: what is "
      "missing is made"), domain, entry.line);
  if (!is_there || !qq_dom_is_assigned(&place, address.s, directory.s))
    qq_dom_assign(&place, address.s, directory.s);
  plan_control(is_there);
}

int main(int argc, char *const *argv)
{
  qq_start(&program, argc, argv);
  if (ways > 1)
    qq_die_usage("%s", _("options --bounce, --catch-all and --drop cannot be used together"));
  if (!ways) bounce_with(BOUNCE_TEXT);
  domain = qq_dom_domain_operand();
  if (!qq_check_is_name(domain, strlen(domain)))
    qq_die_usage(_("operand \"%s\": expected a domain"), domain);
  qq_dom_open_to_add(&place);
  plan();
  qq_dom_demand_control(&place);
  make_files();
  qq_dom_do_assign(&place);
  qq_dom_do_control(&place, domain);
  /* While it is in use that alone keeps others from it. */
  qq_dom_note_prefix(&place, prefix.s, strlen(prefix.s));
  if (!place.dry_run)
    qq_output_done(_("the domain %s is there: its prefix is %s"), domain, prefix.s);
  qq_exit(place.dry_run || qq_dom_reread(&place) ? 0 : QQ_EXIT_TROUBLE);
}
