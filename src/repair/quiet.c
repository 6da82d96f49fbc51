/* Whether a qmail-queue is at work, whose body is still coming: it knows the layout as it was when
   it was built, goes on through a rebuild, and would link its envelope to where nobody looks any
   more. It works in the queue, and has its file in pid/ open, or in mess/ or intd/. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/id.h>
#include <qq/os.h>
#include <qq/repair.h>

/* What root may not look at has more rights than root, as the first process of a container: that is
   no qmail-queue. */
static int works_in(qq_os_process const *p, struct stat const *queue)
{
  int const r = p->pid == getpid() ? 0
    : qq_os_process_works_in(p->pid, queue->st_dev, queue->st_ino);
  return r < 0 && errno == EACCES ? 0 : r;
}

/* Looks for who works in the queue. */
static int find_worker(qq_queue const *q, int *busy, stralloc *why)
{
  genalloc all = GENALLOC_ZERO;
  struct stat st;
  size_t i;
  int r = fstat(q->fd, &st) < 0 ? -1 : qq_os_processes(&all);
  for (i = 0; r > 0 && !*busy && i < genalloc_len(qq_os_process, &all); i++) {
    qq_os_process const *p = &genalloc_s(qq_os_process, &all)[i];
    int const works = works_in(p, &st);
    if (works < 0) r = -1;
    if (works < 1) continue;
    *busy = 1;
    qq_fmt(why, _("process %ld (%s) works in %s, as a qmail-queue does that is taking a message"),
      (long)p->pid, p->name, q->path);
  }
  genalloc_free(qq_os_process, &all);
  return r;
}

/* Looks for who has a file of theirs open. */
static int find_open(qq_queue const *q, int *busy, stralloc *why)
{
  static char const *const names[] = { QQ_NAME_PID, QQ_NAME_MESS, QQ_NAME_INTD };
  genalloc ours = GENALLOC_ZERO, open = GENALLOC_ZERO;
  struct stat st;
  size_t i;
  int r = fstat(q->fd, &st) < 0 ? -1 : qq_os_open_inodes(st.st_dev, &open);
  for (i = 0; r > 0 && i < sizeof names / sizeof *names; i++)
    r = qq_inodes_read(&ours, q->fd, names[i]);
  if (r > 0) qq_numbers_sort(&ours, 0);
  for (i = 0; r > 0 && !*busy && i < genalloc_len(uint64_t, &open); i++)
    *busy = qq_numbers_have(&ours, genalloc_s(uint64_t, &open)[i]);
  if (r > 0 && *busy) qq_fmt(why, _("a process has a message of %s open, as a qmail-queue has that "
    "is taking it"), q->path);
  genalloc_free(uint64_t, &open);
  genalloc_free(uint64_t, &ours);
  return r;
}

int qq_fix_is_busy(qq_queue const *q, int *busy, stralloc *why)
{
  *busy = 0;
  if (find_worker(q, busy, why) > 0 && (*busy || find_open(q, busy, why) > 0)) return 1;
  return qq_unable(why, "%s", _("unable to see whether a qmail-queue is at work"));
}
