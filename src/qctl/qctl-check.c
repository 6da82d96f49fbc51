/* Checks the live control files, or a template. */

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <qq/assign.h>
#include <qq/controltext.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qctl.h"

static qq_site site;
static qq_finding_output told;

static qq_option const options[] = {
  { 0, "json", 0, N_("a JSON object for each finding"), QQ_SETS(told.json) },
  QQ_OPTIONS_HOME,
  QQ_OPTIONS_END
};

static qq_program const program = {
  "qctl-check", "[TEMPLATE]", N_("Check the control files, or a template, as qmail reads them."),
  options,
  N_("0 nothing found; 1 errors, warnings or hints; 100 wrong use; 111 trouble of the system.")
};

/* The keys of users/assign; none if there is no such file. */
static void read_keys(genalloc *keys)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_users_open(&site.users, site.home.s, &why);
  if (r < 0 && errno != ENOENT) qq_demand_done(r, &why);
  qq_demand_memory(qq_assign_keys_read(keys, &site.users.text));
}

/* The whole local part, or a prefix of it. */
static int is_assigned(genalloc const *keys, stralloc const *local)
{
  qq_assign_key k = { .address = { local->s, local->len } };
  if (qq_assign_keys_find(keys, &k)) return 1;
  for (k.is_wildcard = 1; !qq_assign_keys_find(keys, &k); k.address.n--)
    if (!k.address.n) return 0;
  return 1;
}

/* Without an assignment, a user of that name or of a beginning of it that ends before a dash gets
   the mail (qmail-getpw.c), else alias. */
static int is_user(char const *prefix, size_t n)
{
  stralloc name = STRALLOC_ZERO;
  int found = 0;
  for (; !found && n; n--) {
    if (name.s && prefix[n] != '-') continue;
    qq_demand_memory(qq_copy(&name, prefix, n) && stralloc_0(&name));
    errno = 0;
    found = getpwnam(name.s) != 0;
    if (!found && errno && errno != ENOENT && errno != ESRCH)
      qq_die_unable(_("unable to look for the user %s"), name.s);
  }
  stralloc_free(&name);
  return found;
}

static int has_alias(char const *prefix, size_t n)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  size_t i;
  int r;
  qq_must_fmt(&path, "%s/alias/.qmail-", site.home.s);
  for (i = 0; i < n; i++)
    qq_demand_memory(stralloc_append(&path, prefix[i] == '.' ? ':' : prefix[i]));
  qq_demand_memory(stralloc_cats(&path, "-default") && stralloc_0(&path));
  r = stat(path.s, &st);
  if (r < 0 && errno != ENOENT)
    qq_trouble(_("unable to look for %s: %s"), path.s, strerror(errno));
  else r = !r;
  stralloc_free(&path);
  return r;
}

/* Prefixes of virtual domains whose mail nobody gets. */
static void check_prefixes(qq_findings const *to, qq_settings const *all)
{
  qq_setting const *virtual = qq_settings_get(all, "virtualdomains");
  stralloc local = STRALLOC_ZERO;
  genalloc keys = GENALLOC_ZERO;        /* of qq_assign_key */
  qq_entries e;
  if (!virtual->exists) return;
  read_keys(&keys);
  qq_entries_begin(&e, virtual->content.s, virtual->content.len);
  while (qq_entries_next(&e)) {
    char const *s = virtual->content.s + e.start, *colon = e.length ? memchr(s, ':', e.length) : 0;
    size_t const n = colon ? e.length - (size_t)(colon - s) - 1 : 0;
    if (!n || memchr(colon, 0, n)) continue;
    qq_demand_memory(qq_copy(&local, colon + 1, n) && stralloc_cats(&local, "-anybody"));
    if (is_assigned(&keys, &local) || is_user(colon + 1, n) || has_alias(colon + 1, n)) continue;
    qq_demand_memory(qq_finding_say(to, QQ_SEVERITY_WARNING, virtual->name, e.line,
      _("no line of users/assign, no user and no alias takes mail for \"%.*s-...\": "
        "it would bounce"), (int)(n < 80 ? n : 80), colon + 1) > 0);
  }
}

/* The template, and with it the live files that it says nothing of. */
static void check_template(char const *name)
{
  static char const *const others[] = { "locals", "virtualdomains" };
  static qq_settings template = QQ_SETTINGS_ZERO;
  size_t i;
  qq_ctl_template(&site, name, &template);
  qq_ctl_load(&site, &template);
  qq_report_valid(&told, &site, &template);
  for (i = 0; i < sizeof others / sizeof *others; i++)
    if (!qq_settings_find(&template, others[i])) qq_report_unreadable(&site, others[i]);
}

/* Returns whether all of them could be read. */
static int check_live(qq_findings const *to)
{
  qq_setting const *s;
  int are_known = 1;
  qq_ctl_load(&site, 0);
  for (s = 0; (s = qq_settings_next(&site.live, s)); ) {
    qq_demand_memory(qq_check_file(to, s, site.store.home_fd) > 0);
    are_known &= !s->error;
  }
  qq_demand_memory(qq_check_set(to, &site.live) > 0 && qq_check_domains(to, &site.live) > 0);
  check_prefixes(to, &site.live);
  return are_known;
}

int main(int argc, char *const *argv)
{
  qq_findings const findings = { qq_output_finding, &told };
  char const *name;
  int are_known = 1;
  qq_start(&program, argc, argv);
  name = *qq_operands() ? qq_ctl_operand("TEMPLATE") : 0;
  qq_ctl_open(&site);
  if (name) check_template(name);
  else are_known = check_live(&findings);
  if (!are_known) qq_exit(QQ_EXIT_TROUBLE);
  qq_exit(told.errors || told.warnings || told.hints ? QQ_EXIT_NONE : 0);
}
