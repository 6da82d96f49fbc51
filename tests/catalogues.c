/* catalogues.so - for LD_PRELOAD: catalogues are below QQ_CATALOGUES, not where they are installed,
   which programs have compiled in; with QQ_NO_LOCALE there is no locale but C. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

char *bindtextdomain(char const *domain, char const *directory)
{
  static char *(*next)(char const *, char const *);
  char const *const other = getenv("QQ_CATALOGUES");
  *(void **)&next = dlsym(RTLD_NEXT, "bindtextdomain");
  return next(domain, other ? other : directory);
}

char *setlocale(int category, char const *name)
{
  static char *(*next)(int, char const *);
  *(void **)&next = dlsym(RTLD_NEXT, "setlocale");
  if (getenv("QQ_NO_LOCALE") && name && strcmp(name, "C")) return 0;
  return next(category, name);
}
