#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <config.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/site.h>
#include <qq/text.h>

int qq_site_find(qq_site *site, char const *queue, char const *home)
{
  memset(site, 0, sizeof *site);
  return qq_home_find(&site->queue, &site->home, queue, home, QQ_QMAIL_HOME) ? 1 : -1;
}

static int open_directory(char const *path)
{
  return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int is_qmail(qq_site const *site)
{
  stralloc control = STRALLOC_ZERO;
  qq_directory d;
  int is = *site->home.s && qq_fmt(&control, "%s/" QQ_NAME_CONTROL, site->home.s)
    && stralloc_0(&control) && qq_directory_begin(&d, open_directory(control.s)) > 0;
  if (is) qq_directory_end(&d);
  stralloc_free(&control);
  return is;
}

static int lacks_queue(char const *path)
{
  qq_directory d;
  int r = qq_directory_begin(&d, open_directory(path));
  if (r < 0) return errno == ENOENT;
  r = qq_directory_next(&d);
  qq_directory_end(&d);
  return !r;
}

int qq_site_hint_create(qq_site const *site, stralloc *why)
{
  int const e = errno;
  stralloc text = STRALLOC_ZERO;
  if (is_qmail(site) && lacks_queue(site->queue.s)) {
    if (!qq_fmt(&text, _("%.*s; `qq-fix --create' makes an empty queue there"), (int)why->len,
      why->s)) return -1;
    stralloc_free(why);
    *why = text;
  }
  errno = e;
  return 1;
}

int qq_site_resolve(stralloc *path)
{
  char *resolved = realpath(path->s, 0);
  int const is_good = !resolved || qq_copy_string(path, resolved);
  free(resolved);
  return is_good ? 1 : -1;
}
