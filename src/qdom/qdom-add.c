/* Adds a virtual domain. */

#include <string.h>
#include <sys/stat.h>
#include <skalibs/bytestr.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/settings.h>
#include <qq/text.h>
#include "qdom.h"

static qq_dom_place place;
static char const *said;                       /* --prefix */
static stralloc line = STRALLOC_ZERO;           /* of .qmail-default */
static int ways;                                /* options that said what to write there */
static int reject;

/* The text as a word of the shell, as qmail-local hands it to one: with a backslash before all that
   is more than a letter. */
static void bounce_with(char const *text)
{
  size_t i;
  if (!*text) qq_bad_value("bounce", text, _("one line of text"));
  qq_demand_memory(stralloc_cats(&line, "|bouncesaying "));
  for (i = 0; text[i]; i++) {
    unsigned char const c = (unsigned char)text[i];
    int const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
      || strchr("._,@-", c) || c >= 128;
    if (c < ' ' || c == 127) qq_bad_value("bounce", text, _("one line of text"));
    qq_demand_memory((plain || stralloc_append(&line, '\\')) && stralloc_append(&line, (char)c));
  }
  qq_demand_memory(stralloc_append(&line, '\n'));
}

static void forward_to(char const *address)
{
  char const *at = strrchr(address, '@');
  if (!at || at == address || strpbrk(address, " \t\n")
    || !qq_check_is_host(at + 1, strlen(at + 1)))
    qq_bad_value("catch-all", address, _("an address"));
  qq_demand_memory(qq_say(&line, "&%s\n", address));
}

enum { BOUNCE, CATCH_ALL, DROP };

static void take_way(qq_option const *o, char const *text)
{
  ways++;
  switch (o->value) {
    case BOUNCE: bounce_with(text); break;
    case CATCH_ALL: forward_to(text); break;
    default: qq_demand_memory(stralloc_cats(&line, "#\n"));
  }
}

static qq_option const options[] = {
  { 0, "prefix", "PREFIX", N_("what stands in front of its recipients; else the next number"),
    QQ_TEXT(said) },
  { 0, "bounce", "TEXT", N_("what mail for nobody is bounced with"), QQ_CALLS(take_way, BOUNCE) },
  { 0, "catch-all", "ADDRESS", N_("mail for nobody goes there"), QQ_CALLS(take_way, CATCH_ALL) },
  { 0, "drop", 0, N_("mail for nobody is thrown away"), QQ_CALLS(take_way, DROP) },
  { 0, "reject", 0, N_("the SMTP server refuses mail for nobody (control/rejectnonexist)"),
    QQ_SETS(reject) },
  { 0, "dry-run", 0, N_("show what would be done, do nothing"), QQ_SETS(place.dry_run) },
  QQ_OPTIONS_DOM_ADD(place),
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qdom-add", "DOMAIN",
  N_("Add a virtual domain: its directory, users/assign and users/cdb, the control files."),
  options,
  N_("0 done; 100 wrong use, or there is such a domain and it is whole, nothing done; 111 trouble, "
    "and what it was: the same again finishes it.")
};

#define BOUNCE_TEXT "This address no longer accepts mail."

/* Mail that waits in the queue for a domain that is gone has its prefix still. */
static void warn_given(void)
{
  uint64_t const given = qq_dom_given(&place);
  uint64_t u;
  if (qq_number_scan(said, strlen(said), &u) && u <= given)
    qq_warn(_("the prefix %s may have been another domain's (%llu was given already): mail that is "
      "queued for that one goes to this one"), said, (unsigned long long)given);
}

