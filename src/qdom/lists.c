#include <stdio.h>
#include <string.h>
#include <qq/control.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/users.h>
#include "qdom.h"

void qq_dom_read_list(qq_dom_place const *p, char const *name, genalloc *entries)
{
  stralloc const *text = &qq_settings_get(&p->site.live, name)->content;
  qq_dom_demand_readable(p, name);
  qq_demand_memory(qq_entries_pieces(text->s, text->len, entries) > 0);
  qq_pieces_sort(entries, qq_piece_compare_case);
}

int qq_dom_is_listed(genalloc const *entries, char const *domain, size_t n)
{
  qq_piece end = { domain, n };
  for (; end.n; end.s++, end.n--)
    if ((end.n == n || *end.s == '.') && qq_pieces_have(entries, &end, qq_piece_compare_case))
      return 1;
  return 0;
}

static void copy_list(qq_dom_place const *p, char const *name, stralloc *text)
{
  qq_setting const *s = qq_settings_get(&p->site.live, name);
  qq_dom_demand_readable(p, name);
  qq_demand_memory(qq_copy(text, s->content.s, s->content.len));
}

/* morercpthosts is what its cdb says. */
static void plan_cdb(qq_dom_place *p, stralloc const *text)
{
  stralloc cdb = STRALLOC_ZERO;
  FILE *f = tmpfile();
  if (!f || qq_usercdb_make_list(fileno(f), text->s, text->len) < 0
    || fseek(f, 0, SEEK_SET) < 0 || qq_slurp(&cdb, fileno(f)) < 0)
    qq_die_unable(_("unable to make %s/morercpthosts.cdb"), p->site.control.s);
  qq_demand_memory(
    qq_settings_put(&p->plan.control, "morercpthosts.cdb", 1, cdb.s, cdb.len) != 0);
  fclose(f);
  stralloc_free(&cdb);
}

/* Frees text. */
static void plan_list(qq_dom_place *p, char const *name, stralloc *text)
{
  qq_demand_memory(qq_settings_put(&p->plan.control, name, 1, text->s, text->len) != 0);
  if (!strcmp(name, "morercpthosts")) plan_cdb(p, text);
  stralloc_free(text);
}

void qq_dom_list(qq_dom_place *p, char const *name, char const *entry)
{
  stralloc text = STRALLOC_ZERO;
  copy_list(p, name, &text);
  qq_demand_memory(qq_edit_add(&text, qq_control_find(name)->kind, entry));
  plan_list(p, name, &text);
}

size_t qq_dom_unlist(qq_dom_place *p, char const *name, char const *entry)
{
  stralloc text = STRALLOC_ZERO;
  size_t removed;
  if (!qq_settings_get(&p->site.live, name)->exists) return 0;
  copy_list(p, name, &text);
  qq_demand_memory(qq_edit_remove(&text, qq_control_find(name)->kind, entry, &removed));
  plan_list(p, name, &text);
  return removed;
}
