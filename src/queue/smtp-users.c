#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <qq/os.h>
#include <qq/queue.h>

/* Returns 1; 0: there is no such user; or -1. */
static int add(qq_smtp_users *users, char const *name)
{
  uint64_t uid;
  if (!qq_number_scan(name, strlen(name), &uid)) {
    struct passwd const *pw;
    int const r = qq_getpw_name(&pw, name);
    if (r < 1) return r;
    uid = pw->pw_uid;
  }
  return genalloc_append(uint64_t, &users->uids, &uid) ? 1 : -1;
}

static int look_up(qq_smtp_users *users)
{
  static char const between[] = ": \t\n,";
  char *names = strdup(users->names), *rest;
  char const *name = names ? strtok_r(names, between, &rest) : 0;
  int r = names ? 1 : -1;
  for (; name && r > 0; name = strtok_r(0, between, &rest)) {
    r = add(users, name);
    if (!r) r = qq_copy_string(&users->missing, name) ? 1 : -1;
  }
  free(names);
  users->is_known = r > 0;
  return r;
}

static int has(qq_smtp_users const *users, uint64_t uid)
{
  uint64_t const *uids = genalloc_s(uint64_t, &users->uids);
  size_t i;
  for (i = 0; i < genalloc_len(uint64_t, &users->uids); i++) if (uids[i] == uid) return 1;
  return 0;
}

int qq_smtp_users_have(qq_smtp_users *users, uint64_t uid)
{
  int r;
  if (!users) return 0;
  pthread_mutex_lock(&users->mutex);
  r = users->is_known ? 1 : look_up(users);
  if (r > 0) r = has(users, uid);
  pthread_mutex_unlock(&users->mutex);
  return r;
}
