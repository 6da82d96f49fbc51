#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/os.h>

typedef void *ask(void const *key);

/* Returns 1; 0: it is not there; or -1 with errno. */
static int can_read(char const *file)
{
  char s[4096];
  ssize_t n = 1;
  int const fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  while (n > 0) n = fd_read(fd, s, sizeof s);
  fd_close(fd);
  return n < 0 ? -1 : 1;
}

/* A libc that could not read its file, and has other places to ask, says nothing of it: nobody is
   missing whom it does not find again once the file was seen to be readable. */
static int find(void **found, ask *by, void const *key, char const *file)
{
  int r;
  errno = 0;
  *found = by(key);
  if (*found) return 1;
  if (errno && errno != ENOENT && errno != ESRCH) return -1;
  r = can_read(file);
  if (r < 1) return r;
  *found = by(key);
  return *found != 0;
}

static void *user_by_name(void const *name) { return getpwnam(name); }
static void *user_by_uid(void const *uid) { return getpwuid(*(uid_t const *)uid); }
static void *group_by_name(void const *name) { return getgrnam(name); }
static void *group_by_gid(void const *gid) { return getgrgid(*(gid_t const *)gid); }

static int find_user(struct passwd const **pw, ask *by, void const *key)
{
  void *found;
  int const r = find(&found, by, key, "/etc/passwd");
  *pw = found;
  return r;
}

static int find_group(struct group const **group, ask *by, void const *key)
{
  void *found;
  int const r = find(&found, by, key, "/etc/group");
  *group = found;
  return r;
}

int qq_getpw_name(struct passwd const **pw, char const *name)
{
  return find_user(pw, user_by_name, name);
}

int qq_getpw_uid(struct passwd const **pw, uid_t uid)
{
  return find_user(pw, user_by_uid, &uid);
}

int qq_getgr_name(struct group const **group, char const *name)
{
  return find_group(group, group_by_name, name);
}

int qq_getgr_gid(struct group const **group, gid_t gid)
{
  return find_group(group, group_by_gid, &gid);
}
