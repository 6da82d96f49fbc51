#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qusers.h"

static void open_site(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_site_begin(site, qq_shared_options->queue, qq_shared_options->home, &why), &why);
}

void qq_qusers_open_cdb(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  open_site(site);
  qq_demand(qq_users_open_directory(&site->users, site->home.s, &why), &why);
}

void qq_qusers_open(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  qq_qusers_open_cdb(site);
  qq_demand_done(qq_users_read(&site->users, &why), &why);
}

void qq_qusers_open_to_change(qq_site *site)
{
  stralloc why = STRALLOC_ZERO;
  open_site(site);
  qq_demand_done(qq_site_lock(site, &why), &why);
  qq_demand(qq_users_open_directory(&site->users, site->home.s, &why), &why);
  qq_demand_done(qq_users_read(&site->users, &why), &why);
  qq_demand(qq_users_can_write(&site->users, &why), &why);
  qq_demand(qq_users_recover(&site->users, &why), &why);
}

void qq_edit_begin(qq_edit *edit)
{
  static stralloc const none = STRALLOC_ZERO;
  stralloc why = STRALLOC_ZERO;
  stralloc *text = &edit->site.users.text;
  if (edit->dry_run) {
    qq_qusers_open(&edit->site);
    qq_demand(qq_users_can_write(&edit->site.users, &why), &why);
    qq_demand_memory(qq_copy(&edit->text, text->s, text->len));
  }
  else {
    qq_qusers_open_to_change(&edit->site);
    edit->text = *text;         /* nobody asks for the old one */
    *text = none;
  }
}

void qq_edit_end(qq_edit *edit)
{
  stralloc why = STRALLOC_ZERO;
  stralloc const *old = &edit->site.users.text, *new = &edit->text;
  qq_piece const before = { old->s, old->len }, after = { new->s, new->len };
  if (edit->dry_run) qq_output_difference("users/assign", &before, &after);
  else qq_demand(qq_users_write(&edit->site.users, new, &why), &why);
}

void qq_qusers_refuse(qq_site const *site, qq_assign const *at)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand(qq_users_refuse(&site->users, at, &why), &why);
}

void qq_qusers_demand_address(char const *operand)
{
  if (*operand != '=' && *operand != '+')
    qq_die_usage(_("operand \"%s\": expected =LOCAL or +PREFIX"), operand);
}
