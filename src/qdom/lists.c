#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/control.h>
#include <qq/controltext.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/text.h>
#include <qq/users.h>
#include "qdom.h"

int qq_dom_is_listed(qq_dom_place const *p, char const *name, char const *domain, size_t n)
{
  qq_setting const *s = qq_settings_find(&p->site.live, name);
  qq_entries e;
  if (!s || !s->exists) return -1;
  qq_entries_begin(&e, s->content.s, s->content.len);
  while (qq_entries_next(&e)) {
    char const *entry = s->content.s + e.start;
    if (!e.length || e.length > n || (e.length < n && *entry != '.')) continue;
    if (!case_diffb(entry, e.length, domain + n - e.length)) return 1;
  }
  return 0;
}

static qq_setting const *planned(qq_dom_place const *p, char const *name)
{
  qq_setting const *s = qq_settings_find(&p->plan.control, name);
  return s ? s : qq_settings_find(&p->site.live, name);
}

static void edit(qq_dom_place *p, char const *name, char const *entry, int add)
{
  qq_setting const *s = planned(p, name);
  qq_control const *c = qq_control_find(name);
  stralloc text = STRALLOC_ZERO;
  size_t removed;
  if (s && s->is_unreadable) qq_die(QQ_EXIT_TROUBLE, _("unable to read %s/%s: Permission denied (run it as root)"), p->site.control.s, name);
  if (s && s->exists) qq_demand_memory(qq_copy(&text, s->content.s, s->content.len));
  if (!add && !(s && s->exists)) return;
  qq_demand_memory(add ? qq_edit_add(&text, c->kind, entry) : qq_edit_remove(&text, c->kind, entry, &removed));
  qq_demand_memory(qq_settings_put(&p->plan.control, name, 1, text.s, text.len) != 0);
  stralloc_free(&text);
}

/* morercpthosts is what its cdb says. */
static void rebuild(qq_dom_place *p)
{
  qq_setting const *s = planned(p, "morercpthosts");
  stralloc cdb = STRALLOC_ZERO;
  FILE *f = tmpfile();
  if (!f || qq_usercdb_make_list(fileno(f), s->content.s, s->content.len) < 0 || fseek(f, 0, SEEK_SET) < 0 || qq_slurp(&cdb, fileno(f)) < 0)
    qq_die(QQ_EXIT_TROUBLE, _("unable to make %s/morercpthosts.cdb: %s"), p->site.control.s, strerror(errno));
  qq_demand_memory(qq_settings_put(&p->plan.control, "morercpthosts.cdb", 1, cdb.s, cdb.len) != 0);
  fclose(f);
  stralloc_free(&cdb);
}

void qq_dom_list(qq_dom_place *p, char const *name, char const *entry)
{
  edit(p, name, entry, 1);
  if (!strcmp(name, "morercpthosts")) rebuild(p);
}

void qq_dom_unlist(qq_dom_place *p, char const *name, char const *entry)
{
  qq_setting const *s = planned(p, name);
  edit(p, name, entry, 0);
  if (s && s->exists && !strcmp(name, "morercpthosts")) rebuild(p);
}
