#include <errno.h>
#include <fcntl.h>
#include <qq/file.h>
#include <qq/os.h>
#include <qq/queue.h>

/* Counts in the directory name of at; descends where `deep` more levels are allowed. */
static int count_in(int at, char const *name, unsigned int deep, uint64_t *count);

static int count_entry(int fd, struct dirent const *e, unsigned int deep, uint64_t *count)
{
  char const *name = e->d_name;
  int const regular = qq_os_is_regular(e);
  struct stat st;
  if (regular == 1 || (!regular && !deep)) {
    *count += (uint64_t)regular;
    return 1;
  }
  if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT ? 1 : -1;
  if (S_ISREG(st.st_mode)) ++*count;
  return deep && S_ISDIR(st.st_mode) ? count_in(fd, name, deep - 1, count) : 1;
}

static int count_in(int at, char const *name, unsigned int deep, uint64_t *count)
{
  int const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, openat(at, name, flags)) < 0) return errno == ENOENT ? 1 : -1;
  while ((r = qq_directory_next(&d)) > 0 && count_entry(d.fd, d.entry, deep, count) > 0) ;
  qq_directory_end(&d);
  return r ? -1 : 1;
}

int qq_files_count(qq_queue const *q, unsigned int tree, uint64_t *count)
{
  *count = 0;
  return count_in(q->fd, q->trees[tree], qq_queue_is_split(q, tree) ? 1 : 0, count);
}
