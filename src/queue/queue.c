#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/names.h>
#include "layout.h"

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
  if (!qq_queue_is_split(q, tree)) return qq_say(sa, "%s/%llu", q->trees[tree], name);
  return qq_say(sa, "%s/%u/%llu", q->trees[tree], (unsigned int)(id % q->split), name);
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

int qq_queue_numbered(qq_queue const *q, char const *tree, unsigned int number)
{
  stralloc name = STRALLOC_ZERO;
  int fd = -1;
  if (qq_say(&name, "%s/%u", tree, number)) fd = qq_queue_directory(q->fd, name.s);
  stralloc_free(&name);
  return fd;
}

/* The names of all trees: the fixed ones, then those of the other channels. */
static int name_trees(qq_queue *q)
{
  unsigned int i, extra;
  stralloc name = STRALLOC_ZERO;
  q->channels = qq_channels(q->fd);
  extra = q->channels - 2;
  q->trees = calloc(FIXED + extra, sizeof *q->trees);
  for (i = 0; q->trees && i < FIXED + extra; i++) {
    if (i >= FIXED && !qq_channel_name(&name, 2 + i - (unsigned int)FIXED)) break;
    q->trees[i] = strdup(i < FIXED ? fixed[i] : name.s);
    if (!q->trees[i]) break;
  }
  stralloc_free(&name);
  return q->trees && i == FIXED + extra ? 1 : -1;
}

static int owners(qq_queue *q)
{
  struct stat mess, info;
  if (fstatat(q->fd, QQ_NAME_MESS, &mess, AT_SYMLINK_NOFOLLOW) < 0
    || fstatat(q->fd, QQ_NAME_INFO, &info, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  q->qmailq = mess.st_uid;
  q->group = mess.st_gid;
  q->qmails = info.st_uid;
  return 1;
}

int qq_queue_open(qq_queue *q, char const *path, stralloc *why)
{
  int e;
  memset(q, 0, sizeof *q);
  q->path = path;
  q->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (q->fd >= 0 && qq_layout_find(q, why) > 0 && name_trees(q) > 0 && owners(q) > 0) return 1;
  if (!why->len) qq_unable(why, _("unable to open the queue %s"), path);
  e = errno;
  qq_queue_close(q);
  errno = e;
  return -1;
}

void qq_queue_close(qq_queue *q)
{
  unsigned int i;
  if (q->trees)
    for (i = 0; i < QQ_CHANNEL + q->channels; i++) free(q->trees[i]);
  free(q->trees);
  q->trees = 0;
  if (q->fd >= 0) close(q->fd);
  q->fd = -1;
}
