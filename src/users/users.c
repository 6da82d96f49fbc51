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
#define NOTHING ".\n"

/* What could not be done with the file, which stands in the place of the text's `%s'. */
static int fail(qq_users const *u, char const *text, char const *name, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  if (qq_fmt(&path, "%s/" USERS "/%s", u->home, name) && stralloc_0(&path))
    qq_unable_with(why, text, path.s);
  stralloc_free(&path);
  return -1;
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
  if (u->fd < 0) return fail(u, _("unable to open %s"), "", why);
  u->has_cdb = !fstatat(u->fd, CDB, &st, 0);
  if (!u->has_cdb && errno != ENOENT) return fail(u, _("unable to look at %s"), CDB, why);
  u->assign.at = u->cdb.at = -1;
  u->assign.owner = qq_owner_self(0644);
  u->cdb.owner = u->has_cdb ? owner_of(&st) : u->assign.owner;
  return 1;
}

int qq_users_read(qq_users *u, stralloc *why)
{
  int const fd = openat(u->fd, ASSIGN, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat st;
  int r;
  if (fd < 0)
    return errno == ENOENT && stralloc_cats(&u->text, NOTHING) ? 1
      : fail(u, _("unable to open %s"), ASSIGN, why);
  u->has_assign = 1;
  r = fstat(fd, &st) < 0 ? -1 : qq_slurp(&u->text, fd);
  if (r < 0) fail(u, _("unable to read %s"), ASSIGN, why);
  else u->assign.owner = owner_of(&st);
  fd_close(fd);
  return r;
}

int qq_users_open(qq_users *u, char const *home, stralloc *why)
{
  return qq_users_open_directory(u, home, why) < 0 ? -1 : qq_users_read(u, why);
}

int qq_users_refuse(qq_users const *u, qq_assign const *at, stralloc *why)
{
  return qq_refuse(why, EINVAL, _("%s/%s: line %zu: %s"), u->home, USERS "/" ASSIGN, at->line,
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
  if (fd < 0) return errno == ENOENT ? 0 : fail(u, _("unable to open %s"), CDB, why);
  made = tmpfile();
  r = made ? qq_usercdb_matches(fd, fileno(made), &u->text) : -1;
  if (r < 0) fail(u, _("unable to compare %s"), CDB, why);
  if (made) fclose(made);
  fd_close(fd);
  return r;
}

/* ---- written ---- */

static int find_target(qq_users const *u, qq_users_file *f, char const *name, stralloc *why)
{
  stralloc path = STRALLOC_ZERO;
  int r = -1;
  if (!qq_fmt(&path, "%s/" USERS, u->home) || !stralloc_0(&path))
    return fail(u, _("unable to look at %s"), name, why);
  f->at = qq_path_open_target(u->fd, path.s, name, &f->name, why);
  stralloc_free(&path);
  if (f->at >= 0)
    r = qq_fmt(&f->new, ".%s.new", f->name.s) && stralloc_0(&f->new) ? 1
      : fail(u, _("unable to look at %s"), name, why);
  return r;
}

int qq_users_can_write(qq_users *u, stralloc *why)
{
  if (!u->has_assign && u->has_cdb)
    return qq_refuse(why, EINVAL, _("%s/users/assign is missing, but users/cdb is in force: what "
      "it assigns would be lost; make users/assign first (qusers-list --cdb shows it)"), u->home);
  if (find_target(u, &u->assign, ASSIGN, why) < 0) return -1;
  return find_target(u, &u->cdb, CDB, why);
}

static int drop_new(qq_users_file const *f)
{
  return qq_unlink(f->at, f->new.s);
}

static int put_new(qq_users_file const *f)
{
  return renameat(f->at, f->new.s, f->at, f->name.s) < 0 ? -1 : 1;
}

static int write_cdb(qq_users const *u, int fd, stralloc const *text, stralloc *why)
{
  qq_owner const *owner = &u->cdb.owner;
  qq_assign at;
  int const r = qq_usercdb_make(fd, text, &at);
  if (!r) return qq_users_refuse(u, &at, why);
  return r < 0 || fchown(fd, owner->uid, owner->gid) < 0 || fchmod(fd, owner->mode) < 0
    || fsync(fd) < 0 ? fail(u, _("unable to write %s"), CDB, why) : 1;
}

/* Makes the new cdb beside the old one, and syncs it. */
static int prepare_cdb(qq_users const *u, stralloc const *text, stralloc *why)
{
  int const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int const fd = drop_new(&u->cdb) < 0 ? -1 : openat(u->cdb.at, u->cdb.new.s, flags, 0600);
  int r;
  if (fd < 0) return fail(u, _("unable to replace %s"), CDB, why);
  r = write_cdb(u, fd, text, why);
  if (r < 0) fd_close(fd);
  else if (close(fd) < 0) r = fail(u, _("unable to write %s"), CDB, why);
  return r;
}

static int put_cdb(qq_users const *u, stralloc *why)
{
  return put_new(&u->cdb) < 0 || fsync(u->cdb.at) < 0
    ? fail(u, _("unable to replace %s"), CDB, why) : 1;
}

static void take_back(qq_users const *u)
{
  int const e = errno;
  drop_new(&u->assign);
  drop_new(&u->cdb);
  errno = e;
}

/* The new assign is made first, and takes its place first: a new cdb alone beside the two says that
   a run was stopped between the one and the other. */
static int write_assign(qq_users const *u, stralloc const *text, stralloc *why)
{
  qq_users_file const *f = &u->assign;
  if (drop_new(&u->cdb) < 0) return fail(u, _("unable to replace %s"), CDB, why);
  if (qq_replace_prepare(f->at, f->new.s, text->s, text->len, &f->owner) < 0)
    return fail(u, _("unable to write %s"), ASSIGN, why);
  if (prepare_cdb(u, text, why) < 0) return -1;
  if (fsync(u->cdb.at) < 0) return fail(u, _("unable to sync %s"), CDB, why);
  return put_new(f) < 0 ? fail(u, _("unable to replace %s"), ASSIGN, why) : 1;
}

int qq_users_write(qq_users const *u, stralloc const *text, stralloc *why)
{
  stralloc unused = STRALLOC_ZERO;
  int r = write_assign(u, text, why);
  if (r < 0) {
    take_back(u);
    return r;
  }
  if (fsync(u->assign.at) < 0) r = fail(u, _("unable to sync %s"), ASSIGN, why);
  if (put_cdb(u, r < 0 ? &unused : why) < 0) r = -1;
  stralloc_free(&unused);
  return r;
}

static int has_new(qq_users_file const *f)
{
  struct stat st;
  return qq_is_there(f->at, f->new.s, &st);
}

int qq_users_recover(qq_users const *u, stralloc *why)
{
  int const has_cdb = has_new(&u->cdb), has_assign = has_cdb < 0 ? -1 : has_new(&u->assign);
  if (has_assign < 0) return fail(u, _("unable to look at %s"), has_cdb < 0 ? CDB : ASSIGN, why);
  if (has_cdb && !has_assign) return qq_users_compile(u, why);
  take_back(u);
  return 1;
}

int qq_users_compile(qq_users const *u, stralloc *why)
{
  int r;
  errno = ENOENT;
  if (!u->has_assign) return fail(u, _("unable to open %s"), ASSIGN, why);
  r = prepare_cdb(u, &u->text, why);
  if (r > 0) r = put_cdb(u, why);
  if (r < 0) take_back(u);
  return r;
}
