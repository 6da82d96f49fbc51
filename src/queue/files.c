#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <qq/files.h>
#include <qq/os.h>

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
  int const fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *d = fd < 0 ? 0 : fdopendir(fd);
  int r = 1, e;
  if (!d) {
    e = errno;
    if (fd >= 0) close(fd);
    errno = e;
    return fd < 0 && e == ENOENT ? 1 : -1;
  }
  while (r > 0) {
    struct dirent const *entry;
    errno = 0;
    entry = readdir(d);
    if (!entry) {
      if (errno) r = -1;
      break;
    }
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) r = count_entry(fd, entry, deep, count);
  }
  e = errno;
  closedir(d);
  errno = e;
  return r;
}

int qq_files_count(qq_queue const *q, unsigned int tree, uint64_t *count)
{
  *count = 0;
  return count_in(q->fd, q->trees[tree], qq_queue_is_split(q, tree) ? 1 : 0, count);
}
