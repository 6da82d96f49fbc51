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

static qq_owner owner_of(struct stat const *st)
{
  qq_owner const owner = { st->st_uid, st->st_gid, st->st_mode & 07777 };
  return owner;
}

int qq_users_open_directory(qq_users *u, char const *home, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  struct stat st;
  memset(u, 0, sizeof *u);
  u->home = home;
  u->fd = !qq_fmt(&path, "%s/" USERS, home) || !stralloc_0(&path) ? -1
    : open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  stralloc_free(&path);
  if (u->fd < 0) return fail(u, _("open"), "", why);
  u->has_cdb = !fstatat(u->fd, CDB, &st, 0);
  if (!u->has_cdb && errno != ENOENT) return fail(u, _("look at"), CDB, why);
  u->assign_owner = qq_owner_self(0644);
  u->cdb_owner = u->has_cdb ? owner_of(&st) : u->assign_owner;
  return 1;
}

int qq_users_read(qq_users *u, stralloc *why)
{
  int const fd = openat(u->fd, ASSIGN, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat st;
  int r;
  if (fd < 0)
    return errno == ENOENT && stralloc_cats(&u->text, NOTHING) ? 1
      : fail(u, _("open"), ASSIGN, why);
  u->has_assign = 1;
  r = fstat(fd, &st) < 0 ? -1 : qq_slurp(&u->text, fd);
  if (r < 0) fail(u, _("read"), ASSIGN, why);
  else u->assign_owner = owner_of(&st);
  fd_close(fd);
  return r;
}

int qq_users_open(qq_users *u, char const *home, stralloc *why)
{
  return qq_users_open_directory(u, home, why) < 0 ? -1 : qq_users_read(u, why);
}

int qq_users_refuse(qq_users const *u, qq_assign const *at, stralloc *why)
{
  return qq_refuse(why, EINVAL, _("%s/" USERS "/" ASSIGN ": line %zu %s"), u->home, at->line,
    at->why);
}

int qq_users_cdb(qq_users const *u)
{
  return openat(u->fd, CDB, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int qq_users_is_current(qq_users const *u, stralloc *why)
{
  int const fd = qq_users_cdb(u);
  FILE *made;
  int r;
  if (fd < 0) return errno == ENOENT ? 0 : fail(u, _("open"), CDB, why);
  made = tmpfile();
  r = made ? qq_usercdb_matches(fd, fileno(made), &u->text) : -1;
  if (r < 0) fail(u, _("compare"), CDB, why);
  if (made) fclose(made);
  fd_close(fd);
  return r;
}

/* ---- written ---- */

static int drop(qq_users const *u, char const *name)
{
  return unlinkat(u->fd, name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

static int write_cdb(qq_users const *u, int fd, stralloc const *text, stralloc *why)
{
  qq_owner const *owner = &u->cdb_owner;
  qq_assign at;
  int const r = qq_usercdb_make(fd, text, &at);
  if (!r) return qq_users_refuse(u, &at, why);
  return r < 0 || fchown(fd, owner->uid, owner->gid) < 0 || fchmod(fd, owner->mode) < 0
    || fsync(fd) < 0 ? fail(u, _("write"), CDB, why) : 1;
}

/* Makes the new cdb beside the old one, and syncs it. */
static int prepare_cdb(qq_users const *u, stralloc const *text, stralloc *why)
{
  int const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int const fd = drop(u, NEW_CDB) < 0 ? -1 : openat(u->fd, NEW_CDB, flags, 0600);
  int r;
  if (fd < 0) return fail(u, _("replace"), CDB, why);
  r = write_cdb(u, fd, text, why);
  if (r < 0) fd_close(fd);
  else if (close(fd) < 0) r = fail(u, _("write"), CDB, why);
  return r;
}

static int put_cdb(qq_users const *u, stralloc *why)
{
  return renameat(u->fd, NEW_CDB, u->fd, CDB) < 0 || fsync(u->fd) < 0
    ? fail(u, _("replace"), CDB, why) : 1;
}

static void take_back(qq_users const *u)
{
  int const e = errno;
  unlinkat(u->fd, NEW_ASSIGN, 0);
  unlinkat(u->fd, NEW_CDB, 0);
  errno = e;
}

/* The new assign is made first, and takes its place first: a new cdb alone beside the two says that
   a run was stopped between the one and the other. */
static int write_assign(qq_users const *u, stralloc const *text, stralloc *why)
{
  if (drop(u, NEW_CDB) < 0) return fail(u, _("replace"), CDB, why);
  if (qq_replace_prepare(u->fd, NEW_ASSIGN, text->s, text->len, &u->assign_owner) < 0)
    return fail(u, _("write"), ASSIGN, why);
  if (prepare_cdb(u, text, why) < 0) return -1;
  return renameat(u->fd, NEW_ASSIGN, u->fd, ASSIGN) < 0 ? fail(u, _("replace"), ASSIGN, why) : 1;
}

int qq_users_write(qq_users const *u, stralloc const *text, stralloc *why)
{
  stralloc unused = STRALLOC_ZERO;
  int r = write_assign(u, text, why);
  if (r < 0) {
    take_back(u);
    return r;
  }
  if (fsync(u->fd) < 0) r = fail(u, _("sync"), ASSIGN, why);
  if (put_cdb(u, r < 0 ? &unused : why) < 0) r = -1;
  stralloc_free(&unused);
  return r;
}

int qq_users_can_write(qq_users const *u, stralloc *why)
{
  if (u->has_assign || !u->has_cdb) return 1;
  return qq_refuse(why, EINVAL, _("%s/users/assign is missing, but users/cdb is in force: what it "
    "assigns would be lost; make users/assign first (qusers-list --cdb shows it)"), u->home);
}

int qq_users_recover(qq_users const *u, stralloc *why)
{
  struct stat st;
  int const has_cdb = qq_is_there(u->fd, NEW_CDB, &st);
  int const has_assign = has_cdb < 0 ? -1 : qq_is_there(u->fd, NEW_ASSIGN, &st);
  if (has_assign < 0) return fail(u, _("look at"), has_cdb < 0 ? NEW_CDB : NEW_ASSIGN, why);
  if (has_cdb && !has_assign) return qq_users_compile(u, why);
  take_back(u);
  return 1;
}

int qq_users_compile(qq_users const *u, stralloc *why)
{
  int r;
  errno = ENOENT;
  if (!u->has_assign) return fail(u, _("open"), ASSIGN, why);
  r = prepare_cdb(u, &u->text, why);
  if (r > 0) r = put_cdb(u, why);
  if (r < 0) take_back(u);
  return r;
}
