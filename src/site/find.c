#include <stdlib.h>
#include <string.h>
#include <config.h>
#include <qq/home.h>
#include <qq/site.h>
#include <qq/text.h>

int qq_site_find(qq_site *site, char const *queue, char const *home)
{
  memset(site, 0, sizeof *site);
  return qq_home_find(&site->queue, &site->home, queue, home, QQ_QMAIL_HOME) ? 1 : -1;
}

int qq_site_resolve(stralloc *path)
{
  char *resolved = realpath(path->s, 0);
  int const is_good = !resolved || qq_copy_string(path, resolved);
  free(resolved);
  return is_good ? 1 : -1;
}
