#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/text.h>
#include <qq/when.h>
#include "store-private.h"

#define LOCK "lock"
#define LOCK_PATH QQ_NAME_QQTOOLS "/" LOCK
#define IN_FORCE "in-force"
#define NEXT_IN_FORCE ".in-force.next"

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

int qq_store_directory(int at, char const *name)
{
  struct stat st;
  if (fstat(at, &st) < 0) return -1;
  return openat(at, name, DIRECTORY | (qq_is_ours_alone(&st) ? 0 : O_NOFOLLOW));
}

int qq_store_read(int at, char const *name, stralloc *text)
{
  int const fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  int r;
  text->len = 0;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_slurp_regular(text, fd, QQ_SETTING_MAX);
  fd_close(fd);
  return r;
}

int qq_store_write(int at, char const *name, qq_setting const *s)
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
static int check_owner(qq_store const *store, int fd, char const *path, stralloc *why)
{
  struct stat st;
  if (geteuid()) return 1;
  if (fstat(fd, &st) < 0) return qq_unable(why, _("unable to look at %s/%s"), store->home, path);
  if (!st.st_uid && !(st.st_mode & 022)) return 1;
  return qq_refuse(why, EPERM, _("%s/%s belongs to uid %lu, mode %04o: only root may be able to "
    "write there"), store->home, path, (unsigned long)st.st_uid,
    (unsigned int)(st.st_mode & 07777));
}

/* Sets *fd to the directory in at, or to -1: it is not there, or not ours to see. */
static int open_own(qq_store *store, int at, char const *name, char const *path, int *fd,
  stralloc *why)
{
  *fd = qq_store_directory(at, name);
  if (*fd >= 0) return check_owner(store, *fd, path, why);
  if (errno == EACCES) store->is_hidden = 1;
  return errno == ENOENT || errno == EACCES ? 1
    : qq_unable(why, _("unable to open %s/%s"), store->home, path);
}

int qq_store_open(qq_store *store, char const *home, stralloc *why)
{
  store->home = home;
  store->fd = store->history_fd = store->lock_fd = -1;
  store->is_hidden = 0;
  store->home_fd = open(home, DIRECTORY);
  if (store->home_fd < 0) return qq_unable(why, _("unable to open %s/%s"), store->home, ".");
  store->control_fd = qq_store_directory(store->home_fd, QQ_NAME_CONTROL);
  if (store->control_fd < 0)
    return qq_unable(why, _("unable to open %s/%s"), store->home, QQ_NAME_CONTROL);
  if (open_own(store, store->home_fd, QQ_NAME_QQTOOLS, QQ_NAME_QQTOOLS, &store->fd, why) < 0)
    return -1;
  return store->fd < 0 ? 1
    : open_own(store, store->fd, QQ_STORE_HISTORY, QQ_NAME_HISTORY, &store->history_fd, why);
}

int qq_store_is_hidden(qq_store const *store)
{
  if (store->is_hidden) errno = EACCES;
  return store->is_hidden;
}

/* Makes the directory in at, if it is missing, and opens it. */
static int make_own(qq_store *store, int at, char const *name, char const *path, int *fd,
  stralloc *why)
{
  if (*fd >= 0) return 1;
  *fd = qq_store_make_directory(store, at, name);
  if (*fd < 0 && errno == EEXIST) *fd = qq_store_directory(at, name);
  return *fd < 0 || fsync(at) < 0
    ? qq_unable(why, _("unable to create %s/%s"), store->home, path) : 1;
}

/* Nobody but its owner can lock what he alone can open (flock(2) needs no more than that). */
static int open_lock(qq_store const *store)
{
  int const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  int const fd = openat(store->fd, LOCK, flags, 0600);
  struct stat st;
  if (fd < 0) return -1;
  if (fstat(fd, &st) >= 0 && (!(st.st_mode & 077) || fchmod(fd, 0600) >= 0)) return fd;
  fd_close(fd);
  return -1;
}

/* The process that has the lock; 0: nobody, or the system does not tell; or -1 with errno. */
static pid_t holder_of(qq_store const *store)
{
  struct stat st;
  int const r = qq_is_there(store->fd, LOCK, &st);
  return r > 0 ? qq_os_lock_holder(st.st_dev, st.st_ino) : r;
}

int qq_store_lock(qq_store *store, stralloc *why)
{
  pid_t holder;
  int r = make_own(store, store->home_fd, QQ_NAME_QQTOOLS, QQ_NAME_QQTOOLS, &store->fd, why);
  if (r > 0)
    r = make_own(store, store->fd, QQ_STORE_HISTORY, QQ_NAME_HISTORY, &store->history_fd, why);
  if (r < 0) return -1;
  store->lock_fd = open_lock(store);
  if (store->lock_fd < 0) return qq_unable(why, _("unable to open %s/%s"), store->home, LOCK_PATH);
  r = qq_os_flock(store->lock_fd);
  if (r > 0) return qq_store_mend_modes(store) > 0 ? 1
    : qq_unable(why, _("unable to look through %s/%s"), store->home, QQ_NAME_QQTOOLS);
  if (r < 0) return qq_unable(why, _("unable to lock %s/%s"), store->home, LOCK_PATH);
  holder = holder_of(store);
  return qq_refuse(why, EBUSY, holder > 0
    ? _("%s/%s is locked by process %ld: another program is changing control files or users")
    : _("%s/%s is locked: another program is changing control files or users"),
    store->home, LOCK_PATH, (long)holder);
}

int qq_store_is_busy(qq_store const *store)
{
  int fd, r;
  if (store->fd < 0 || store->lock_fd >= 0) return 0;
  fd = openat(store->fd, LOCK, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && errno == EACCES) return (int)holder_of(store);
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = qq_os_flock(fd);
  fd_close(fd);
  return r < 0 ? -1 : !r;
}

/* ---- the template in force ---- */

int qq_store_in_force(qq_store const *store, stralloc *name)
{
  name->len = 0;
  if (store->fd < 0 && qq_store_is_hidden(store)) return -1;
  if (store->fd >= 0 && qq_store_read(store->fd, IN_FORCE, name) < 0) return -1;
  if (name->len && name->s[name->len - 1] == '\n') name->len--;
  return stralloc_0(name) ? 1 : -1;
}

int qq_store_prepare_in_force(qq_store *store, char const *name)
{
  qq_owner const owner = qq_owner_self(0644);
  stralloc text = STRALLOC_ZERO;
  int r = -1;
  if (!*name) return 1;
  if (stralloc_cats(&text, name) && stralloc_append(&text, '\n'))
    r = qq_replace_prepare(store->fd, NEXT_IN_FORCE, text.s, text.len, &owner);
  stralloc_free(&text);
  return r;
}

int qq_store_set_in_force(qq_store *store, char const *name)
{
  return qq_store_prepare_in_force(store, name) < 0 ? -1 : qq_store_put_in_force(store, name);
}

int qq_store_has_next_in_force(qq_store const *store)
{
  struct stat st;
  return store->fd < 0 ? 0 : qq_is_there(store->fd, NEXT_IN_FORCE, &st);
}

int qq_store_put_in_force(qq_store *store, char const *name)
{
  if (!*name) return qq_unlink(store->fd, IN_FORCE);
  if (renameat(store->fd, NEXT_IN_FORCE, store->fd, IN_FORCE) < 0)
    return errno == ENOENT ? qq_store_set_in_force(store, name) : -1;
  return fsync(store->fd) < 0 ? -1 : 1;
}

int qq_store_drop_in_force(qq_store *store)
{
  return qq_unlink(store->fd, NEXT_IN_FORCE);
}
