#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/bytestr.h>
#include <qq/getpw.h>

/* Longer names are no users to qmail (qmail-getpw.c:GETPW_USERLEN). */
#define NAME_MAX_BYTES 31

static int take(qq_getpw *g, struct passwd const *pw)
{
  g->user.len = g->home.len = 0;
  g->uid = (unsigned long)pw->pw_uid;
  g->gid = (unsigned long)pw->pw_gid;
  return stralloc_cats(&g->user, pw->pw_name) && stralloc_0(&g->user) && stralloc_cats(&g->home, pw->pw_dir) && stralloc_0(&g->home) ? 1 : -1;
}

/* A user who is not root and owns a home that is there. */
static int is_user(struct passwd const *pw)
{
  struct stat st;
  return pw && pw->pw_uid && !stat(pw->pw_dir, &st) && st.st_uid == pw->pw_uid;
}

int qq_getpw_find(qq_getpw *g, char const *local, size_t n, char const *alias)
{
  struct passwd const *pw;
  size_t i;
  for (i = n + 1; i--;) {
    char name[NAME_MAX_BYTES + 1];
    if (i > NAME_MAX_BYTES || (i < n && local[i] != '-')) continue;
    memcpy(name, local, i);
    name[i] = 0;
    case_lowerb(name, i);
    pw = getpwnam(name);
    if (!is_user(pw)) continue;
    g->is_alias = 0;
    g->dash = i < n ? "-" : "";
    g->extension = i < n ? i + 1 : n;
    return take(g, pw);
  }
  errno = 0;
  pw = getpwnam(alias);
  if (!pw) return errno ? -1 : 0;
  g->is_alias = 1;
  g->dash = "-";
  g->extension = 0;
  return take(g, pw);
}

void qq_getpw_free(qq_getpw *g)
{
  stralloc_free(&g->user);
  stralloc_free(&g->home);
}
