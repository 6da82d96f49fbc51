/* One program at a time starts or stops it. */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <qq/file.h>
#include <qq/lock.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/server.h>
#include <qq/text.h>

int qq_server_busy(qq_server const *s, pid_t *who)
{
  struct stat st;
  *who = 0;
  if (qq_stat_below(s->queue_fd, QQ_NAME_LOCK, &st) < 0) return -1;
  *who = qq_os_lock_holder(st.st_dev, st.st_ino);
  return 1;
}

int qq_server_lock(qq_server *s)
{
  pid_t holder;
  int fd, r;
  s->why.len = 0;
  if (qq_sendmutex_inherited(s->queue_fd) >= 0)
    return qq_refuse(&s->why, EDEADLK,
      _("this runs under `qsvc stopped', which starts qmail-send again by itself"));
  fd = qq_open_below(s->queue_fd, QQ_NAME_LOCK, O_RDONLY | O_DIRECTORY);
  r = fd < 0 ? -1 : qq_os_flock(fd);
  if (r > 0) return 1;          /* until the process ends */
  if (r < 0 || qq_server_busy(s, &holder) < 0)
    return qq_unable(&s->why, _("unable to lock the directory %s of the queue"), QQ_NAME_LOCK);
  return qq_refuse(&s->why, EBUSY, holder ?
    _("another program starts or stops this qmail just now (process %ld)") :
    _("another program starts or stops this qmail just now"), (long)holder);
}
