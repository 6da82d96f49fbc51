/* What becomes of the mail that the control files send to users here. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <qq/diagnostic.h>
#include <qq/domains.h>
#include "qctl.h"

/* Without users/ nothing is assigned. */
static void open_users(qq_site *p)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_users_open_directory(&p->users, p->home.s, &why);
  if (r < 0 && errno != ENOENT) qq_demand_done(r, &why);
  stralloc_free(&why);
}

/* Prefixes of virtual domains whose mail nobody gets. */
static void check_prefixes(qq_findings const *to, qq_site const *p, qq_built const *built)
{
  stralloc why = STRALLOC_ZERO;
  qq_taker taker = QQ_TAKER_ZERO;
  qq_domains entries;
  qq_domain d;
  qq_domains_begin(&entries, &p->live);
  while (qq_domains_next_entry(&entries, &d)) {
    size_t const n = d.prefix.n;
    int r;
    if (!n || memchr(d.prefix.s, 0, n)) continue;
    r = qq_domain_taker(&taker, &p->users, built, &d, &why);
    qq_demand_done(r, &why);
    if (!r) qq_demand_memory(qq_finding_say(to, QQ_SEVERITY_WARNING, "virtualdomains", d.line,
      _("nobody takes mail for \"%.*s-...\": no line in users/cdb and no .qmail file is for it, "
        "and it bounces, or goes by .qmail-default of alias"),
      (int)(n < 80 ? n : 80), d.prefix.s) > 0);
  }
  qq_taker_free(&taker);
}

/* ---- where double bounces go ---- */

/* Sets address, NUL-terminated. Returns 1; or 0: it is not known, or has no local part, which with
   some qmails throws them away. */
static int find_double_bounces(stralloc *address, qq_settings const *all)
{
  static char const *const names[] = {
    "doublebounceto", "doublebouncehost", "envnoathost", "percenthack", "locals", "virtualdomains"
  };
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++)
    if (qq_value_file(names[i], all)->error) return 0;
  qq_demand_value(address, qq_control_find(names[0]), all);
  if (!address->len) return 0;
  qq_demand_memory(stralloc_append(address, '@'));
  qq_demand_value(address, qq_control_find(names[1]), all);
  qq_demand_memory(stralloc_0(address));
  return 1;
}

/* Says whether this is the home of a qmail that delivers, and no copy of its control files. */
static int has_deliveries(qq_site const *p)
{
  struct stat st;
  return p->users.fd >= 0 || !fstatat(p->store.home_fd, "alias", &st, 0);
}

static void report_bounces(qq_findings const *to, char const *address, char const *last)
{
  qq_demand_memory(qq_finding_say(to, QQ_SEVERITY_WARNING, "doublebounceto", 0,
    strcmp(address, last)
    ? _("double bounces go to %s and on to %s, which bounces: they are lost; qusers-lookup says "
      "why")
    : _("double bounces go to %s, which bounces: they are lost; qusers-lookup says why"),
    address, last) > 0);
}

static void report_deferred(qq_findings const *to, char const *address, char const *last)
{
  qq_demand_memory(qq_finding_say(to, QQ_SEVERITY_WARNING, "doublebounceto", 0,
    strcmp(address, last)
    ? _("double bounces go to %s and on to %s, which is deferred: they wait in the queue; "
      "qusers-lookup says why")
    : _("double bounces go to %s, which is deferred: they wait in the queue; qusers-lookup says "
      "why"),
    address, last) > 0);
}

static void check_double_bounces(qq_findings const *to, qq_site const *p, qq_built const *built)
{
  stralloc address = STRALLOC_ZERO, last = STRALLOC_ZERO, why = STRALLOC_ZERO;
  if (find_double_bounces(&address, &p->live)) {
    int const r = qq_fate_find(&last, &p->live, &p->users, built, address.s, &why);
    qq_demand_done(r, &why);
    if (r == QQ_FATE_BOUNCES) report_bounces(to, address.s, last.s);
    else if (r == QQ_FATE_DEFERRED) report_deferred(to, address.s, last.s);
  }
  stralloc_free(&address);
  stralloc_free(&last);
  stralloc_free(&why);
}

void qq_report_deliveries(qq_findings const *to, qq_site *p)
{
  qq_built built;
  open_users(p);
  if (!has_deliveries(p) && !qq_settings_get(&p->live, "virtualdomains")->exists) return;
  qq_built_ask(&built, p->home.s);
  check_prefixes(to, p, &built);
  if (has_deliveries(p)) check_double_bounces(to, p, &built);
}
