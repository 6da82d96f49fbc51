#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <qq/append.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/numbers.h>
#include <qq/os.h>
#include <qq/replace.h>
#include <qq/say.h>
#include <qq/slurp.h>
#include "vault-private.h"

#define DIRECTORY "qqtools"
#define HISTORY "history"
#define LOCK "lock"
#define IN_FORCE "in-force"
#define NEXT_IN_FORCE ".in-force.next"

int qq_vault_fail(qq_vault const *v, char const *what, char const *path, stralloc *why)
{
  int const e = errno;
  qq_say(why, e == EACCES || e == EPERM ? _("unable to %s %s/%s: %s (run it as root)") : _("unable to %s %s/%s: %s"), what, v->home, path, strerror(e));
  errno = e;
  return -1;
}

static void close_fd(int *fd)
{
  int const e = errno;
  if (*fd >= 0) close(*fd);
  *fd = -1;
  errno = e;
}

int qq_vault_directory(int at, char const *name)
{
  return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_if_there(int at, char const *name)
{
  int const fd = at < 0 ? -1 : qq_vault_directory(at, name);
  return fd < 0 && (at < 0 || errno == ENOENT || errno == EACCES) ? -1 : fd < 0 ? -2 : fd;
}

/* What is carried out as root must have been written by root. Returns 1, or 0 and why. */
static int is_ours(qq_vault const *v, int fd, char const *path, stralloc *why)
{
  struct stat st;
  if (fd < 0 || geteuid()) return 1;
  if (fstat(fd, &st) < 0) {
    qq_vault_fail(v, _("look at"), path, why);
    return 0;
  }
  if (!st.st_uid && !(st.st_mode & 022)) return 1;
  errno = EPERM;
  qq_say(why, _("%s/%s belongs to uid %lu, mode %04o: root alone may be able to write there"), v->home, path, (unsigned long)st.st_uid, (unsigned int)(st.st_mode & 07777));
  return 0;
}

int qq_vault_open(qq_vault *v, char const *home, stralloc *why)
{
  int home_fd;
  v->home = home;
  v->control_fd = v->fd = v->history_fd = v->lock_fd = -1;
  home_fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (home_fd < 0) return qq_vault_fail(v, _("open"), ".", why);
  v->control_fd = qq_vault_directory(home_fd, QQ_NAME_CONTROL);
  if (v->control_fd < 0) qq_vault_fail(v, _("open"), QQ_NAME_CONTROL, why);
  else {
    v->fd = open_if_there(home_fd, DIRECTORY);
    if (v->fd == -2) qq_vault_fail(v, _("open"), DIRECTORY, why);
    else v->history_fd = open_if_there(v->fd, HISTORY);
    if (v->history_fd == -2) qq_vault_fail(v, _("open"), DIRECTORY "/" HISTORY, why);
  }
  close(home_fd);
  if (v->control_fd >= 0 && v->fd != -2 && v->history_fd != -2 && is_ours(v, v->fd, DIRECTORY, why) && is_ours(v, v->history_fd, DIRECTORY "/" HISTORY, why))
    return 1;
  qq_vault_close(v);
  return -1;
}

void qq_vault_close(qq_vault *v)
{
  close_fd(&v->lock_fd);
  close_fd(&v->history_fd);
  close_fd(&v->fd);
  close_fd(&v->control_fd);
}

/* Makes the directory if it is missing, and opens it. */
static int make_directory(qq_vault *v, int at, char const *name, char const *path, int *fd, stralloc *why)
{
  int made;
  if (*fd >= 0) return 1;
  made = mkdirat(at, name, 0755);
  if (made < 0 && errno != EEXIST) return qq_vault_fail(v, _("create"), path, why);
  *fd = qq_vault_directory(at, name);
  if (*fd < 0 || (made >= 0 && fchmod(*fd, 0755) < 0) || fsync(at) < 0) return qq_vault_fail(v, _("open"), path, why);
  return 1;
}

int qq_vault_lock(qq_vault *v, stralloc *why)
{
  int home_fd = open(v->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r;
  if (home_fd < 0) return qq_vault_fail(v, _("open"), ".", why);
  r = make_directory(v, home_fd, DIRECTORY, DIRECTORY, &v->fd, why);
  close_fd(&home_fd);
  if (r < 0 || make_directory(v, v->fd, HISTORY, DIRECTORY "/" HISTORY, &v->history_fd, why) < 0) return -1;
  v->lock_fd = openat(v->fd, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (v->lock_fd < 0) return qq_vault_fail(v, _("open"), DIRECTORY "/" LOCK, why);
  r = qq_os_flock(v->lock_fd);
  if (r > 0) return 1;
  if (!r) {
    errno = EBUSY;
    qq_say(why, _("%s/%s is locked: another program is changing control files or users"), v->home, DIRECTORY "/" LOCK);
    return -1;
  }
  return qq_vault_fail(v, _("lock"), DIRECTORY "/" LOCK, why);
}

int qq_vault_in_force(qq_vault const *v, stralloc *name)
{
  int fd, r;
  name->len = 0;
  fd = v->fd < 0 ? -1 : openat(v->fd, IN_FORCE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return v->fd < 0 || errno == ENOENT ? (stralloc_0(name) ? 1 : -1) : -1;
  r = qq_slurp(name, fd);
  close(fd);
  if (r < 0) return -1;
  if (name->len && name->s[name->len - 1] == '\n') name->len--;
  return stralloc_0(name) ? 1 : -1;
}

static int write_in_force(qq_vault *v, char const *name)
{
  qq_owner owner;
  stralloc text = STRALLOC_ZERO;
  int r = -1;
  owner.uid = geteuid();
  owner.gid = getegid();
  owner.mode = 0644;
  if (stralloc_cats(&text, name) && stralloc_append(&text, '\n')) r = qq_replace_prepare(v->fd, NEXT_IN_FORCE, text.s, text.len, &owner);
  stralloc_free(&text);
  return r;
}

static int unlink_if_there(int at, char const *name)
{
  return unlinkat(at, name, 0) < 0 && errno != ENOENT ? -1 : 1;
}

int qq_vault_prepare_in_force(qq_vault *v, char const *name)
{
  return *name ? write_in_force(v, name) : 1;
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

int qq_vault_is_busy(qq_vault const *v)
{
  int fd, r;
  if (v->fd < 0 || v->lock_fd >= 0) return 0;
  fd = openat(v->fd, LOCK, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_os_flock(fd);
  close(fd);
  return r < 0 ? -1 : !r;
}
