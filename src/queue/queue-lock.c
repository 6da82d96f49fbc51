#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/change.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/instance.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/when.h>

/* A starting qmail-send has the mutex a moment before it reads the trigger, and a stopping one a
   moment after. */
#define ASK_TIMES 11
#define ASK_NANOSECONDS 100000000

/* Between two attempts at the lock of another run, in nanoseconds. */
#define LOCK_PAUSE 20000000

static int has_reader(qq_queue const *q, stralloc *why)
{
  int const r = qq_trigger_has_reader(q->fd);
  return r < 0 ? qq_unable(why, _("unable to open %s/%s"), q->path, QQ_NAME_TRIGGER) : r;
}

int qq_queue_is_read(qq_queue const *q, stralloc *why)
{
  static struct timespec const pause = { 0, ASK_NANOSECONDS };
  unsigned int i;
  for (i = 0; i < ASK_TIMES; i++) {
    int const r = has_reader(q, why);
    if (r) return r;
    nanosleep(&pause, 0);
  }
  return 0;
}

static int held_by(qq_queue const *q, pid_t holder, stralloc *why)
{
  if (holder) return qq_refuse(why, EBUSY,
    _("%s/%s is locked by process %ld, but nothing reads %s: qmail-send is starting or stopping, "
      "a child outlived it, or `qsvc stopped' runs a command"),
    q->path, QQ_NAME_SENDMUTEX, (long)holder, QQ_NAME_TRIGGER);
  return qq_refuse(why, EBUSY,
    _("%s/%s is locked, but nothing reads %s: qmail-send is starting or stopping, "
      "a child outlived it, or `qsvc stopped' runs a command"),
    q->path, QQ_NAME_SENDMUTEX, QQ_NAME_TRIGGER);
}

static int decide(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  int reader;
  l->queue_fd = q->fd;
  l->mutex_fd = qq_sendmutex_take(q->fd, &l->daemon);
  if (l->mutex_fd < 0 && errno != EBUSY)
    return qq_unable(why, _("unable to take %s/%s"), q->path, QQ_NAME_SENDMUTEX);
  reader = has_reader(q, why);
  if (reader < 0) return -1;
  l->way = reader ? QQ_ONLINE : QQ_OFFLINE;
  if (l->mutex_fd >= 0 && reader) {     /* a qmail-todo outlived its qmail-send, */
    close(l->mutex_fd);                 /* which must be free to start */
    l->mutex_fd = -1;
  }
  if (l->mutex_fd >= 0 || reader || qq_sendmutex_inherited(q->fd) >= 0) return 1;
  reader = qq_queue_is_read(q, why);
  l->way = QQ_ONLINE;
  return reader ? reader : held_by(q, l->daemon, why);
}

/* Whoever holds the lock on info/, or 0. */
static pid_t other_run(qq_queue_lock const *l)
{
  struct stat st;
  return fstat(l->info_fd, &st) < 0 ? 0 : qq_os_lock_holder(st.st_dev, st.st_ino);
}

static int refuse_other(qq_queue const *q, pid_t holder, stralloc *why)
{
  if (holder) return qq_refuse(why, EBUSY, _("%s/%s is locked: process %ld is changing this queue"),
    q->path, QQ_NAME_INFO, (long)holder);
  return qq_refuse(why, EBUSY, _("%s/%s is locked: another program is changing this queue"),
    q->path, QQ_NAME_INFO);
}

/* Waits for the other run that changes the queue. */
static int lock_info(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  uint64_t const end = qq_now() + l->patience;
  int r, is_told = 0;
  while (!(r = qq_os_flock(l->info_fd)) && qq_now() < end) {
    if (!is_told && l->waits_for) l->waits_for(other_run(l));
    is_told = 1;
    qq_sleep(LOCK_PAUSE);
  }
  if (r < 0) return qq_unable(why, _("unable to lock %s/%s"), q->path, QQ_NAME_INFO);
  if (!r) return refuse_other(q, other_run(l), why);
  return 1;
}

/* Where there is no info/, as in the middle of a rebuild, the queue itself is locked. */
static int open_info(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  l->info_fd = qq_queue_directory(q->fds[QQ_INFO] < 0 ? q->fd : q->fds[QQ_INFO], ".");
  return l->info_fd < 0 ? qq_unable(why, _("unable to open %s/%s"), q->path, QQ_NAME_INFO) : 1;
}

/* It is closed before the first tree is moved, and until the last one is in its place. Who may not
   search the queue, as nobody in a copy of root's, has its trees open all the same. */
int qq_queue_is_same(qq_queue const *q, stralloc *why)
{
  int const had = q->fds[QQ_INFO] >= 0;
  struct stat ours, st;
  int const r = had && fstat(q->fds[QQ_INFO], &ours) < 0 ? -1
    : qq_is_there(q->fd, QQ_NAME_INFO, &st);
  int const e = errno;
  if (!q->was_closed && qq_queue_is_open(q->fd, q->path, why) < 0) return -1;
  if (r < 0 && e == EACCES) return 1;
  errno = e;
  if (r < 0) return qq_unable(why, _("unable to look at %s/%s"), q->path, QQ_NAME_INFO);
  if (r == had && (!r || (st.st_ino == ours.st_ino && st.st_dev == ours.st_dev))) return 1;
  return qq_refuse(why, EAGAIN, _("%s has been rebuilt meanwhile: run it again"), q->path);
}

int qq_queue_lock_take(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  l->mutex_fd = l->info_fd = -1;
  l->daemon = 0;
  if (open_info(l, q, why) > 0 && lock_info(l, q, why) > 0 && qq_queue_is_same(q, why) > 0
    && decide(l, q, why) > 0) return 1;
  qq_queue_lock_release(l);
  return -1;
}

int qq_queue_lock_probe(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  int reader = has_reader(q, why);
  l->mutex_fd = l->info_fd = -1;
  l->daemon = 0;
  if (!reader && qq_sendmutex_holder(q->fd, &l->daemon) > 0 && l->daemon)
    reader = qq_queue_is_read(q, why);
  l->way = reader ? QQ_ONLINE : QQ_OFFLINE;
  return reader < 0 ? -1 : 1;
}

int qq_queue_lock_release(qq_queue_lock *l)
{
  int const left = l->mutex_fd >= 0 && qq_instance_end_strays(l->queue_fd);
  if (l->mutex_fd >= 0) fd_close(l->mutex_fd);
  if (l->info_fd >= 0) fd_close(l->info_fd);
  l->mutex_fd = l->info_fd = -1;
  return left;
}

void qq_queue_lock_pause(qq_queue_lock *l)
{
  qq_os_funlock(l->info_fd);
}

int qq_queue_lock_go_on(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  int reader;
  if (lock_info(l, q, why) < 0 || qq_queue_is_same(q, why) < 0) return -1;
  reader = qq_queue_is_read(q, why);
  return reader ? reader : qq_refuse(why, EAGAIN, _("qmail-send does not run any more on "
    "%s"), q->path);
}
