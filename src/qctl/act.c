#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/errand.h>
#include <qq/gettext.h>
#include <qq/output.h>
#include <qq/say.h>
#include "act.h"
#include "difference.h"
#include "valid.h"

static int tell(qq_place const *p, qq_effect effect, stralloc *why)
{
  int const fd = qq_errand_open(p->home.s, why);
  int r;
  if (fd < 0) return -1;
  r = effect == QQ_EFFECT_RESTART ? qq_errand_restart(fd, p->home.s, why) : qq_errand_tell(fd, p->home.s, QQ_ORDER_REREAD, why);
  close(fd);
  return r;
}

void qq_act_demand(qq_place const *p, qq_effect effect)
{
  stralloc why = STRALLOC_ZERO;
  int r;
  if (effect != QQ_EFFECT_RESTART && effect != QQ_EFFECT_HUP) return;
  r = tell(p, effect, &why);
  if (r < 0) qq_die(QQ_EXIT_TROUBLE, _("the files are changed, but qmail-send was not told: %.*s; do by hand what is said above"), (int)why.len, why.s);
  if (r) qq_note("%s", effect == QQ_EFFECT_RESTART ? _("qmail-send has been restarted") : _("qmail-send rereads locals and virtualdomains"));
  else qq_note("%s", _("qmail-send is stopped: it reads them when it starts"));
  stralloc_free(&why);
}

static void print(stralloc *out)
{
  qq_output(out->s, out->len);
  out->len = 0;
}

void qq_act_show(qq_settings const *before, qq_settings const *after)
{
  stralloc out = STRALLOC_ZERO;
  qq_difference d;
  qq_difference_find(&d, before, after, 0);
  qq_difference_text(&d, &out);
  print(&out);
  qq_difference_free(&d);
  stralloc_free(&out);
}

void qq_act_change(qq_place *p, qq_settings const *changes, char const *what, char const *in_force, int dry_run, int act)
{
  stralloc out = STRALLOC_ZERO, why = STRALLOC_ZERO, now = STRALLOC_ZERO;
  qq_difference d;
  qq_effect effect;
  qq_difference_find(&d, &p->live, changes, 0);
  effect = qq_difference_demands(&d);
  if (dry_run) qq_difference_text(&d, &out);
  else {
    if (qq_vault_in_force(&p->vault, &now) < 0) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/qqtools/in-force: %s"), p->home.s, strerror(errno));
    if (qq_vault_change(&p->vault, &p->live, changes, what, in_force ? in_force : now.s, &why) < 0) qq_die(QQ_EXIT_TROUBLE, "%.*s", (int)why.len, why.s);
  }
  qq_difference_effects(&d, &out);
  print(&out);
  qq_difference_free(&d);
  if (act && !dry_run) qq_act_demand(p, effect);
  stralloc_free(&out);
  stralloc_free(&now);
}

void qq_act_apply(qq_place *p, char const *name, qq_settings const *template, int dry_run, int act)
{
  stralloc what = STRALLOC_ZERO;
  qq_demand_valid(&p->live, template);
  if (!qq_say(&what, "qctl-apply %s", name) || !stralloc_0(&what)) qq_die_memory();
  qq_act_change(p, template, what.s, name, dry_run, act);
  stralloc_free(&what);
}
