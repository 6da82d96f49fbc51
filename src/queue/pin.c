#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/change.h>
#include <qq/names.h>
#include <qq/when.h>

static int refuse(qq_pin const *pin, unsigned int tree, int e, char const *text, stralloc *why)
{
  return qq_queue_refuse(why, e, pin->shard->queue, tree, pin->id, text);
}

static int unreadable(qq_pin const *pin, unsigned int tree, stralloc *why)
{
  return refuse(pin, tree, errno, strerror(errno), why);
}

/* Read or written lately enough for its qmail-queue to be alive (qmail-send.c:cleanup_do looks at
   the access time). */
static int is_recent(struct stat const *st)
{
  time_t const now = (time_t)(qq_now() / QQ_SECOND);
  return now - st->st_atim.tv_sec <= QQ_OSSIFIED || now - st->st_mtim.tv_sec <= QQ_OSSIFIED;
}

/* Says whether the message has a file in the tree. */
static int has_file(qq_pin const *pin, unsigned int tree, stralloc *why)
{
  struct stat st;
  if (qq_shard_stat(pin->shard, tree, pin->id, &st) > 0) return 1;
  return errno == ENOENT ? 0 : unreadable(pin, tree, why);
}

/* todo is looked for after info: what is in both is new. What is in neither may have gone from the
   one to the other in between. */
static int find_state(qq_pin *pin, struct stat const *mess, stralloc *why)
{
  int has_info = has_file(pin, QQ_INFO, why);
  int const has_todo = has_info < 0 ? -1 : has_file(pin, QQ_TODO, why);
  if (!has_info && !has_todo) has_info = has_file(pin, QQ_INFO, why);
  if (has_info < 0 || has_todo < 0) return -1;
  if (has_todo) pin->state = QQ_STATE_NEW;
  else if (has_info) pin->state = QQ_STATE_PREPROCESSED;
  else pin->state = qq_queue_is_over(pin->shard->queue, mess->st_uid) || !is_recent(mess)
    ? QQ_STATE_REMAINS : QQ_STATE_WRITING;
  return 1;
}

static int check(qq_pin *pin, uint64_t stamp, stralloc *why)
{
  qq_queue const *q = pin->shard->queue;
  struct stat st;
  if (fstat(pin->fd, &st) < 0) return unreadable(pin, QQ_MESS, why);
  if (!S_ISREG(st.st_mode)) return refuse(pin, QQ_MESS, EINVAL, _("is not a regular file"), why);
  if (!st.st_nlink || (stamp != QQ_UNSTAMPED && stamp != qq_stamp(&st))) return 0;
  /* a hard link of somebody who cannot open it (link(2)) */
  if (st.st_nlink > 1) return refuse(pin, QQ_MESS, EMLINK,
    _("has another name, too, and may be somebody else's file; nothing is done to it"), why);
  if (st.st_uid && st.st_uid != q->qmailq && st.st_uid != q->qmails)
    return refuse(pin, QQ_MESS, EPERM,
      _("has a foreign owner, expected those of mess/ or info/, or root"), why);
  pin->owner = st.st_uid;
  pin->mode = st.st_mode & 07777;
  pin->stamp = qq_stamp(&st);
  pin->is_inode = st.st_ino == pin->id;
  return find_state(pin, &st, why);
}

int qq_pin_message(qq_pin *pin, qq_shard *shard, qq_id const *id, stralloc *why)
{
  int r;
  pin->shard = shard;
  pin->id = id->id;
  pin->fd = qq_shard_open(shard, QQ_MESS, id->id, O_RDONLY);
  if (pin->fd < 0) return errno == ENOENT ? 0 : unreadable(pin, QQ_MESS, why);
  r = check(pin, id->stamp, why);
  if (r != 1) qq_unpin(pin);
  return r;
}

int qq_pin_online(qq_pin *pin, qq_shard *shard, qq_id const *id, stralloc *why)
{
  int const r = qq_pin_message(pin, shard, id, why);
  if (r != 1 || pin->is_inode) return r;
  qq_unpin(pin);
  return refuse(pin, QQ_MESS, EINVAL,
    _("its name is not its inode number, as after a backup was restored; "
      "such a message can only be changed while qmail-send is stopped"), why);
}

int qq_pin_has_ended(qq_pin const *pin)
{
  struct stat st;
  return fstat(pin->fd, &st) < 0 ? -1 : !st.st_nlink;
}

static int is_ours(mode_t mode)
{
  return mode == QQ_MODE_PLAIN || mode == QQ_MODE_BEGUN || mode == QQ_MODE_UNDER_WAY;
}

int qq_pin_mark(qq_pin *pin, mode_t mode)
{
  if (pin->mode == mode) return 1;
  if (fchmod(pin->fd, mode) < 0) return -1;
  pin->mode = mode;
  return 1;
}

qq_removal qq_pin_removal(qq_pin const *pin)
{
  struct stat st;
  st.st_uid = pin->owner;
  st.st_mode = pin->mode;
  return qq_queue_removal(pin->shard->queue, &st);
}

int qq_pin_give(qq_pin *pin, uid_t owner)
{
  if (pin->owner == owner) return 1;
  if (!owner && !is_ours(pin->mode) && qq_pin_mark(pin, QQ_MODE_PLAIN) < 0) return -1;
  if (fchown(pin->fd, owner, (gid_t)-1) < 0) return -1;
  pin->owner = owner;
  return 1;
}

void qq_unpin(qq_pin *pin)
{
  if (pin->fd >= 0) fd_close(pin->fd);
  pin->fd = -1;
}
