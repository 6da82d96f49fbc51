#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/bytestr.h>
#include <qq/text.h>
#include <qq/users.h>

/* Longer names are no users to qmail (qmail-getpw.c:GETPW_USERLEN). */
#define NAME_MAX_BYTES 31

static int set_data(stralloc *data, struct passwd const *pw, char const *dash, char const *ext,
  size_t n)
{
  data->len = 0;
  return qq_say(data, "%s%c%lu%c%lu%c%s%c%s%c", pw->pw_name, 0, (unsigned long)pw->pw_uid, 0,
    (unsigned long)pw->pw_gid, 0, pw->pw_dir, 0, dash, 0) && qq_append(data, ext, n) ? 1 : -1;
}

/* A user who is not root and owns a home that is there. */
static int is_user(struct passwd const *pw)
{
  struct stat st;
  return pw && pw->pw_uid && !stat(pw->pw_dir, &st) && st.st_uid == pw->pw_uid;
}

int qq_getpw_find(stralloc *data, int *is_alias, char const *local, size_t n, char const *alias)
{
  struct passwd const *pw;
  size_t i;
  *is_alias = 0;
  for (i = n + 1; i--;) {
    char name[NAME_MAX_BYTES + 1];
    if (i > NAME_MAX_BYTES || (i < n && local[i] != '-')) continue;
    memcpy(name, local, i);
    name[i] = 0;
    case_lowerb(name, i);
    pw = getpwnam(name);
    if (!is_user(pw)) continue;
    return i < n ? set_data(data, pw, "-", local + i + 1, n - i - 1)
      : set_data(data, pw, "", "", 0);
  }
  *is_alias = 1;
  errno = 0;
  pw = getpwnam(alias);
  return pw ? set_data(data, pw, "-", local, n) : errno ? -1 : 0;
}
