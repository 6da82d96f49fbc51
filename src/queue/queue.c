#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/os.h>
#include "queue-private.h"

static char const *const fixed[] = {
  QQ_NAME_MESS, QQ_NAME_INFO, QQ_NAME_TODO, QQ_NAME_INTD, QQ_NAME_BOUNCE, QQ_NAME_LOCAL,
  QQ_NAME_REMOTE
};
#define FIXED (sizeof fixed / sizeof *fixed)

int qq_queue_is_split(qq_queue const *q, unsigned int tree)
{
  switch (tree) {
    case QQ_BOUNCE: return 0;
    case QQ_TODO: return q->todo_is_split;
    case QQ_INTD: return q->intd_is_split;
    default: return 1;
  }
}

int qq_queue_channel(qq_queue const *q, char const *name)
{
  unsigned int i;
  for (i = 0; i < q->channels; i++)
    if (!strcmp(name, q->trees[QQ_CHANNEL + i])) return (int)i;
  return -1;
}

size_t qq_queue_prefix(qq_queue const *q, int channel, char const *address, size_t n)
{
  return q->prefixes && channel == (int)QQ_CHANNEL_LOCAL
    ? qq_prefix_length(q->prefixes, address, n) : 0;
}

void qq_queue_reader(qq_queue const *q, uid_t *uid, gid_t *gid)
{
  struct passwd const *nobody = 0;
  if (!q->qmails) qq_getpw_name(&nobody, "nobody");
  *uid = q->qmails ? q->qmails : nobody ? nobody->pw_uid : QQ_NOBODY;
  *gid = q->qmails ? q->group : nobody ? nobody->pw_gid : QQ_NOBODY;
}

int qq_queue_holds(qq_queue const *q, uid_t owner)
{
  return owner == 0 && (q->qmailq == q->qmails || q->qmailq != 0);
}

int qq_queue_is_over(qq_queue const *q, uid_t owner)
{
  return !qq_queue_holds(q, owner) && q->qmailq != q->qmails && owner == q->qmails;
}

qq_removal qq_queue_removal(qq_queue const *q, struct stat const *mess)
{
  mode_t const mode = mess->st_mode & 07777;
  if (!qq_queue_holds(q, mess->st_uid)) return QQ_REMOVAL_NONE;
  return mode == QQ_MODE_BEGUN ? QQ_REMOVAL_BEGUN
    : mode == QQ_MODE_UNDER_WAY ? QQ_REMOVAL_UNDER_WAY : QQ_REMOVAL_NONE;
}

int qq_queue_file(stralloc *sa, qq_queue const *q, unsigned int tree, uint64_t id)
{
  unsigned long long const name = id;
  if (!qq_queue_is_split(q, tree)) return qq_fmt(sa, "%s/%llu", q->trees[tree], name);
  return qq_fmt(sa, "%s/%u/%llu", q->trees[tree], (unsigned int)(id % q->split), name);
}

int qq_queue_say_misplaced(stralloc *sa, qq_queue const *q, unsigned int tree,
  unsigned int directory, uint64_t id)
{
  char const *name = q->trees[tree];
  return qq_fmt(sa, _("%s/%u/%llu: in the wrong split directory, expected it in %s/%u"), name,
    directory, (unsigned long long)id, name, (unsigned int)(id % q->split));
}

int qq_queue_refuse(stralloc *why, int e, qq_queue const *q, unsigned int tree, uint64_t id,
  char const *text)
{
  return qq_refuse(why, e, qq_queue_file(why, q, tree, id) ? ": %s" : "%s", text);
}

