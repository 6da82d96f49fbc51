#include <stdlib.h>
#include <sys/stat.h>
#include <config.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/site.h>

#define TEMPLATES "/templates"
#define INSTALLED QQ_SHARE TEMPLATES
/* What the directory has that programs were built in, and none that they were installed in. */
#define BUILT "/config.h"

/* Takes the last name off the path. Returns 1; 0: there is none. */
static int cut_name(stralloc *path)
{
  while (path->len && path->s[path->len - 1] != '/') path->len--;
  return path->len && path->len--;
}

/* Sets path to SOURCE/templates, for who runs SOURCE/BUILD/bin/PROGRAM. Returns 1; 0: it was not
   started there; or -1 with errno ENOMEM. */
static int find_beside_build(stralloc *path)
{
  struct stat st;
  size_t build;
  int const r = qq_os_program(path);
  if (r < 1 || !cut_name(path) || !cut_name(path)) return r < 0 ? -1 : 0;
  build = path->len;
  if (!stralloc_cats(path, BUILT) || !stralloc_0(path)) return -1;
  if (stat(path->s, &st) < 0) return 0;
  path->len = build;
  return cut_name(path) ? (stralloc_cats(path, TEMPLATES) && stralloc_0(path) ? 1 : -1) : 0;
}

int qq_site_find_shipped(qq_site *site)
{
  char const *said = getenv(QQ_VARIABLE_TEMPLATES);
  stralloc path = STRALLOC_ZERO;
  int const r = said && *said ? 0 : find_beside_build(&path);
  if (r < 0) return -1;
  if (r) site->shipped = path.s;
  else site->shipped = said && *said ? said : INSTALLED;
  if (!r) stralloc_free(&path);
  return 1;
}
