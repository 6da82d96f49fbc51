/* The rebuild, from closing the queue to opening it. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/os.h>
#include <qq/when.h>
#include <qq/repair.h>

/* Between two looks for a qmail-queue, in nanoseconds. */
#define PAUSE 50000000

/* The mode of a queue of which nobody knows what it was (hier.c:hier). */
static int open_by_hand(qq_fix *f)
{
  mode_t mode = 0750;
  size_t i;
  for (i = 0; qq_fixtures[i].name; i++)
    if (!strcmp(qq_fixtures[i].name, ".")) mode = qq_fixtures[i].mode & 07777;
  return fchmod(f->queue_fd, mode) < 0 || fsync(f->queue_fd) < 0 ? qq_fix_unable(f, ".") : 1;
}

/* ---- one that was interrupted ---- */

int qq_rebuild_look(qq_rebuild_state *state, int queue_fd, stralloc *why)
{
  static char const *const names[] = { QQ_NAME_FIX, QQ_NAME_FIX_READY, QQ_NAME_FIX_DONE };
  struct stat st;
  int is_there[3], i;
  if (fstat(queue_fd, &st) < 0) return qq_unable(why, "%s", _("unable to look at the queue"));
  for (i = 0; i < 3; i++) {
    struct stat of_name;
    is_there[i] = !qq_stat_below(queue_fd, names[i], &of_name);
    if (!is_there[i] && errno != ENOENT)
      return qq_unable_with(why, _("unable to look at %s"), names[i]);
  }
  *state = is_there[1] || is_there[2] ? QQ_REBUILD_READY : is_there[0] ? QQ_REBUILD_BEGUN
    : st.st_mode & 07777 ? QQ_REBUILD_NONE : QQ_REBUILD_CLOSED;
  return 1;
}

int qq_rebuild_recover(qq_rebuild_state state, int queue_fd, char const *path, stralloc *lost,
  stralloc *why)
{
  qq_fix f = QQ_FIX(queue_fd, path, why);
  int r = 1;
  lost->len = 0;
  if (state == QQ_REBUILD_CLOSED) r = open_by_hand(&f);
  else if (state != QQ_REBUILD_NONE && (r = qq_fix_open(&f)) > 0) {
    r = qq_fix_open_all(&f);
    if (r > 0) r = state == QQ_REBUILD_READY ? qq_fix_swap(&f, lost) : qq_fix_open_queue(&f);
  }
  qq_fix_end(&f);
  return r < 0 ? -1 : 1;
}

/* ---- a new one ---- */

static int is_other_layout(qq_rebuild const *r)
{
  qq_queue const *from = r->queue, *to = r->shape;
  return from->split != to->split || from->todo_is_split != to->todo_is_split
    || from->intd_is_split != to->intd_is_split;
}

/* For another layout, as soon as no qmail-queue is at work: one may have come in right before the
   queue was closed. */
static int close_idle_queue(qq_fix *f, qq_rebuild *r)
{
  int busy;
  if (qq_fix_is_busy(r->queue, &busy, f->why) < 0) return -1;
  if (busy) return 0;
  if (qq_fix_close_queue(f) < 0 || qq_fix_is_busy(r->queue, &busy, f->why) < 0) return -1;
  if (!busy) return 1;
  if (qq_fix_open_queue(f) < 0) return -1;
  qq_fix_end(f);
  return 0;
}

static int close_queue(qq_fix *f, qq_rebuild *r)
{
  uint64_t const end = qq_now() + r->patience;
  int good;
  if (!is_other_layout(r)) return qq_fix_close_queue(f);
  while (!(good = close_idle_queue(f, r)) && qq_now() < end) {
    f->why->len = 0;
    qq_sleep(PAUSE);
  }
  if (!good) errno = EBUSY;
  return good > 0 ? 1 : -1;
}

static int make_plan(qq_fix *f, qq_rebuild *r, qq_plan *plan)
{
  if (qq_plan_make(plan, r->queue, f->why) < 0) return -1;
  return r->adjust ? r->adjust(r->to, plan, f->why) : 1;
}

/* Before the queue is closed: what has no place could not come to anything else. */
static int can_lose(qq_fix *f)
{
  char const *const lost = QQ_WITHIN_FIX(QQ_NAME_FIX_LOST);
  struct stat queue, st;
  int r = qq_is_there(f->queue_fd, lost, &st);
  if (r > 0 && fstat(f->queue_fd, &queue) < 0) r = -1;
  else if (r > 0 && !S_ISDIR(st.st_mode)) errno = ENOTDIR, r = -1;
  else if (r > 0 && st.st_dev != queue.st_dev) errno = EXDEV, r = -1;
  return r < 0 ? qq_fix_unable(f, lost) : 1;
}

/* On the disk before the new trees are in their place: nobody knows it later. */
static int write_report(qq_fix *f, stralloc const *report)
{
  qq_owner const owner = qq_owner_self(0600);
  if (!report->len) return 1;
  return qq_replace(f->lost_fd, QQ_NAME_REPORT, report->s, report->len, &owner) < 0
    ? qq_fix_unable(f, QQ_NAME_FIX_LOST) : 1;
}

static int set_ready(qq_fix *f)
{
  int const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int fd;
  if (qq_os_syncfs(f->queue_fd) < 0) return qq_fix_unable(f, ".");
  fd = openat(f->fd, QQ_WITHIN_FIX(QQ_NAME_FIX_READY), flags, 0600);
  if (fd < 0 || fsync(f->fd) < 0) qq_fix_unable(f, QQ_NAME_FIX_READY);
  if (fd < 0) return -1;
  fd_close(fd);
  return f->why->len ? -1 : 1;
}

/* As it was, if that is to be had: the reason is kept. */
static void take_back(qq_fix *f)
{
  int const e = errno;
  stralloc *const why = f->why;
  stralloc second = STRALLOC_ZERO;
  f->why = &second;
  if (f->fd >= 0 && qq_fix_open_queue(f) < 0) qq_fmt(why, "; %.*s", (int)second.len, second.s);
  f->why = why;
  stralloc_free(&second);
  errno = e;
}

static int is_closed(int queue_fd)
{
  struct stat st;
  int const e = errno;
  int const closed = !fstat(queue_fd, &st) && !(st.st_mode & 07777);
  errno = e;
  return closed;
}

int qq_rebuild_run(qq_rebuild *r, int *stays_closed, stralloc *why)
{
  qq_fix f = QQ_FIX(r->queue->fd, r->queue->path, why);
  qq_plan plan = QQ_PLAN_ZERO;
  int good;
  r->lost.len = 0;
  good = can_lose(&f) > 0 && close_queue(&f, r) > 0 && make_plan(&f, r, &plan) > 0
    && qq_fix_build(&f, r, &plan) > 0 && write_report(&f, r->report) > 0 && set_ready(&f) > 0;
  if (!good) take_back(&f);
  else good = qq_fix_swap(&f, &r->lost) > 0;
  *stays_closed = is_closed(r->queue->fd);
  qq_plan_free(&plan);
  qq_fix_end(&f);
  return good ? 1 : -1;
}