int qq_queue_directory(int at, char const *name)
{
  return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int qq_queue_is_absent(int e)
{
  return e == ENOENT || e == ENOTDIR || e == ELOOP;
}

int qq_queue_tree(qq_queue const *q, unsigned int tree)
{
  if (q->fds[tree] >= 0) return q->fds[tree];
  errno = -q->fds[tree];
  return -1;
}

int qq_queue_numbered(qq_queue const *q, unsigned int tree, unsigned int number)
{
  char name[QQ_NUMBER_FMT + 1];
  int const fd = qq_queue_tree(q, tree);
  name[qq_number_format(name, number)] = 0;
  return fd < 0 ? -1 : qq_queue_directory(fd, name);
}

static int is_no_queue(qq_queue const *q, char const *name, stralloc *why)
{
  if (qq_home_name_queues(q->fd, q->path, why) < 0) return -1;
  return qq_refuse(why, EINVAL, _("%s is not a qmail queue: it has no directory "
    "%s"), q->path, name);
}

/* Without bounce/ and intd/ much can still be read: why they could not be opened is for who needs
   them. What is not there otherwise is judged when all were tried. */
static int open_tree(qq_queue *q, unsigned int tree, char const *name, stralloc *why)
{
  q->trees[tree] = strdup(name);
  if (!q->trees[tree]) return -1;
  q->fds[tree] = qq_queue_directory(q->fd, name);
  if (q->fds[tree] >= 0) return 1;
  q->fds[tree] = -errno;
  return tree == QQ_INTD || tree == QQ_BOUNCE || qq_queue_is_absent(errno) ? 1
    : qq_unable(why, _("unable to read %s/%s"), q->path, name);
}

/* The fixed ones, then those of the other channels. */
static int open_trees(qq_queue *q, stralloc *why)
{
  int const channels = qq_channels(q->fd);
  stralloc name = STRALLOC_ZERO;
  unsigned int i, count;
  int r = 1;
  if (channels < 0) return -1;
  q->channels = (unsigned int)channels;
  count = QQ_CHANNEL + q->channels;
  q->trees = calloc(count, sizeof *q->trees);
  q->fds = malloc(count * sizeof *q->fds);
  if (!q->trees || !q->fds) return -1;
  for (i = 0; i < count; i++) q->fds[i] = -1;
  for (i = 0; r > 0 && i < count; i++) {
    if (i >= FIXED && !qq_channel_name(&name, 2 + i - (unsigned int)FIXED)) r = -1;
    else r = open_tree(q, i, i < FIXED ? fixed[i] : name.s, why);
  }
  stralloc_free(&name);
  return r;
}

#define READ_BY_ALL (S_IROTH | S_IXOTH)

/* What there is no queue without. */
static int has_trees(qq_queue const *q, stralloc *why)
{
  unsigned int i;
  for (i = 0; i < QQ_CHANNEL + q->channels; i++)
    if (q->fds[i] < 0 && i != QQ_INTD && i != QQ_BOUNCE) return is_no_queue(q, q->trees[i], why);
  return 1;
}

static void take_owners(qq_queue *q, struct stat const *mess, struct stat const *info)
{
  q->qmailq = mess->st_uid;
  q->group = mess->st_gid;
  q->qmails = info->st_uid;
  q->is_open_to_all = (mess->st_mode & info->st_mode & READ_BY_ALL) == READ_BY_ALL;
}

static int find_owners(qq_queue *q)
{
  struct stat mess, info;
  if (fstat(q->fds[QQ_MESS], &mess) < 0 || fstat(q->fds[QQ_INFO], &info) < 0) return -1;
  take_owners(q, &mess, &info);
  return 1;
}

static int fail(qq_queue *q, stralloc *why)
{
  int const e = errno;
  if (!why->len) qq_unable(why, _("unable to open the queue %s"), q->path);
  qq_queue_close(q);
  errno = e;
  return -1;
}

static void begin(qq_queue *q, char const *path)
{
  memset(q, 0, sizeof *q);
  q->path = path;
}

/* What is missed of a queue that was closed meanwhile, qq-fix has in its hands. */
static int fail_to_open(qq_queue *q, stralloc *why)
{
  stralloc closed = STRALLOC_ZERO;
  int const e = errno;
  if (q->fd >= 0 && qq_queue_is_open(q->fd, q->path, &closed) < 0) {
    stralloc_free(why);
    *why = closed;
  }
  else errno = e;
  return fail(q, why);
}

int qq_queue_open(qq_queue *q, char const *path, stralloc *why)
{
  begin(q, path);
  q->fd = qq_queue_enter(path, why);
  if (q->fd >= 0 && open_trees(q, why) > 0 && has_trees(q, why) > 0 && find_owners(q) > 0
    && qq_layout_find(q, why) > 0) return 1;
  return fail_to_open(q, why);
}

/* Of what is there of mess/ and info/; else of the queue. */
static int find_likely_owners(qq_queue *q)
{
  struct stat mess, info;
  if (fstat(q->fds[QQ_MESS] < 0 ? q->fd : q->fds[QQ_MESS], &mess) < 0
    || fstat(q->fds[QQ_INFO] < 0 ? q->fd : q->fds[QQ_INFO], &info) < 0) return -1;
  take_owners(q, &mess, &info);
  return 1;
}

static int is_closed(int fd)
{
  struct stat st;
  return !fstat(fd, &st) && !(st.st_mode & 07777);
}

int qq_queue_open_damaged(qq_queue *q, char const *path, stralloc *why)
{
  begin(q, path);
  q->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (q->fd < 0) return fail(q, why);
  q->was_closed = is_closed(q->fd);
  if (open_trees(q, why) < 0) return fail(q, why);
  if (q->fds[QQ_MESS] < 0 && q->fds[QQ_INFO] < 0 && q->fds[QQ_TODO] < 0) {
    is_no_queue(q, q->trees[QQ_MESS], why);
    return fail(q, why);
  }
  return find_likely_owners(q) > 0 && qq_layout_find_damaged(q, why) > 0 ? 1 : fail(q, why);
}

void qq_queue_close(qq_queue *q)
{
  unsigned int i;
  for (i = 0; q->trees && i < QQ_CHANNEL + q->channels; i++) free(q->trees[i]);
  for (i = 0; q->fds && i < QQ_CHANNEL + q->channels; i++) if (q->fds[i] >= 0) close(q->fds[i]);
  free(q->trees);
  free(q->fds);
  q->trees = 0;
  q->fds = 0;
  stralloc_free(&q->missing);
  stralloc_free(&q->misplaced);
  if (q->fd >= 0) close(q->fd);
  q->fd = -1;
}
