/* A queue with nothing in it, as qmail's installation makes it (hier.c:hier). */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/repair.h>

/* ---- trees ---- */

/* Returns the descriptor of the new directory, or -1 with errno. */
static int make_directory(int at, char const *name, qq_fixture const *is, qq_expected const *e)
{
  int fd = mkdirat(at, name, 0700) < 0 ? -1 : qq_queue_directory(at, name);
  if (fd < 0 || (fchown(fd, e->uids[is->user], e->group) >= 0 && fchmod(fd, is->mode & 07777) >= 0))
    return fd;
  fd_close(fd);
  return -1;
}

static int make_numbered(int at, unsigned int split, qq_fixture const *is, qq_expected const *e)
{
  unsigned int k;
  for (k = 0; k < split; k++) {
    char name[QQ_NUMBER_FMT + 1];
    int fd;
    name[qq_number_format(name, k)] = 0;
    fd = make_directory(at, name, is, e);
    if (fd < 0) return -1;
    fd_close(fd);
  }
  return 1;
}

int qq_trees_make(int *fds, int at, qq_queue const *shape, qq_expected const *e)
{
  unsigned int i;
  for (i = 0; i < QQ_CHANNEL + shape->channels; i++) {
    qq_fixture const is = qq_fixture_of(shape, i);
    fds[i] = make_directory(at, shape->trees[i], &is, e);
    if (fds[i] < 0 || (qq_queue_is_split(shape, i)
      && make_numbered(fds[i], shape->split, &is, e) < 0)) return -1;
  }
  return 1;
}

/* ---- a whole queue ---- */

static int close_all(qq_queue *q, int r)
{
  int const e = errno;
  qq_queue_close(q);
  errno = e;
  return r;
}

/* A queue that is not there yet, of which only the names are known. */
static int imagine(qq_queue *q, char const *path, unsigned int channels)
{
  static char const *const names[] = { [QQ_MESS] = QQ_NAME_MESS, [QQ_INFO] = QQ_NAME_INFO,
    [QQ_TODO] = QQ_NAME_TODO, [QQ_INTD] = QQ_NAME_INTD, [QQ_BOUNCE] = QQ_NAME_BOUNCE };
  stralloc name = STRALLOC_ZERO;
  unsigned int i;
  memset(q, 0, sizeof *q);
  q->fd = -1;
  q->path = path;
  q->channels = channels;
  q->trees = calloc(QQ_CHANNEL + channels, sizeof *q->trees);
  q->fds = malloc((QQ_CHANNEL + channels) * sizeof *q->fds);
  if (!q->trees || !q->fds) return -1;
  for (i = 0; i < QQ_CHANNEL + channels; i++) {
    q->fds[i] = -1;
    if (i >= QQ_CHANNEL && !qq_channel_name(&name, i - QQ_CHANNEL)) return -1;
    q->trees[i] = strdup(i < QQ_CHANNEL ? names[i] : name.s);
    if (!q->trees[i]) return -1;
  }
  stralloc_free(&name);
  return 1;
}

/* Channels beside local and remote, which a qmail-send that was built with them names. */
static unsigned int count_channels(char const *home)
{
  int const fd = *home ? open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  stralloc name = STRALLOC_ZERO;
  unsigned int n = 2;
  while (fd >= 0 && n < 100 && qq_channel_name(&name, n)
    && qq_home_program_has(fd, QQ_NAME_QMAIL_SEND, name.s)) n++;
  stralloc_free(&name);
  if (fd >= 0) fd_close(fd);
  return n;
}

/* What may be replaced: nothing, or an empty directory. rename(2) refuses another one. */
static int fill(qq_queue *q, int above, char const *name, qq_expected const *e)
{
  stralloc why = STRALLOC_ZERO, aside = STRALLOC_ZERO;
  int r = -1;
  if (mkdirat(above, name, 0700) >= 0 && (q->fd = qq_queue_directory(above, name)) >= 0)
    r = qq_fixtures_make(q, e, &aside, &why) > 0 && qq_trees_make(q->fds, q->fd, q, e) > 0
      && qq_fixtures_own(q, e, &aside, &why) > 0 && qq_os_syncfs(q->fd) > 0 ? 1 : -1;
  stralloc_free(&why);
  stralloc_free(&aside);                /* nothing was there */
  return r;
}

static int create_in(qq_queue *q, int above, char const *name, qq_expected const *e)
{
  stralloc temporary = STRALLOC_ZERO;
  int r = qq_fmt(&temporary, ".%s.new", name) && stralloc_0(&temporary) ? 1 : -1;
  if (r > 0) r = qq_purge(above, temporary.s, 0);
  if (r > 0) r = fill(q, above, temporary.s, e);
  if (r > 0 && (renameat(above, temporary.s, above, name) < 0 || fsync(above) < 0)) r = -1;
  if (r < 0 && temporary.len) {
    int const error = errno;
    qq_purge(above, temporary.s, 0);
    errno = error;
  }
  stralloc_free(&temporary);
  return r;
}

int qq_queue_create(char const *path, char const *home, unsigned int split, int is_big,
  stralloc *why)
{
  char const *name;
  qq_queue q;
  qq_expected e;
  int const above = qq_path_open_above(path, &name);
  int r = imagine(&q, path, count_channels(home));
  if (above < 0 || r < 0) return close_all(&q, qq_unable(why, _("unable to make %s"), path));
  r = qq_expected_find(&e, &q, home, why);
  q.split = split ? split : e.split ? e.split : QQ_SPLIT_DEFAULT;
  q.todo_is_split = q.intd_is_split = is_big;
  if (r > 0 && !e.is_known) {
    r = qq_refuse(why, EINVAL, _("unable to make %s: there are no users qmailq, qmails and qmailr, "
      "and %s/%s does not say who they are"), path, home, QQ_NAME_SHOWCTL);
  } else if (r > 0) {
    r = create_in(&q, above, name, &e);
    if (r < 0 && errno == EBUSY)
      qq_refuse(why, EBUSY, _("unable to make %s: it is a mount point (mount it above that)"),
        path);
    else if (r < 0) qq_unable(why, _("unable to make %s"), path);
  }
  fd_close(above);
  return close_all(&q, r);
}
