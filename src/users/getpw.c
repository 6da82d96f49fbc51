#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <skalibs/bytestr.h>
#include <qq/file.h>
#include <qq/os.h>
#include <qq/text.h>
#include <qq/users.h>

/* Longer names are no users to qmail (qmail-getpw.c:GETPW_USERLEN). */
#define NAME_MAX_BYTES 31

static int set_data(stralloc *data, struct passwd const *pw, char const *dash, char const *ext,
  size_t n)
{
  data->len = 0;
  return qq_fmt(data, "%s%c%lu%c%lu%c%s%c%s%c", pw->pw_name, 0, (unsigned long)pw->pw_uid, 0,
    (unsigned long)pw->pw_gid, 0, pw->pw_dir, 0, dash, 0) && qq_append(data, ext, n) ? 1 : -1;
}

/* A user who is not root and owns a home that is there. */
static int find_user(struct passwd const **pw, char const *name)
{
  struct stat st;
  int const r = qq_getpw_name(pw, name);
  if (r < 1 || !(*pw)->pw_uid) return r < 0 ? -1 : 0;
  if (stat((*pw)->pw_dir, &st) < 0) return qq_leads_nowhere(errno) ? 0 : -1;
  return st.st_uid == (*pw)->pw_uid;
}

int qq_getpw_find(stralloc *data, int *is_alias, char const *local, size_t n, char const *alias,
  char delimiter)
{
  struct passwd const *pw;
  size_t i;
  int r;
  *is_alias = 0;
  for (i = n + 1; i--;) {
    char name[NAME_MAX_BYTES + 1];
    if (i > NAME_MAX_BYTES || (i < n && (!delimiter || local[i] != delimiter))) continue;
    memcpy(name, local, i);
    name[i] = 0;
    case_lowerb(name, i);
    r = find_user(&pw, name);
    if (r < 0) return -1;
    if (!r) continue;
    return i < n ? set_data(data, pw, "-", local + i + 1, n - i - 1)
      : set_data(data, pw, "", "", 0);
  }
  *is_alias = 1;
  r = qq_getpw_name(&pw, alias);
  return r > 0 ? set_data(data, pw, "-", local, n) : r;
}
