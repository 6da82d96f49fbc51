#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>
#include "qusers.h"

static void open_home(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  qq_shared const *said = qq_shared_options;
  qq_demand_memory(qq_site_find(site, said->queue, said->home) > 0);
  qq_demand(qq_site_open(site, &why), &why);
}

static void open_users(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_users_open(&site->users, site->home.s, &why), &why);
}

void qq_qusers_open_cdb(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  open_home(site);
  qq_demand(qq_users_open_directory(&site->users, site->home.s, &why), &why);
}

void qq_qusers_open(qq_site *site)
{
  open_home(site);
  open_users(site);
}

void qq_qusers_open_to_change(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  open_home(site);
  qq_demand_done(qq_site_lock(site, &why), &why);
  open_users(site);
  qq_demand(qq_users_recover(&site->users, &why), &why);
  qq_demand(qq_users_can_write(&site->users, &why), &why);
}

void qq_qusers_refuse(qq_site const *site, size_t line, char const *why)
{
  qq_die(QQ_EXIT_USAGE, _("%s/users/assign: line %zu %s"), site->home.s, line, why);
}

int qq_qusers_next(qq_site const *site, qq_assign *a, qq_assignment *one)
{
  char const *reason;
  int const r = qq_assign_next(a, one, &reason);
  if (r < 0) qq_qusers_refuse(site, a->line, reason);
  return r;
}

void qq_qusers_take(qq_site *site, stralloc *text, int dry_run)
{
  static stralloc const none = STRALLOC_ZERO;
  if (!dry_run) {
    *text = site->users.text;
    site->users.text = none;
  }
  else if (!qq_copy(text, site->users.text.s, site->users.text.len)) qq_die_memory();
}

void qq_qusers_write(qq_site *site, stralloc const *text, int dry_run)
{
  stralloc why = STRALLOC_ZERO;
  qq_piece const before = { site->users.text.s, site->users.text.len }, after = { text->s, text->len };
  if (dry_run) qq_output_difference("users/assign", &before, &after);
  else qq_demand(qq_users_write(&site->users, text, &why), &why);
  stralloc_free(&why);
}
