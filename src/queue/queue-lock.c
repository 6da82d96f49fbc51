#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/change.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>

/* A starting qmail-send has the mutex a moment before it reads the trigger, and a stopping one a
   moment after. */
#define ASK_TIMES 11
#define ASK_NANOSECONDS 100000000

static int fail(stralloc *why, char const *what, char const *path, char const *name)
{
  return qq_unable(why, _("unable to %s %s/%s"), what, path, name);
}

static int has_reader(qq_queue const *q, stralloc *why)
{
  int const r = qq_trigger_has_reader(q->fd);
  return r < 0 ? fail(why, _("open"), q->path, QQ_NAME_TRIGGER) : r;
}

/* Somebody has the mutex. If it is qmail-send, it reads the trigger sooner or later. */
static int ask_for_reader(qq_queue const *q, stralloc *why)
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
    _("%s/%s is locked by process %ld, but nobody reads %s: qmail-send is starting or stopping, "
      "a child outlived it, or `qsvc stopped' runs a command"),
    q->path, QQ_NAME_SENDMUTEX, (long)holder, QQ_NAME_TRIGGER);
  return qq_refuse(why, EBUSY,
    _("%s/%s is locked, but nobody reads %s: qmail-send is starting or stopping, "
      "a child outlived it, or `qsvc stopped' runs a command"),
    q->path, QQ_NAME_SENDMUTEX, QQ_NAME_TRIGGER);
}

static int decide(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  int reader;
  l->mutex_fd = qq_sendmutex_take(q->fd, &l->daemon);
  if (l->mutex_fd < 0 && errno != EBUSY) return fail(why, _("take"), q->path, QQ_NAME_SENDMUTEX);
  reader = has_reader(q, why);
  if (reader < 0) return -1;
  l->way = reader ? QQ_ONLINE : QQ_OFFLINE;
  if (l->mutex_fd >= 0 && reader) {     /* a qmail-todo outlived its qmail-send, */
    close(l->mutex_fd);                 /* which must be free to start */
    l->mutex_fd = -1;
  }
  if (l->mutex_fd >= 0 || reader || qq_sendmutex_inherited(q->fd) >= 0) return 1;
  reader = ask_for_reader(q, why);
  l->way = QQ_ONLINE;
  return reader ? reader : held_by(q, l->daemon, why);
}

static int lock_info(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  int r;
  l->info_fd = qq_queue_directory(q->fd, QQ_NAME_INFO);
  if (l->info_fd < 0) return fail(why, _("open"), q->path, QQ_NAME_INFO);
  r = qq_os_flock(l->info_fd);
  if (r > 0) return 1;
  return r < 0 ? fail(why, _("lock"), q->path, QQ_NAME_INFO) : qq_refuse(why, EBUSY,
    _("%s/%s is locked: another program is changing this queue"), q->path, QQ_NAME_INFO);
}

int qq_queue_lock_take(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  l->mutex_fd = l->info_fd = -1;
  l->daemon = 0;
  if (lock_info(l, q, why) > 0 && decide(l, q, why) > 0) return 1;
  qq_queue_lock_release(l);
  return -1;
}

int qq_queue_lock_probe(qq_queue_lock *l, qq_queue const *q, stralloc *why)
{
  int const reader = has_reader(q, why);
  l->mutex_fd = l->info_fd = -1;
  l->daemon = 0;
  l->way = reader ? QQ_ONLINE : QQ_OFFLINE;
  return reader < 0 ? -1 : 1;
}

void qq_queue_lock_release(qq_queue_lock *l)
{
  if (l->mutex_fd >= 0) fd_close(l->mutex_fd);
  if (l->info_fd >= 0) fd_close(l->info_fd);
  l->mutex_fd = l->info_fd = -1;
}
