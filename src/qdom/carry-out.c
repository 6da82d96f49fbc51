#include <errno.h>
#include <string.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/server.h>
#include "qdom.h"

void qq_dom_make(qq_dom_place *p, qq_step_kind kind, char const *directory, char const *rest,
  stralloc const *text, mode_t mode)
{
  qq_owner const owner = { p->account.uid, p->account.gid, mode };
  stralloc path = STRALLOC_ZERO, said = STRALLOC_ZERO;
  qq_step step = { kind, 0, text, owner };
  qq_must_fmt(&path, "%s%s", directory, rest);
  step.path = path.s;
  qq_demand_done((p->dry_run ? qq_step_show : qq_step_make)(&step, &said), &said);
  qq_output(said.s, said.len);
  stralloc_free(&path);
  stralloc_free(&said);
}

void qq_dom_do_assign(qq_dom_place *p)
{
  qq_piece const before = { p->site.users.text.s, p->site.users.text.len };
  qq_piece const after = { p->plan.assign.s, p->plan.assign.len };
  stralloc why = STRALLOC_ZERO;
  if (!p->dry_run) qq_demand(qq_users_write(&p->site.users, &p->plan.assign, &why), &why);
  else if (qq_piece_compare(&before, &after)) qq_output_difference("users/assign", &before, &after);
}

static void show_control(qq_dom_place const *p)
{
  qq_difference d;
  qq_difference_begin(&d, &p->site.live, &p->plan.control);
  while (qq_difference_next(&d)) {
    int const is_shown = !qq_control_is_opaque(qq_control_find(d.name));
    qq_piece const before = { d.before->content.s, is_shown ? d.before->content.len : 0 };
    qq_piece const after = { d.after->content.s, is_shown ? d.after->content.len : 0 };
    stralloc name = STRALLOC_ZERO;
    qq_must_fmt(&name, "control/%s", d.name);
    qq_output_difference(name.s, &before, &after);
    stralloc_free(&name);
  }
}

void qq_dom_demand_control(qq_dom_place const *p)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand_done(qq_store_can_change(&p->site.store, &p->site.live, &p->plan.control, &why), &why);
}

void qq_dom_do_control(qq_dom_place *p, char const *domain)
{
  stralloc why = STRALLOC_ZERO, in_force = STRALLOC_ZERO, what = STRALLOC_ZERO;
  if (p->dry_run) {
    show_control(p);
    return;
  }
  if (qq_store_in_force(&p->site.store, &in_force) < 0)
    qq_die_unable(_("unable to read %s/qqtools/in-force"), p->site.home.s);
  qq_must_fmt(&what, "%s %s", qq_program_in_charge()->name, domain);
  qq_demand_done(qq_store_change(&p->site.store, &p->site.live, &p->plan.control, what.s,
    in_force.s, &why), &why);
  stralloc_free(&what);
  stralloc_free(&in_force);
}

int qq_dom_reread(qq_dom_place const *p)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_server_request(p->site.home.s, QQ_ORDER_REREAD, &why);
  int const is_good = r >= 0 || errno == ENOENT;        /* there is no queue here */
  char const *done = r > 0 ? _("qmail-send rereads virtualdomains\n")
    : !r ? _("qmail-send is stopped: it reads virtualdomains when it starts\n")
    : _("HUP qmail-send: virtualdomains\n");
  if (!is_good)
    qq_warn(_("qmail-send was not told to reread virtualdomains: %.*s"), (int)why.len, why.s);
  qq_output(done, strlen(done));
  stralloc_free(&why);
  return is_good;
}
