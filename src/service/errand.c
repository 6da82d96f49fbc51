#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <qq/errand.h>
#include <qq/gettext.h>
#include <qq/names.h>
#include <qq/os.h>
#include <qq/say.h>
#include <qq/sendmutex.h>
#include <qq/turn.h>
#include <qq/when.h>

/* Who runs, and what starts it. */
typedef struct errand { qq_instance instance; qq_service service; } errand;
#define ERRAND_ZERO { QQ_INSTANCE_ZERO, QQ_SERVICE_ZERO }

static void done(errand *e)
{
  qq_instance_free(&e->instance);
  qq_service_free(&e->service);
}

/* Returns 1; 0: it does not run; -1. */
static int find(errand *e, int queue_fd, char const *home, stralloc *why)
{
  if (qq_instance_look(&e->instance, queue_fd) < 0) return qq_unable(why, _("unable to see what runs on the queue"));
  if (!e->instance.runs) return 0;
  if (qq_service_find(&e->service, 0, &e->instance, home, why) < 0) return -1;
  qq_service_lend(&e->service, &e->instance);
  return 1;
}

int qq_errand_open(char const *home, stralloc *why)
{
  stralloc queue = STRALLOC_ZERO;
  int fd = -1, e;
  if (qq_say(&queue, "%s/%s", home, QQ_NAME_QUEUE) && stralloc_0(&queue)) fd = open(queue.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  e = errno;
  if (fd < 0) qq_say(why, _("unable to open %s/%s: %s"), home, QQ_NAME_QUEUE, strerror(e));
  stralloc_free(&queue);
  errno = e;
  return fd;
}

int qq_errand_tell(int queue_fd, char const *home, qq_order order, stralloc *why)
{
  errand e = ERRAND_ZERO;
  int r = find(&e, queue_fd, home, why);
  if (r > 0) r = qq_service_order(&e.service, &e.instance, order, why);
  done(&e);
  return r;
}

int qq_errand_busy(int queue_fd, pid_t *who)
{
  struct stat st;
  *who = 0;
  if (fstatat(queue_fd, QQ_NAME_LOCK, &st, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  *who = qq_os_lock_holder(st.st_dev, st.st_ino);
  return 1;
}

int qq_errand_lock(int queue_fd, stralloc *why)
{
  struct stat st;
  int fd, r;
  if (qq_sendmutex_inherited(queue_fd) >= 0) return qq_refuse(why, EDEADLK, _("this runs under `qsvc stopped', which starts qmail-send again by itself"));
  fd = openat(queue_fd, QQ_NAME_LOCK, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  r = fd < 0 ? -1 : qq_os_flock(fd);
  if (r > 0) return 1;          /* until the process ends */
  if (!r && !fstat(fd, &st)) {
    pid_t const holder = qq_os_lock_holder(st.st_dev, st.st_ino);
    if (!holder) return qq_refuse(why, EBUSY, _("another program starts or stops this qmail just now"));
    return qq_refuse(why, EBUSY, _("another program starts or stops this qmail just now (process %ld)"),
      (long)holder);
  }
  return qq_unable(why, _("unable to lock the directory %s of the queue"), QQ_NAME_LOCK);
}

/* What is told to end meanwhile ends when it is up again. */
static void hold_signals(sigset_t *before)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGQUIT);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_BLOCK, &set, before);
}

static int restart(qq_turn *t, stralloc *why)
{
  qq_turned turned;
  if (!qq_service_can_start(t->service, why)) return -1;
  turned = qq_turn_stop(t, why);
  if (turned == QQ_TURN_FAILED) return -1;     /* TIME_OVER, as there is no deadline: what is left is of one that was killed before, and the next can start beside it */
  t->deadline = qq_now() + QQ_START_SECONDS * QQ_SECOND;
  turned = qq_turn_start(t, why);
  if (turned == QQ_TURN_TIME_OVER) errno = ETIMEDOUT;
  return turned < QQ_TURN_DONE ? -1 : 1;
}

int qq_errand_restart(int queue_fd, char const *home, stralloc *why)
{
  errand e = ERRAND_ZERO;
  qq_turn t;
  int r = find(&e, queue_fd, home, why);
  if (r > 0) r = qq_errand_lock(queue_fd, why);
  memset(&t, 0, sizeof t);
  t.queue_fd = queue_fd;
  t.instance = &e.instance;
  t.service = &e.service;
  if (r > 0) {
    sigset_t before;
    hold_signals(&before);
    r = restart(&t, why);
    sigprocmask(SIG_SETMASK, &before, 0);
  }
  done(&e);
  return r;
}
