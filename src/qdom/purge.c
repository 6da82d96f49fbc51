#include <errno.h>
#include <sys/stat.h>
#include <qq/diagnostic.h>
#include <qq/file.h>
#include <qq/output.h>
#include "qdom.h"

/* Homes are written in more than one way, and lead through links of root's. */
static void resolve(stralloc *path, char const *s, size_t n)
{
  qq_demand_memory(qq_copy(path, s, n) && stralloc_0(path));
  if (*s != '/') return;
  qq_path_clean(path);
  qq_demand_memory(qq_site_resolve(path) > 0);
}

static int is_within(stralloc const *home, stralloc const *directory)
{
  size_t const n = directory->len - 1;
  return home->len > n && !memcmp(home->s, directory->s, n) && (!home->s[n] || home->s[n] == '/');
}

size_t qq_dom_name_others(qq_dom_place const *p, char const *path, qq_dom_picks *own,
  void const *which)
{
  stralloc directory = STRALLOC_ZERO, resolved = STRALLOC_ZERO;
  qq_assignment one;
  qq_piece const *home = &one.fields[QQ_ASSIGN_HOME];
  size_t count = 0;
  qq_assign a;
  resolve(&directory, path, strlen(path));
  qq_assign_begin(&a, p->site.users.text.s, p->site.users.text.len);
  while (qq_assign_next(&a, &one) > 0) {
    if (own(&one, which)) continue;
    resolve(&resolved, home->s, home->n);
    if (!is_within(&resolved, &directory)) continue;
    qq_warn(_("users/assign, line %zu: %c%.*s has the home %.*s"), one.line,
      one.is_wildcard ? '+' : '=', (int)one.address.n, one.address.s, (int)home->n, home->s);
    count++;
  }
  stralloc_free(&directory);
  stralloc_free(&resolved);
  return count;
}

void qq_dom_refuse_purge(char const *path, size_t others)
{
  struct stat st;
  if (others)
    qq_die(QQ_EXIT_USAGE, _("%s is not purged, since others use it; nothing was done"), path);
  if (qq_dom_is_there(path) && qq_path_look(path, &st) > 0 && S_ISLNK(st.st_mode))
    qq_die(QQ_EXIT_USAGE, _("%s is not purged, since it is a symbolic link; nothing was done"),
      path);
}

void qq_dom_purge(qq_dom_place const *p, char const *path)
{
  stralloc said = STRALLOC_ZERO;
  char const *name;
  int const above = p->dry_run ? -1 : qq_path_open_above(path, &name);
  if (p->dry_run) {
    qq_must_fmt(&said, _("remove %s and all that is in it\n"), path);
    qq_output(said.s, said.len);
  }
  else if (above < 0) {
    if (errno != ENOENT) qq_die_unable(_("unable to open what %s is in"), path);
  }
  else if (qq_purge(above, name, &said) < 0)
    qq_die_unable(_("unable to remove %.*s%.*s"), (int)(name - path), path, (int)said.len, said.s);
  stralloc_free(&said);
}
