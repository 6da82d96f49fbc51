#include <errno.h>
#include <string.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include "place.h"

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
  stralloc const *before = &p->users.text, *after = &p->plan.assign;
  return before->len != after->len || memcmp(before->s, after->s, after->len);
}

void qq_dom_do_assign(qq_dom_place *p)
{
  stralloc why = STRALLOC_ZERO;
  stralloc const *before = &p->users.text, *after = &p->plan.assign;
  if (p->dry_run) {
    if (qq_dom_changes_assign(p)) qq_output_difference("users/assign", before->s, before->len, after->s, after->len);
  }
  else if (qq_users_write(&p->users, after, &why) < 0) qq_die(qq_exit_code_of(errno), "%.*s", (int)why.len, why.s);
  stralloc_free(&why);
}

static int same(qq_setting const *a, qq_setting const *b)
{
  static qq_setting const absent = { 0, 0, STRALLOC_ZERO, { 0, 0, 0 }, 0, 0, 0, 0 };
  return qq_setting_equal(a ? a : &absent, b);
}

int qq_dom_changes_control(qq_dom_place const *p, char const *name)
{
  qq_setting const *after = qq_settings_find(&p->plan.control, name);
  return after && !same(qq_settings_find(&p->control, name), after);
}

static void show_control(qq_dom_place const *p)
{
  size_t i;
  for (i = 0; i < qq_settings_count(&p->plan.control); i++) {
    qq_setting const *after = qq_settings_at(&p->plan.control, i), *before = qq_settings_find(&p->control, after->name);
    stralloc name = STRALLOC_ZERO;
    qq_control const *c = qq_control_find(after->name);
    if (same(before, after)) continue;
    qq_demand_memory(qq_say(&name, "control/%s", after->name) && stralloc_0(&name));
    if (c->kind == QQ_CONTROL_OPAQUE) qq_output_difference(name.s, "", 0, "", 0);
    else qq_output_difference(name.s, before && before->exists ? before->content.s : "", before && before->exists ? before->content.len : 0, after->content.s,
      after->content.len);
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
  if (qq_vault_in_force(&p->vault, &now) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), p->home.s, strerror(errno));
  if (qq_vault_change(&p->vault, &p->control, &p->plan.control, what, now.s, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
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
