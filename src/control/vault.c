#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <skalibs/djbunix.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/say.h>
#include <qq/slurp.h>
#include <qq/when.h>
#include "vault-private.h"

#define HISTORY_PATH QQ_VAULT_DIRECTORY "/" QQ_VAULT_HISTORY
#define LOCK "lock"
#define LOCK_PATH QQ_VAULT_DIRECTORY "/" LOCK
#define IN_FORCE "in-force"
#define NEXT_IN_FORCE ".in-force.next"

int qq_vault_fail(qq_vault const *v, char const *what, char const *path, char const *name,
  stralloc *why)
{
  int const e = errno;
  qq_say(why, _("unable to %s %s/%s%s: %s"), what, v->home, path, name, strerror(e));
  if (e == EACCES || e == EPERM) qq_say(why, "%s", _(" (run it as root)"));
  errno = e;
  return -1;
}

int qq_vault_directory(int at, char const *name)
{
  return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int qq_vault_make_directory(int at, char const *name)
{
  int const fd = mkdirat(at, name, 0755) < 0 ? -1 : qq_vault_directory(at, name);
  if (fd < 0 || fchmod(fd, 0755) >= 0) return fd;
  fd_close(fd);
  return -1;
}

int qq_vault_read(int at, char const *name, stralloc *text)
{
  int const fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  int r;
  text->len = 0;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_slurp(text, fd);
  fd_close(fd);
  return r;
}

int qq_vault_write(int at, char const *name, qq_setting const *s)
{
  struct timespec times[2] = { { 0, UTIME_OMIT }, { 0, 0 } };
  if (qq_replace_prepare(at, name, s->content.s, s->content.len, &s->owner) < 0) return -1;
  if (!s->mtime) return 1;
  times[1].tv_sec = (time_t)(s->mtime / QQ_SECOND);
  times[1].tv_nsec = (long)(s->mtime % QQ_SECOND);
  return utimensat(at, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : 1;
}

/* ---- open and locked ---- */

/* What is carried out as root must have been written by root. Returns 1, or -1 and why. */
static int check_owner(qq_vault const *v, int fd, char const *path, stralloc *why)
{
  struct stat st;
  if (geteuid()) return 1;
  if (fstat(fd, &st) < 0) return qq_vault_fail(v, _("look at"), path, "", why);
  if (!st.st_uid && !(st.st_mode & 022)) return 1;
  errno = EPERM;
  qq_say(why, _("%s/%s belongs to uid %lu, mode %04o: root alone may be able to write there"),
    v->home, path, (unsigned long)st.st_uid, (unsigned int)(st.st_mode & 07777));
  return -1;
}

/* Sets *fd to the directory, or to -1: it is not there, or not ours to see. */
static int open_own(qq_vault *v, int at, char const *name, char const *path, int *fd,
  stralloc *why)
{
  if (at < 0) return 1;
  *fd = qq_vault_directory(at, name);
  if (*fd >= 0) return check_owner(v, *fd, path, why);
  return errno == ENOENT || errno == EACCES ? 1 : qq_vault_fail(v, _("open"), path, "", why);
}

int qq_vault_open(qq_vault *v, char const *home, stralloc *why)
{
  v->home = home;
  v->fd = v->history_fd = v->lock_fd = -1;
  v->home_fd = qq_vault_directory(AT_FDCWD, home);
  if (v->home_fd < 0) return qq_vault_fail(v, _("open"), ".", "", why);
  v->control_fd = qq_vault_directory(v->home_fd, QQ_NAME_CONTROL);
  if (v->control_fd < 0) return qq_vault_fail(v, _("open"), QQ_NAME_CONTROL, "", why);
  if (open_own(v, v->home_fd, QQ_VAULT_DIRECTORY, QQ_VAULT_DIRECTORY, &v->fd, why) < 0) return -1;
  return open_own(v, v->fd, QQ_VAULT_HISTORY, HISTORY_PATH, &v->history_fd, why);
}

/* Makes the directory if it is missing, and opens it. */
static int make_own(qq_vault *v, int at, char const *name, char const *path, int *fd,
  stralloc *why)
{
  if (*fd >= 0) return 1;
  *fd = qq_vault_make_directory(at, name);
  if (*fd < 0 && errno != EEXIST) return qq_vault_fail(v, _("create"), path, "", why);
  if (*fd < 0) *fd = qq_vault_directory(at, name);
  return *fd < 0 || fsync(at) < 0 ? qq_vault_fail(v, _("open"), path, "", why) : 1;
}

int qq_vault_lock(qq_vault *v, stralloc *why)
{
  int r = make_own(v, v->home_fd, QQ_VAULT_DIRECTORY, QQ_VAULT_DIRECTORY, &v->fd, why);
  if (r > 0) r = make_own(v, v->fd, QQ_VAULT_HISTORY, HISTORY_PATH, &v->history_fd, why);
  if (r < 0) return -1;
  v->lock_fd = openat(v->fd, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (v->lock_fd < 0) return qq_vault_fail(v, _("open"), LOCK_PATH, "", why);
  r = qq_os_flock(v->lock_fd);
  if (r > 0) return 1;
  if (r < 0) return qq_vault_fail(v, _("lock"), LOCK_PATH, "", why);
  errno = EBUSY;
  qq_say(why, _("%s/%s is locked: another program is changing control files or users"), v->home,
    LOCK_PATH);
  return -1;
}

int qq_vault_is_busy(qq_vault const *v)
{
  int fd, r;
  if (v->fd < 0 || v->lock_fd >= 0) return 0;
  fd = openat(v->fd, LOCK, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_os_flock(fd);
  fd_close(fd);
  return r < 0 ? -1 : !r;
}

/* ---- the template in force ---- */

int qq_vault_in_force(qq_vault const *v, stralloc *name)
{
  name->len = 0;
  if (v->fd >= 0 && qq_vault_read(v->fd, IN_FORCE, name) < 0) return -1;
  if (name->len && name->s[name->len - 1] == '\n') name->len--;
  return stralloc_0(name) ? 1 : -1;
}

int qq_vault_prepare_in_force(qq_vault *v, char const *name)
{
  qq_owner const owner = qq_owner_self(0644);
  stralloc text = STRALLOC_ZERO;
  int r = -1;
  if (!*name) return 1;
  if (stralloc_cats(&text, name) && stralloc_append(&text, '\n'))
    r = qq_replace_prepare(v->fd, NEXT_IN_FORCE, text.s, text.len, &owner);
  stralloc_free(&text);
  return r;
}

int qq_vault_set_in_force(qq_vault *v, char const *name)
{
  return qq_vault_prepare_in_force(v, name) < 0 ? -1 : qq_vault_put_in_force(v, name);
}

int qq_vault_has_next_in_force(qq_vault const *v)
{
  struct stat st;
  return v->fd >= 0 && !fstatat(v->fd, NEXT_IN_FORCE, &st, AT_SYMLINK_NOFOLLOW);
}

static int unlink_if_there(int at, char const *name)
{
  return unlinkat(at, name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

int qq_vault_put_in_force(qq_vault *v, char const *name)
{
  if (!*name) return unlink_if_there(v->fd, IN_FORCE);
  if (!renameat(v->fd, NEXT_IN_FORCE, v->fd, IN_FORCE)) return fsync(v->fd) < 0 ? -1 : 1;
  return errno == ENOENT ? qq_vault_set_in_force(v, name) : -1;
}

int qq_vault_drop_in_force(qq_vault *v)
{
  return unlink_if_there(v->fd, NEXT_IN_FORCE);
}
