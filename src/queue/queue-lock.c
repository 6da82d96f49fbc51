#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/change.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/text.h>

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
  if (holder) qq_say(why, _("%s/%s is locked by process %ld, but nobody reads %s: qmail-send is starting or stopping, a child outlived it, or `qsvc stopped' runs a command"),
    q->path, QQ_NAME_SENDMUTEX, (long)holder, QQ_NAME_TRIGGER);
  else qq_say(why, _("%s/%s is locked, but nobody reads %s: qmail-send is starting or stopping, a child outlived it, or `qsvc stopped' runs a command"),
    q->path, QQ_NAME_SENDMUTEX, QQ_NAME_TRIGGER);
  errno = EBUSY;
  return -1;
}

static int decide(qq_queue_lock *c, qq_queue const *q, stralloc *why)
{
  int reader;
  c->mutex_fd = qq_sendmutex_take(q->fd, &c->daemon);
  if (c->mutex_fd < 0 && errno != EBUSY) return fail(why, _("take"), q->path, QQ_NAME_SENDMUTEX);
  reader = has_reader(q, why);
  if (reader < 0) return -1;
  c->way = reader ? QQ_ONLINE : QQ_OFFLINE;
  if (c->mutex_fd >= 0) {
    if (!reader) return 1;
    close(c->mutex_fd);         /* a qmail-todo outlived its qmail-send, which must be free to start */
    c->mutex_fd = -1;
    return 1;
  }
  if (reader || qq_sendmutex_inherited(q->fd) >= 0) return 1;
  reader = ask_for_reader(q, why);
  c->way = QQ_ONLINE;
  return reader ? reader : held_by(q, c->daemon, why);
}

static int lock_info(qq_queue_lock *c, qq_queue const *q, stralloc *why)
{
  int r;
  c->info_fd = openat(q->fd, QQ_NAME_INFO, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (c->info_fd < 0) return fail(why, _("open"), q->path, QQ_NAME_INFO);
  r = qq_os_flock(c->info_fd);
  if (r < 0) return fail(why, _("lock"), q->path, QQ_NAME_INFO);
  if (r) return 1;
  qq_say(why, _("%s/%s is locked: another program is changing this queue"), q->path, QQ_NAME_INFO);
  errno = EBUSY;
  return -1;
}

int qq_queue_lock_take(qq_queue_lock *c, qq_queue const *q, stralloc *why)
{
  c->mutex_fd = c->info_fd = -1;
  c->daemon = 0;
  if (lock_info(c, q, why) > 0 && decide(c, q, why) > 0) return 1;
  qq_queue_lock_release(c);
  return -1;
}

int qq_queue_lock_probe(qq_queue_lock *c, qq_queue const *q, stralloc *why)
{
  int const reader = has_reader(q, why);
  c->mutex_fd = c->info_fd = -1;
  c->daemon = 0;
  c->way = reader ? QQ_ONLINE : QQ_OFFLINE;
  return reader < 0 ? -1 : 1;
}

void qq_queue_lock_release(qq_queue_lock *c)
{
  if (c->mutex_fd >= 0) fd_close(c->mutex_fd);
  if (c->info_fd >= 0) fd_close(c->info_fd);
  c->mutex_fd = c->info_fd = -1;
}
