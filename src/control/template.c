#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/direntry.h>
#include <qq/gettext.h>
#include <qq/listing.h>
#include <qq/say.h>
#include <qq/vault.h>

int qq_template_is_name(char const *name)
{
  size_t i;
  for (i = 0; name[i]; i++) {
    char const c = name[i];
    int const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && (!i || (c != '.' && c != '_' && c != '-'))) return 0;
  }
  return i > 0 && i < 200;
}

static int is_directory(char const *path)
{
  struct stat st;
  if (stat(path, &st) < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
  return S_ISDIR(st.st_mode);
}

int qq_template_find(stralloc *path, char const *home, char const *shipped, char const *name)
{
  int r;
  path->len = 0;
  if (!qq_template_is_name(name)) return 0;
  if (!qq_say(path, "%s/qqtools/templates/%s", home, name) || !stralloc_0(path)) return -1;
  r = is_directory(path->s);
  if (r) return r;
  path->len = 0;
  if (!qq_say(path, "%s/%s", shipped, name) || !stralloc_0(path)) return -1;
  r = is_directory(path->s);
  return r > 0 ? 2 : r;
}

static int compare_templates(void const *a, void const *b)
{
  qq_template const *x = a, *y = b;
  int const r = strcmp(x->name, y->name);
  return r ? r : x->is_shipped - y->is_shipped;
}

/* Appends what has the name in the directory, if that is a template. Returns 1, 0, or -1 with
   errno. */
static int append_template(genalloc *list, char const *path, char const *name, int is_shipped)
{
  stralloc one = STRALLOC_ZERO;
  qq_template t = { 0, is_shipped };
  int r;
  if (!qq_template_is_name(name)) return 0;
  r = qq_say(&one, "%s/%s", path, name) && stralloc_0(&one) ? is_directory(one.s) : -1;
  stralloc_free(&one);
  if (r < 1) return r;
  t.name = strdup(name);
  return t.name && genalloc_append(qq_template, list, &t) ? 1 : -1;
}

static int list_directory(genalloc *list, char const *path, int is_shipped, stralloc *why)
{
  DIR *d = opendir(path);
  char const *name;
  int r = d ? 0 : -1, next = 1;
  if (!d && errno == ENOENT) return 1;
  while (r >= 0 && (next = qq_listing_next(d, &name)) > 0)
    r = append_template(list, path, name, is_shipped);
  if (d) dir_close(d);
  if (r >= 0 && next >= 0) return 1;
  r = errno;
  qq_say(why, _("unable to read %s: %s"), path, strerror(r));
  errno = r;
  return -1;
}

static void drop_hidden(genalloc *list)
{
  qq_template *s = genalloc_s(qq_template, list);
  size_t const n = genalloc_len(qq_template, list);
  size_t i, kept = 0;
  for (i = 0; i < n; i++) {
    if (kept && !strcmp(s[kept - 1].name, s[i].name)) free(s[i].name);
    else s[kept++] = s[i];
  }
  genalloc_setlen(qq_template, list, kept);
}

int qq_template_list(genalloc *list, char const *home, char const *shipped, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int r = qq_say(&path, "%s/qqtools/templates", home) && stralloc_0(&path)
    ? list_directory(list, path.s, 0, why) : -1;
  if (r > 0) r = list_directory(list, shipped, 1, why);
  stralloc_free(&path);
  if (r < 0) return -1;
  if (genalloc_len(qq_template, list))
    qsort(genalloc_s(qq_template, list), genalloc_len(qq_template, list), sizeof(qq_template),
      compare_templates);
  drop_hidden(list);
  return 1;
}
