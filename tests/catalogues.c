/* catalogues.so - for LD_PRELOAD: catalogues are below QQ_CATALOGUES, not where they are installed,
   which programs have compiled in. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <libintl.h>
#include <stdlib.h>

char *bindtextdomain(char const *domain, char const *directory)
{
  static char *(*next)(char const *, char const *);
  char const *const other = getenv("QQ_CATALOGUES");
  *(void **)&next = dlsym(RTLD_NEXT, "bindtextdomain");
  return next(domain, other ? other : directory);
}
