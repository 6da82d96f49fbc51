/* What a queue has beside its messages: made where it is missing, and given its owner and mode. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/instance.h>
#include <qq/when.h>
#include <qq/repair.h>

/* The directory that it lies in, and its name there. */
typedef struct place {
  int at;
  char const *name;
} place;

static int find_place(place *p, int queue_fd, char const *path)
{
  char const *slash = strrchr(path, '/');
  stralloc above = STRALLOC_ZERO;
  p->name = slash ? slash + 1 : path;
  if (!qq_copy(&above, path, slash ? (size_t)(slash - path) : 0)
    || (!slash && !stralloc_append(&above, '.')) || !stralloc_0(&above)) return -1;
  p->at = qq_open_below(queue_fd, above.s, O_RDONLY | O_DIRECTORY);
  stralloc_free(&above);
  return p->at;
}

static int unable(qq_fixture const *f, stralloc *why)
{
  return qq_refuse(why, errno, "%s: %s", f->name, strerror(errno));
}

/* ---- owners ---- */

static int give_directory(int fd, qq_fixture const *f, qq_expected const *e)
{
  if (fchown(fd, e->uids[f->user], e->group) < 0) return -1;
  return fchmod(fd, f->mode & 07777) < 0 ? -1 : 1;
}

/* A file is not opened for it: whoever closes the mutex loses its lock (fcntl(2)). */
static int give_file(place const *p, qq_fixture const *f, qq_expected const *e)
{
  struct stat st;
  if (fstatat(p->at, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  errno = EMLINK;
  if ((st.st_mode & S_IFMT) != (f->mode & S_IFMT) || st.st_nlink > 1) return -1;
  if (fchownat(p->at, p->name, e->uids[f->user], e->group, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  return fchmodat(p->at, p->name, f->mode & 07777, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : 1;
}

static int give(place const *p, qq_fixture const *f, qq_expected const *e)
{
  int fd, r;
  if (!S_ISDIR(f->mode)) return give_file(p, f, e);
  fd = qq_queue_directory(p->at, p->name);
  r = fd < 0 ? -1 : give_directory(fd, f, e);
  if (fd >= 0) fd_close(fd);
  return r;
}

/* ---- making ---- */

static int make_file(place const *p, qq_fixture const *f)
{
  int const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int const fd = openat(p->at, p->name, flags, 0600);
  int r;
  if (fd < 0) return -1;
  r = ftruncate(fd, f->size);
  fd_close(fd);
  return r;
}

/* The owner before the mode: nobody else may do with it what only he may. */
static int make(place const *p, qq_fixture const *f, qq_expected const *e)
{
  int const r = S_ISDIR(f->mode) ? mkdirat(p->at, p->name, 0700)
    : S_ISFIFO(f->mode) ? mkfifoat(p->at, p->name, 0600) : make_file(p, f);
  return r < 0 ? -1 : give(p, f, e);
}

/* What has its name and is something else comes to lost/, under the moment, too. */
static int put_aside(int queue_fd, place const *p, stralloc *aside)
{
  stralloc name = STRALLOC_ZERO;
  int lost, r = -1;
  if (mkdirat(queue_fd, QQ_WITHIN_FIX(QQ_NAME_FIX_LOST), 0700) < 0 && errno != EEXIST) return -1;
  lost = qq_queue_directory(queue_fd, QQ_WITHIN_FIX(QQ_NAME_FIX_LOST));
  if (lost >= 0 && qq_fmt(&name, "%s.%llu", p->name, (unsigned long long)qq_now())
    && stralloc_0(&name)) r = renameat(p->at, p->name, lost, name.s);
  if (r >= 0 && (!qq_fmt(aside, "%s/%s", QQ_WITHIN_FIX(QQ_NAME_FIX_LOST), name.s)
    || !stralloc_0(aside))) r = -1;
  stralloc_free(&name);
  if (lost >= 0) fd_close(lost);
  return r < 0 ? -1 : 1;
}

/* A table that is too short has zeros put behind it. */
static int lengthen(place const *p, qq_fixture const *f)
{
  int const fd = openat(p->at, p->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int const r = fd < 0 ? -1 : ftruncate(fd, f->size);
  if (fd >= 0) fd_close(fd);
  return r < 0 ? -1 : 1;
}

static int mend(int queue_fd, place const *p, qq_fixture const *f, qq_expected const *e,
  stralloc *aside)
{
  struct stat st;
  int const is_there = qq_is_there(p->at, p->name, &st);
  if (is_there < 0) return -1;
  if (!is_there) return f->is_optional ? 1 : make(p, f, e);
  if ((st.st_mode & S_IFMT) != (f->mode & S_IFMT))
    return put_aside(queue_fd, p, aside) < 0 ? -1 : make(p, f, e);
  return S_ISREG(f->mode) && st.st_size < f->size ? lengthen(p, f) : 1;
}

static int each(qq_queue const *q, qq_expected const *e, int sets_owners, stralloc *aside,
  stralloc *why)
{
  qq_fixture const *f;
  int r = 1;
  for (f = qq_fixtures; r > 0 && f->name; f++) {
    place p;
    struct stat st;
    if (!strcmp(f->name, ".")) continue;
    if (find_place(&p, q->fd, f->name) < 0) return unable(f, why);
    r = mend(q->fd, &p, f, e, aside);
    if (r > 0 && sets_owners && qq_is_there(p.at, p.name, &st) > 0) r = give(&p, f, e);
    if (r < 0) unable(f, why);
    fd_close(p.at);
  }
  return r;
}

int qq_fixtures_make(qq_queue const *q, qq_expected const *e, stralloc *aside, stralloc *why)
{
  return each(q, e, 0, aside, why);
}

/* ---- owners of all directories ---- */

static int own_numbered(qq_queue const *q, qq_expected const *e, unsigned int tree)
{
  qq_fixture const f = qq_fixture_of(q, tree);
  unsigned int k;
  int r = 1;
  for (k = 0; r > 0 && k < q->split; k++) {
    int const fd = qq_queue_numbered(q, tree, k);
    if (fd < 0 && errno == ENOENT) continue;
    r = fd < 0 ? -1 : give_directory(fd, &f, e);
    if (fd >= 0) fd_close(fd);
  }
  return r;
}

int qq_fixtures_own(qq_queue const *q, qq_expected const *e, stralloc *aside, stralloc *why)
{
  unsigned int i;
  if (each(q, e, 1, aside, why) < 0) return -1;
  for (i = 0; i < QQ_CHANNEL + q->channels; i++) {
    qq_fixture const f = qq_fixture_of(q, i);
    if (q->fds[i] < 0) continue;
    if (give_directory(q->fds[i], &f, e) < 0) return unable(&f, why);
    if (qq_queue_is_split(q, i) && own_numbered(q, e, i) < 0) return unable(&f, why);
  }
  return give_directory(q->fd, qq_fixtures, e) < 0 ? unable(qq_fixtures, why) : 1;
}

/* ---- before the locks are taken ---- */

/* Says whether there is something to be locked, and asked. */
static int is_lockable(int queue_fd)
{
  qq_fixture const *f;
  for (f = qq_fixtures; f->name; f++) {
    struct stat st;
    if (strcmp(f->name, QQ_NAME_SENDMUTEX) && strcmp(f->name, QQ_NAME_TRIGGER)) continue;
    if (qq_stat_below(queue_fd, f->name, &st) < 0 || (st.st_mode & S_IFMT) != (f->mode & S_IFMT))
      return 0;
  }
  return 1;
}

/* A qmail-send, or a qmail-todo that it left, works in the queue. */
static int is_used(int queue_fd, int *used)
{
  genalloc all = GENALLOC_ZERO;
  struct stat st;
  size_t i;
  int r = fstat(queue_fd, &st) < 0 ? -1 : qq_os_processes(&all);
  *used = 0;
  for (i = 0; r > 0 && !*used && i < genalloc_len(qq_os_process, &all); i++) {
    qq_os_process const *p = &genalloc_s(qq_os_process, &all)[i];
    if (!strcmp(p->name, QQ_NAME_QMAIL_SEND) || !strcmp(p->name, QQ_NAME_QMAIL_TODO))
      *used = qq_os_process_works_in(p->pid, st.st_dev, st.st_ino) != 0;
  }
  genalloc_free(qq_os_process, &all);
  return r;
}

int qq_fixtures_prepare(qq_queue const *q, qq_expected const *e, stralloc *aside, stralloc *why)
{
  int used;
  if (is_lockable(q->fd)) return 1;
  if (is_used(q->fd, &used) < 0)
    return qq_unable(why, "%s", _("unable to see whether qmail-send runs"));
  if (used) return qq_refuse(why, EBUSY, _("%s or %s is missing, and qmail-send runs: stop it "
    "first"), QQ_NAME_SENDMUTEX, QQ_NAME_TRIGGER);
  return qq_fixtures_make(q, e, aside, why);
}
