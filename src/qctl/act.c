#include <string.h>
#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/server.h>
#include "qctl.h"

struct qq_act_options qq_act_options;

void qq_act_open(qq_site *p)
{
  if (qq_act_options.dry_run) qq_ctl_open(p);
  else qq_ctl_open_to_change(p);
}

void qq_act_on(qq_site const *p, qq_effect effect)
{
  stralloc why = STRALLOC_ZERO;
  int const is_restart = effect == QQ_EFFECT_RESTART;
  int r;
  if (!qq_act_options.act || qq_act_options.dry_run) return;
  if (!is_restart && effect != QQ_EFFECT_HUP) return;
  r = qq_server_request(p->home.s, is_restart ? QQ_ORDER_RESTART : QQ_ORDER_REREAD, &why);
  if (r < 0)
    qq_die(QQ_EXIT_TROUBLE, _("the files are changed, but qmail-send was not told: %.*s; do by "
      "hand what is said above"), (int)why.len, why.s);
  qq_note("%s", !r ? _("qmail-send is stopped: it reads them when it starts")
    : is_restart ? _("qmail-send has been restarted")
    : _("qmail-send rereads locals and virtualdomains"));
}

qq_effect qq_act_tell(qq_site const *p, qq_settings const *changes)
{
  stralloc out = STRALLOC_ZERO;
  qq_difference d;
  qq_effect first;
  qq_difference_begin(&d, &p->live, changes);
  first = qq_difference_effects(&d, &out);
  qq_output(out.s, out.len);
  if (!out.len) qq_output_done(_("nothing has changed: it is so already"));
  return first;
}

void qq_act_show(qq_settings const *before, qq_settings const *after)
{
  stralloc out = STRALLOC_ZERO;
  qq_difference d;
  qq_difference_begin(&d, before, after);
  qq_difference_text(&d, &out);
  qq_output(out.s, out.len);
}

void qq_act_change(qq_site *p, qq_settings const *changes, char const *program, char const *name,
  char const *in_force)
{
  stralloc why = STRALLOC_ZERO, now = STRALLOC_ZERO, what = STRALLOC_ZERO;
  qq_demand_done(qq_store_can_change(&p->store, &p->live, changes, &why), &why);
  if (qq_act_options.dry_run) qq_act_show(&p->live, changes);
  else {
    qq_demand_in_force(p, &now);
    qq_demand_memory(qq_fmt(&what, "%s %s", program, name) && stralloc_0(&what));
    qq_demand_done(qq_store_change(&p->store, &p->live, changes, what.s,
      in_force ? in_force : now.s, &why), &why);
  }
  qq_act_on(p, qq_act_tell(p, changes));
}

void qq_act_apply(qq_site *p, char const *name, qq_settings const *template)
{
  qq_demand_valid(p, template);
  qq_act_change(p, template, "qctl-apply", name, name);
}

/* ---- what there has to be ---- */

void qq_demand_in_force(qq_site const *p, stralloc *name)
{
  if (qq_store_in_force(&p->store, name) < 0)
    qq_die_unable(_("unable to read %s/qqtools/in-force"), p->home.s);
}

int qq_find_template(qq_site const *p, stralloc *path, char const *name)
{
  int const r = qq_template_find(path, p->home.s, p->shipped, name);
  if (r < 0) qq_die_unable(_("unable to look for the template %s"), name);
  return r;
}

/* The name of a template that whoever wrote this may have meant; null: none comes near. */
static char const *nearest_template(qq_site const *p, char const *name)
{
  genalloc list = GENALLOC_ZERO;        /* of qq_template */
  stralloc why = STRALLOC_ZERO;
  qq_nearest nearest = QQ_NEAREST(name, strlen(name));
  size_t i;
  qq_demand(qq_template_list(&list, p->home.s, p->shipped, &why), &why);
  for (i = 0; i < genalloc_len(qq_template, &list); i++)
    qq_nearest_look(&nearest, genalloc_s(qq_template, &list)[i].name);
  return nearest.nearest;
}

int qq_demand_template(qq_site const *p, stralloc *path, char const *name)
{
  int const r = qq_find_template(p, path, name);
  char const *nearest = r ? 0 : nearest_template(p, name);
  if (nearest)
    qq_die(QQ_EXIT_USAGE, _("there is no template \"%s\": did you mean %s?"), name, nearest);
  if (!r) qq_die(QQ_EXIT_USAGE, _("there is no template \"%s\": qctl-list shows them"), name);
  return r == QQ_TEMPLATE_SHIPPED;
}

void qq_die_unknown_setting(char const *name)
{
  char const *nearest = qq_control_nearest(name);
  if (nearest)
    qq_die(QQ_EXIT_USAGE, _("\"%s\" is not a known control file: did you mean %s?"), name,
      nearest);
  qq_die(QQ_EXIT_USAGE, _("\"%s\" is not a known control file"), name);
}

void qq_demand_known(qq_site const *p, char const *name)
{
  if (!qq_control_find(name) && !qq_settings_find(&p->live, name)) qq_die_unknown_setting(name);
}

void qq_demand_readable(qq_site const *p, char const *name)
{
  stralloc why = STRALLOC_ZERO;
  qq_demand_done(qq_site_can_read(p, name, &why), &why);
}

void qq_report_unreadable(qq_site const *p, char const *name)
{
  stralloc why = STRALLOC_ZERO;
  if (qq_site_can_read(p, name, &why) < 0) qq_trouble("%.*s", (int)why.len, why.s);
  stralloc_free(&why);
}

qq_value_source qq_demand_value(stralloc *value, qq_control const *c, qq_settings const *live)
{
  int const source = qq_value_get(value, c, live);
  qq_demand_memory(source >= 0);
  return (qq_value_source)source;
}
