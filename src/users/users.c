#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/text.h>
#include <qq/users.h>

#define USERS "users"
#define ASSIGN "assign"
#define CDB "cdb"
#define NEW_ASSIGN ".assign.new"
#define NEW_CDB ".cdb.new"
#define NOTHING ".\n"

static int fail(qq_users const *u, char const *what, char const *name, stralloc *why)
{
  return qq_unable(why, _("unable to %s %s/" USERS "/%s"), what, u->home, name);
}

static void take_owner(qq_owner *owner, struct stat const *st)
{
  owner->uid = st->st_uid;
  owner->gid = st->st_gid;
  owner->mode = st->st_mode & 07777;
}

static void new_owner(qq_owner *owner)
{
  owner->uid = geteuid();
  owner->gid = getegid();
  owner->mode = 0644;
}

static int read_assign(qq_users *u, stralloc *why)
{
  int const fd = openat(u->fd, ASSIGN, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat st;
  int r;
  if (fd < 0) return errno != ENOENT ? fail(u, _("open"), ASSIGN, why) : stralloc_cats(&u->text, NOTHING) ? 1 : -1;
  u->has_assign = 1;
  r = fstat(fd, &st) < 0 ? -1 : qq_slurp(&u->text, fd);
  take_owner(&u->assign_owner, &st);
  if (r < 0) fail(u, _("read"), ASSIGN, why);
  close(fd);
  return r;
}

int qq_users_open_directory(qq_users *u, char const *home, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  memset(u, 0, sizeof *u);
  u->home = home;
  u->fd = qq_say(&path, "%s/" USERS, home) && stralloc_0(&path) ? open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  stralloc_free(&path);
  if (u->fd < 0) return fail(u, _("open"), "", why);
  new_owner(&u->assign_owner);
  new_owner(&u->cdb_owner);
  u->has_cdb = !fstatat(u->fd, CDB, &st, 0);
  if (u->has_cdb) take_owner(&u->cdb_owner, &st);
  return 1;
}

int qq_users_open(qq_users *u, char const *home, stralloc *why)
{
  if (qq_users_open_directory(u, home, why) < 0) return -1;
  if (read_assign(u, why) >= 0) return 1;
  qq_users_close(u);
  return -1;
}

void qq_users_close(qq_users *u)
{
  if (u->fd >= 0) fd_close(u->fd);
  u->fd = -1;
  stralloc_free(&u->text);
}

int qq_users_cdb(qq_users const *u)
{
  return openat(u->fd, CDB, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* An empty file without a name, to compare with. */
static int scratch(void)
{
  FILE *f = tmpfile();
  int fd;
  if (!f) return -1;
  fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 0);
  fclose(f);
  return fd;
}

int qq_users_is_current(qq_users const *u, stralloc *why)
{
  int const fd = qq_users_cdb(u);
  int other, r;
  if (fd < 0) return errno == ENOENT ? 0 : fail(u, _("open"), CDB, why);
  other = scratch();
  r = other < 0 ? -1 : qq_usercdb_matches(fd, other, u->text.s, u->text.len);
  if (r < 0) fail(u, _("compare"), CDB, why);
  if (other >= 0) close(other);
  close(fd);
  return r;
}

static int refuse(qq_users const *u, size_t line, char const *reason, stralloc *why)
{
  qq_say(why, _("%s/" USERS "/" ASSIGN ": line %zu %s"), u->home, line, reason);
  errno = EINVAL;
  return -1;
}

/* Makes the new cdb beside the old one, and syncs it. */
static int prepare_cdb(qq_users *u, stralloc const *text, stralloc *why)
{
  char const *reason;
  size_t line;
  int fd, r;
  if (unlinkat(u->fd, NEW_CDB, 0) < 0 && errno != ENOENT) return fail(u, _("replace"), CDB, why);
  fd = openat(u->fd, NEW_CDB, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return fail(u, _("replace"), CDB, why);
  r = qq_usercdb_make(fd, text->s, text->len, &line, &reason);
  if (!r) r = refuse(u, line, reason, why);
  else if (r < 0 || fchown(fd, u->cdb_owner.uid, u->cdb_owner.gid) < 0 || fchmod(fd, u->cdb_owner.mode) < 0 || fsync(fd) < 0) r = fail(u, _("write"), CDB, why);
  if (close(fd) < 0 && r > 0) r = fail(u, _("write"), CDB, why);
  return r;
}

static int put_in_place(qq_users *u, char const *from, char const *to, stralloc *why)
{
  return renameat(u->fd, from, u->fd, to) < 0 || fsync(u->fd) < 0 ? fail(u, _("replace"), to, why) : 1;
}

static void take_back(qq_users *u)
{
  int const e = errno;
  unlinkat(u->fd, NEW_ASSIGN, 0);
  unlinkat(u->fd, NEW_CDB, 0);
  errno = e;
}

/* The new assign is made first, and takes its place first: a new cdb alone beside the two says that
   a run was stopped between the one and the other. */
int qq_users_write(qq_users *u, stralloc const *text, stralloc *why)
{
  stralloc unused = STRALLOC_ZERO;
  int r = unlinkat(u->fd, NEW_CDB, 0) < 0 && errno != ENOENT ? fail(u, _("replace"), CDB, why) : 1;
  if (r > 0 && qq_replace_prepare(u->fd, NEW_ASSIGN, text->s, text->len, &u->assign_owner) < 0) r = fail(u, _("write"), ASSIGN, why);
  if (r > 0) r = prepare_cdb(u, text, why);
  if (r > 0 && renameat(u->fd, NEW_ASSIGN, u->fd, ASSIGN) < 0) r = fail(u, _("replace"), ASSIGN, why);
  if (r < 0) {
    take_back(u);
    return r;
  }
  if (fsync(u->fd) < 0) r = fail(u, _("sync"), ASSIGN, why);
  if (put_in_place(u, NEW_CDB, CDB, r < 0 ? &unused : why) < 0) r = -1;
  stralloc_free(&unused);
  return r;
}

int qq_users_can_write(qq_users const *u, stralloc *why)
{
  if (u->has_assign || !u->has_cdb) return 1;
  return qq_refuse(why, EINVAL, _("%s/users/assign is missing, but users/cdb is in force: what it "
    "assigns would be lost; make users/assign first (qusers-list --cdb shows it)"), u->home);
}

static int has(qq_users const *u, char const *name)
{
  struct stat st;
  return !fstatat(u->fd, name, &st, AT_SYMLINK_NOFOLLOW);
}

int qq_users_recover(qq_users *u, stralloc *why)
{
  if (has(u, NEW_CDB) && !has(u, NEW_ASSIGN)) return qq_users_compile(u, why);
  take_back(u);
  return 1;
}

int qq_users_compile(qq_users *u, stralloc *why)
{
  int r;
  if (!u->has_assign) {
    errno = ENOENT;
    return fail(u, _("open"), ASSIGN, why);
  }
  r = prepare_cdb(u, &u->text, why);
  if (r > 0) r = put_in_place(u, NEW_CDB, CDB, why);
  if (r < 0) take_back(u);
  return r;
}
