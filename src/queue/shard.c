#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <skalibs/djbunix.h>
#include <qq/queue.h>

static unsigned int trees(qq_shard const *shard)
{
  return QQ_CHANNEL + shard->queue->channels;
}

int qq_shard_init(qq_shard *shard, qq_queue const *queue)
{
  unsigned int i;
  shard->queue = queue;
  shard->number = 0;
  *shard->name = 0;
  shard->fd = malloc((QQ_CHANNEL + queue->channels) * sizeof *shard->fd);
  if (!shard->fd) return -1;
  for (i = 0; i < trees(shard); i++) shard->fd[i] = -1;
  return 1;
}

/* Also where descriptors run short: each is opened again when it is needed. */
static void close_directories(qq_shard *shard)
{
  unsigned int i;
  for (i = 0; i < trees(shard); i++) {
    if (shard->fd[i] >= 0) close(shard->fd[i]);
    shard->fd[i] = -1;
  }
}

void qq_shard_turn(qq_shard *shard, unsigned int number)
{
  if (number != shard->number) close_directories(shard);
  shard->number = number;
}

int qq_shard_directory_of(qq_shard *shard, unsigned int tree, uint64_t id)
{
  qq_shard_turn(shard, (unsigned int)(id % shard->queue->split));
  return qq_shard_directory(shard, tree);
}

void qq_shard_free(qq_shard *shard)
{
  if (!shard->fd) return;
  close_directories(shard);
  free(shard->fd);
  shard->fd = 0;
}

int qq_shard_directory(qq_shard *shard, unsigned int tree)
{
  qq_queue const *q = shard->queue;
  int *fd = &shard->fd[tree];
  if (!qq_queue_is_split(q, tree)) return qq_queue_tree(q, tree);
  if (*fd < 0) *fd = qq_queue_numbered(q, tree, shard->number);
  if (*fd >= 0 || errno != EMFILE) return *fd;
  close_directories(shard);
  return *fd = qq_queue_numbered(q, tree, shard->number);
}

/* The file name of the message; several files in a row are the same message's. */
static char const *name_of(qq_shard *shard, uint64_t id)
{
  if (!*shard->name || shard->named != id) {
    shard->name[qq_number_format(shard->name, id)] = 0;
    shard->named = id;
  }
  return shard->name;
}

int qq_shard_open(qq_shard *shard, unsigned int tree, uint64_t id, int flags)
{
  int directory = qq_shard_directory_of(shard, tree, id), fd;
  flags |= O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  if (directory < 0) return -1;
  fd = openat(directory, name_of(shard, id), flags);
  if (fd >= 0 || errno != EMFILE) return fd;
  close_directories(shard);
  directory = qq_shard_directory(shard, tree);
  return directory < 0 ? -1 : openat(directory, name_of(shard, id), flags);
}

/* qmail-queue makes todo as a link to intd, which qmail-clean unlinks first of the two. */
static int is_in_intd(qq_shard *shard, uint64_t id, struct stat const *todo)
{
  struct stat st;
  return qq_shard_stat(shard, QQ_INTD, id, &st) > 0 && st.st_ino == todo->st_ino
    && st.st_dev == todo->st_dev;
}

/* Returns 1; or 0 with errno, EMLINK if the file has a name that is not its own. */
static int may_be_changed(qq_shard *shard, unsigned int tree, uint64_t id, int fd)
{
  struct stat st;
  if (fstat(fd, &st) < 0) return 0;
  if (!S_ISREG(st.st_mode) || st.st_nlink <= 1) return 1;
  if (st.st_nlink == 2 && tree == QQ_TODO) {
    if (is_in_intd(shard, id, &st)) return 1;
    /* It may have gone from there between the two looks. */
    if (fstat(fd, &st) < 0) return 0;
    if (st.st_nlink <= 1) return 1;
  }
  return errno = EMLINK, 0;
}

int qq_shard_open_to_change(qq_shard *shard, unsigned int tree, uint64_t id, int flags)
{
  int const fd = qq_shard_open(shard, tree, id, flags);
  if (fd < 0 || may_be_changed(shard, tree, id, fd)) return fd;
  fd_close(fd);
  return -1;
}

int qq_shard_stat(qq_shard *shard, unsigned int tree, uint64_t id, struct stat *st)
{
  int const directory = qq_shard_directory_of(shard, tree, id);
  if (directory < 0) return -1;
  return fstatat(directory, name_of(shard, id), st, AT_SYMLINK_NOFOLLOW) < 0 ? -1 : 1;
}

int qq_shard_has(qq_shard *shard, unsigned int tree, uint64_t id, struct stat *st)
{
  return qq_shard_stat(shard, tree, id, st) > 0 ? 1 : errno == ENOENT ? 0 : -1;
}

int qq_shard_unlink(qq_shard *shard, unsigned int tree, uint64_t id)
{
  int const directory = qq_shard_directory_of(shard, tree, id);
  if (directory < 0) return -1;
  return unlinkat(directory, name_of(shard, id), 0) < 0 ? -1 : 1;
}
