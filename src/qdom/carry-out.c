#include <errno.h>
#include <string.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "qdom.h"

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
  stralloc const *before = &p->site.users.text, *after = &p->plan.assign;
  return before->len != after->len || memcmp(before->s, after->s, after->len);
}

void qq_dom_do_assign(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  stralloc const *before = &p->site.users.text, *after = &p->plan.assign;
  if (p->dry_run) {
    qq_piece const old = { before->s, before->len }, new = { after->s, after->len };
    if (qq_dom_changes_assign(p)) qq_output_difference("users/assign", &old, &new);
  }
  else if (qq_users_write(&p->site.users, after, &why) < 0) qq_die(qq_exit_code_of(errno), "%.*s", (int)why.len, why.s);
  stralloc_free(&why);
}

int qq_dom_changes_control(qq_dom_place const *p, char const *name)
{
  qq_setting const *after = qq_settings_find(&p->plan.control, name);
  return after && !qq_setting_equal(qq_settings_get(&p->site.live, name), after);
}

static void show_control(qq_dom_place const *p)
{
  static qq_piece const nothing = { 0, 0 };
  qq_difference d;
  qq_difference_begin(&d, &p->site.live, &p->plan.control);
  while (qq_difference_next(&d)) {
    qq_piece const before = { d.before->content.s, d.before->exists ? d.before->content.len : 0 };
    qq_piece const after = { d.after->content.s, d.after->content.len };
    int const is_opaque = qq_control_is_opaque(qq_control_find(d.name));
    stralloc name = STRALLOC_ZERO;
    qq_demand_memory(qq_say(&name, "control/%s", d.name) && stralloc_0(&name));
    qq_output_difference(name.s, is_opaque ? &nothing : &before, is_opaque ? &nothing : &after);
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
  if (qq_store_in_force(&p->site.store, &now) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), p->site.home.s, strerror(errno));
  if (qq_store_change(&p->site.store, &p->site.live, &p->plan.control, what, now.s, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
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