/* The prefix that is asked for, that an earlier run had begun with, or the next number. */
static void choose_prefix(stralloc *prefix, char const *directory)
{
  int overlaps = 0;
  qq_piece other;
  if (said) {
    size_t const n = strlen(said);
    if (!n || n > 100 || strpbrk(said, ":@ \t\n") || (said[n - 1] >= 'A' && said[n - 1] <= 'Z'))
      qq_bad_value("prefix", said, _("no colon, @ or blank, and no capital letter at its end"));
    qq_demand_memory(stralloc_cats(prefix, said) && stralloc_0(prefix));
    overlaps = qq_domains_overlap(&place.site.live, &place.site.users.text, said, &other);
  }
  else {
    int const r = qq_domains_prefix_of_home(&place.site.users.text, directory, prefix);
    qq_demand_memory(r >= 0);
    if (!r) overlaps = qq_domains_next_prefix(&place.site.live, &place.site.users.text, qq_dom_given(&place), prefix, &other);
  }
  qq_demand_memory(overlaps >= 0);
  if (said) warn_given();
  if (overlaps) qq_warn(_("the prefix %s and %.*s begin alike: if one of the two domains goes, the other may get its mail (qusers-check)"), prefix->s, (int)other.n, other.s);
}

static void refuse_taken(char const *prefix)
{
  qq_domains all;
  qq_domain d;
  qq_domains_begin(&all, &place.site.live);
  while (prefix && qq_domains_next(&all, &d))
    if (d.prefix_length == strlen(prefix) && !memcmp(d.prefix, prefix, d.prefix_length))
      qq_die(QQ_EXIT_USAGE, _("the prefix %s is that of %.*s: control/virtualdomains, line %zu; nothing was done"), prefix, (int)d.name_length, d.name, d.line);
}

/* qmail-send asks locals first, and the domain would never be virtual. */
static void refuse_local(char const *domain)
{
  stralloc value = STRALLOC_ZERO;
  size_t at = 0, n = strlen(domain);
  qq_demand_memory(qq_value_get(&value, qq_control_find("locals"), &place.site.live) >= 0);
  while (at < value.len) {
    char const *end = memchr(value.s + at, '\n', value.len - at);
    size_t const length = end ? (size_t)(end - value.s) - at : value.len - at;
    if (length == n && !case_diffb(value.s + at, n, domain))
      qq_die(QQ_EXIT_USAGE, _("the domain %s is local (control/locals, or control/me without it), and cannot be virtual; nothing was done"), domain);
    at += length + 1;
  }
  stralloc_free(&value);
}

/* ---- a domain that is in virtualdomains already ---- */

static int has_file(char const *directory)
{
  stralloc file = STRALLOC_ZERO;
  struct stat st;
  int r;
  qq_demand_memory(qq_say(&file, "%s/.qmail-default", directory) && stralloc_0(&file));
  r = !lstat(file.s, &st);
  stralloc_free(&file);
  return r;
}

/* Where rcpthosts is missing, mail is taken for every domain. */
static int is_accepted(char const *domain)
{
  size_t const n = strlen(domain);
  return qq_dom_is_listed(&place, "rcpthosts", domain, n) || qq_dom_is_listed(&place, "morercpthosts", domain, n) > 0;
}

static int is_whole(char const *domain, char const *address, char const *directory)
{
  return qq_dom_has(&place, address, directory) && has_file(directory) && is_accepted(domain)
    && (!reject || qq_dom_is_listed(&place, "rejectnonexist", domain, strlen(domain)) > 0);
}

/* Takes the prefix that it has; another one that is asked for would contradict. */
static void take_prefix(stralloc *prefix, qq_domain const *d)
{
  qq_demand_memory(qq_append(prefix, d->prefix, d->prefix_length) && stralloc_0(prefix));
  if (said && strcmp(said, prefix->s))
    qq_die(QQ_EXIT_USAGE, _("the domain %.*s has the prefix %s: control/virtualdomains, line %zu; nothing was done"), (int)d->name_length, d->name, prefix->s, d->line);
}

/* What is whole is refused; what is not, as an undo or a restored backup leaves it, is made whole. */
static void refuse_whole(qq_domain const *d, char const *domain, char const *address,
  char const *directory)
{
  if (is_whole(domain, address, directory))
    qq_die(QQ_EXIT_USAGE, _("the domain %s is there: control/virtualdomains, line %zu; nothing was done"), domain, d->line);
  qq_dom_refuse_taken(&place, address, directory);
  qq_warn(_("the domain %s is there in part, control/virtualdomains has it in line %zu: what is missing is made"), domain, d->line);
}

