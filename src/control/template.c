#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/store.h>
#include <qq/text.h>
#include "store-private.h"

int qq_template_is_name(char const *name)
{
  static char const good[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  size_t const n = strspn(name, good);
  return n && n < 200 && !name[n] && !strchr("._-", *name);
}

/* Sets path to it. Returns 1: it is a directory; 0: there is none; or -1 with errno. */
static int find_below(stralloc *path, char const *parent, char const *below, char const *name)
{
  struct stat st;
  path->len = 0;
  if (!qq_fmt(path, "%s%s/%s", parent, below, name) || !stralloc_0(path)) return -1;
  if (stat(path->s, &st) < 0) return errno == ENOENT ? 0 : -1;
  return S_ISDIR(st.st_mode);
}

int qq_template_find(stralloc *path, char const *home, char const *shipped, char const *name)
{
  int r;
  path->len = 0;
  if (!qq_template_is_name(name)) return 0;
  r = find_below(path, home, "/" QQ_NAME_TEMPLATES, name);
  if (r) return r < 0 ? -1 : QQ_TEMPLATE_OWN;
  r = find_below(path, shipped, "", name);
  return r > 0 ? QQ_TEMPLATE_SHIPPED : r;
}

static int open_template(qq_store const *store, int kind, char const *path, char const *name)
{
  int at, fd;
  if (kind == QQ_TEMPLATE_SHIPPED) return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  at = qq_store_directory(store->fd, QQ_STORE_TEMPLATES);
  if (at < 0) return -1;
  fd = qq_store_directory(at, name);
  fd_close(at);
  return fd;
}

int qq_template_load(qq_settings *s, qq_store const *store, char const *shipped, char const *name,
  stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int r = qq_template_find(&path, store->home, shipped, name);
  if (r > 0) r = qq_settings_load_template(s, open_template(store, r, path.s, name), path.s, why);
  else if (r < 0) qq_unable(why, _("unable to look for the template %s"), name);
  stralloc_free(&path);
  return r;
}

static int compare_templates(void const *a, void const *b)
{
  return strcmp(((qq_template const *)a)->name, ((qq_template const *)b)->name);
}

/* The directories of one kind, as qq_template_find has it: what is hidden is of another. */
typedef struct kind { char const *home, *shipped; int found; } kind;

static int append_template(genalloc *list, kind const *k, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  qq_template t = { 0, k->found == QQ_TEMPLATE_SHIPPED };
  int const r = qq_template_find(&path, k->home, k->shipped, name);
  stralloc_free(&path);
  /* what cannot be looked at is there all the same, and does not hide the others */
  if (r < 0 ? errno == ENOMEM : r != k->found) return r < 0 ? -1 : 1;
  t.name = strdup(name);
  return t.name && genalloc_append(qq_template, list, &t) ? 1 : -1;
}

static int append_directory(genalloc *list, kind const *k, char const *path, stralloc *why)
{
  qq_directory d;
  int r = qq_directory_begin(&d, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (r < 0 && errno == ENOENT) return 1;
  if (r > 0) {
    while ((r = qq_directory_next(&d)) > 0 && append_template(list, k, d.entry->d_name) > 0) ;
    qq_directory_end(&d);
    if (!r) return 1;
  }
  return qq_unable(why, _("unable to read %s"), path);
}

int qq_template_list(genalloc *list, char const *home, char const *shipped, stralloc *why)
{
  kind const own = { home, shipped, QQ_TEMPLATE_OWN };
  kind const others = { home, shipped, QQ_TEMPLATE_SHIPPED };
  stralloc path = STRALLOC_ZERO;
  int r = qq_fmt(&path, "%s/" QQ_NAME_TEMPLATES, home) && stralloc_0(&path)
    ? append_directory(list, &own, path.s, why) : -1;
  if (r > 0) r = append_directory(list, &others, shipped, why);
  stralloc_free(&path);
  if (r > 0 && genalloc_len(qq_template, list))
    qsort(genalloc_s(qq_template, list), genalloc_len(qq_template, list), sizeof(qq_template),
      compare_templates);
  return r;
}
