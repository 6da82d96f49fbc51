#include <errno.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/server.h>
#include "qctl.h"

static void act_on(qq_place const *p, qq_effect effect)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  if (effect != QQ_EFFECT_RESTART && effect != QQ_EFFECT_HUP) return;
  r = qq_server_request(p->home.s, effect == QQ_EFFECT_RESTART ? QQ_ORDER_RESTART
    : QQ_ORDER_REREAD, &why);
  if (r < 0)
    qq_die(QQ_EXIT_TROUBLE, _("the files are changed, but qmail-send was not told: %.*s; do by "
      "hand what is said above"), (int)why.len, why.s);
  qq_note("%s", !r ? _("qmail-send is stopped: it reads them when it starts")
    : effect == QQ_EFFECT_RESTART ? _("qmail-send has been restarted")
    : _("qmail-send rereads locals and virtualdomains"));
  stralloc_free(&why);
}

void qq_act_effects(qq_place const *p, qq_difference const *d, int act)
{
  stralloc out = STRALLOC_ZERO;
  qq_difference_effects(d, &out);
  qq_output(out.s, out.len);
  if (act) act_on(p, qq_difference_demands(d));
  stralloc_free(&out);
}

static void show_difference(qq_difference const *d)
{
  stralloc out = STRALLOC_ZERO;
  qq_difference_text(d, &out);
  qq_output(out.s, out.len);
  stralloc_free(&out);
}

void qq_act_show(qq_settings const *before, qq_settings const *after)
{
  qq_difference d;
  qq_difference_begin(&d, before, after);
  show_difference(&d);
}

void qq_act_change(qq_place *p, qq_settings const *changes, char const *what, char const *in_force,
  int dry_run, int act)
{
  stralloc why = STRALLOC_ZERO, now = STRALLOC_ZERO;
  qq_difference d;
  qq_difference_begin(&d, &p->live, changes);
  if (dry_run) show_difference(&d);
  else {
    qq_demand_in_force(p, &now);
    if (!in_force) in_force = now.s;
    qq_demand_done(qq_store_change(&p->store, &p->live, changes, what, in_force, &why), &why);
  }
  qq_act_effects(p, &d, act && !dry_run);
  stralloc_free(&now);
}

void qq_act_apply(qq_place *p, char const *name, qq_settings const *template, int dry_run, int act)
{
  stralloc what = STRALLOC_ZERO;
  qq_demand_valid(&p->live, template);
  qq_demand_memory(qq_say(&what, "qctl-apply %s", name) && stralloc_0(&what));
  qq_act_change(p, template, what.s, name, dry_run, act);
  stralloc_free(&what);
}

/* ---- what there has to be ---- */

void qq_demand_done(int r, stralloc const *why)
{
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why->len, why->s);
}

void qq_demand_in_force(qq_place const *p, stralloc *name)
{
  if (qq_store_in_force(&p->store, name) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), p->home.s,
      strerror(errno));
}

int qq_demand_template(qq_place const *p, stralloc *path, char const *name)
{
  int const r = qq_template_find(path, p->home.s, p->shipped, name);
  if (r < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to look for the template %s: %s"), name, strerror(errno));
  return r;
}

void qq_demand_known(qq_place const *p, char const *name)
{
  if (!qq_control_find(name) && !qq_settings_find(&p->live, name))
    qq_die(QQ_EXIT_USAGE, _("\"%s\" is no control file that is known here"), name);
}

void qq_demand_readable(qq_place const *p, qq_setting const *s)
{
  if (s->is_unreadable)
    qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: Permission denied (run it as root)"),
      p->control.s, s->name);
}