/* ---- what is to be done ---- */

static void plan_files(char const *directory)
{
  stralloc file = STRALLOC_ZERO;
  qq_owner owner = place.account;
  qq_demand_memory(qq_plan_directory(&place.plan, place.mailnames.s, &place.account) && qq_plan_directory(&place.plan, directory, &place.account));
  owner.mode = 0600;
  qq_demand_memory(qq_say(&file, "%s/.qmail-default", directory) && stralloc_0(&file)
    && (ways ? qq_plan_new_file : qq_plan_file)(&place.plan, file.s, line.s, line.len, &owner));
  stralloc_free(&file);
}

static int exists(char const *name)
{
  qq_setting const *s = qq_settings_find(&place.site.live, name);
  return s && s->exists;
}

static void plan_control(char const *domain, char const *prefix, int is_there)
{
  stralloc entry = STRALLOC_ZERO;
  qq_demand_memory(qq_say(&entry, "%s:%s", domain, prefix) && stralloc_0(&entry));
  if (!is_there && !exists("rcpthosts")) qq_warn(_("control/rcpthosts was missing, so that this server was an open relay: it is made, and takes mail for %s alone"), domain);
  if (!is_there || !is_accepted(domain)) qq_dom_list(&place, exists("rcpthosts") && exists("morercpthosts") ? "morercpthosts" : "rcpthosts", domain);
  if (reject || exists("rejectnonexist")) qq_dom_list(&place, "rejectnonexist", domain);
  if (!is_there) qq_dom_list(&place, "virtualdomains", entry.s);
  stralloc_free(&entry);
}

/* Puts everything together that makes the domain, and sets its prefix. */
static void plan(char const *domain, stralloc *prefix)
{
  stralloc directory = STRALLOC_ZERO, address = STRALLOC_ZERO;
  qq_domain d;
  int const is_there = qq_domains_find(&place.site.live, domain, strlen(domain), &d);
  qq_dom_path(&place, &directory, domain, 0);
  refuse_local(domain);
  if (is_there) take_prefix(prefix, &d);
  else {
    refuse_taken(said);
    choose_prefix(prefix, directory.s);
  }
  qq_demand_memory(qq_say(&address, "+%s", prefix->s) && stralloc_0(&address));
  if (is_there) refuse_whole(&d, domain, address.s, directory.s);
  else qq_dom_refuse_taken(&place, address.s, directory.s);
  plan_files(directory.s);
  if (!is_there || !qq_dom_has(&place, address.s, directory.s)) qq_dom_assign(&place, address.s, directory.s);
  plan_control(domain, prefix->s, is_there);
  stralloc_free(&directory);
  stralloc_free(&address);
}

static char *domain_of(char const *operand)
{
  char *domain = strdup(operand);
  qq_demand_memory(domain != 0);
  case_lowerb(domain, strlen(domain));
  if (!qq_check_is_host(domain, strlen(domain))) qq_die_usage(_("operand \"%s\": expected a domain"), domain);
  return domain;
}

int main(int argc, char *const *argv)
{
  stralloc what = STRALLOC_ZERO, prefix = STRALLOC_ZERO;
  char *domain;
  qq_start(&program, argc, argv);
  if (ways > 1) qq_die_usage("%s", _("options --bounce, --catch-all and --drop exclude each other"));
  if (!ways) bounce_with(BOUNCE_TEXT);
  if (!*qq_operands() || qq_operands()[1]) qq_die_usage("%s", _("expected DOMAIN"));
  domain = domain_of(*qq_operands());
  qq_dom_open_to_add(&place);
  plan(domain, &prefix);
  qq_demand_memory(qq_say(&what, "qdom-add %s", domain) && stralloc_0(&what));
  qq_dom_do_files(&place);
  qq_dom_do_assign(&place);
  qq_dom_do_control(&place, what.s);
  qq_dom_note_given(&place, prefix.s);  /* while it is in use that alone keeps others from it */
  qq_exit(place.dry_run || qq_dom_reread(&place) ? 0 : QQ_EXIT_TROUBLE);
}
