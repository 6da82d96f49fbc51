#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <qq/controltext.h>
#include <qq/home.h>
#include <qq/names.h>

static int set(stralloc *sa, char const *directory, char const *name)
{
  sa->len = 0;
  return stralloc_cats(sa, directory) && stralloc_cats(sa, name) && stralloc_0(sa);
}

/* The queue's parent, if it has control/, or whether it has cannot be seen: then who reads what is
   there will hear of it. */
static int home_of_queue(stralloc *home_path, char const *queue)
{
  struct stat st;
  if (!set(home_path, queue, "/../" QQ_NAME_CONTROL)) return 0;
  if (stat(home_path->s, &st) < 0 ? errno == ENOENT || errno == ENOTDIR : !S_ISDIR(st.st_mode))
    return set(home_path, "", "");
  return set(home_path, queue, "/..");
}

/* Of the environment; empty is as good as unset. */
static char const *variable(char const *name)
{
  char const *value = getenv(name);
  return value && *value ? value : 0;
}

int qq_home_find(stralloc *queue_path, stralloc *home_path, char const *queue, char const *home,
  char const *fallback)
{
  if (!queue && !home) queue = variable(QQ_VARIABLE_QUEUE);
  if (queue) return set(queue_path, queue, "") && home_of_queue(home_path, queue);
  if (!home) home = variable(QQ_VARIABLE_HOME);
  if (!home) home = fallback;
  return set(home_path, home, "") && set(queue_path, home, "/" QQ_NAME_QUEUE);
}

int qq_home_queuelifetime(char const *home_path, uint64_t *seconds)
{
  stralloc path = STRALLOC_ZERO;
  char s[64];
  int32_t value;
  ssize_t n;
  int fd;
  *seconds = QQ_QUEUELIFETIME_DEFAULT;
  if (!*home_path) return 1;
  if (!set(&path, home_path, "/" QQ_NAME_QUEUELIFETIME)) return -1;
  fd = open(path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  stralloc_free(&path);
  if (fd < 0) return errno == ENOENT ? 1 : -1;
  n = fd_read(fd, s, sizeof s);
  close(fd);
  if (n < 0) return -1;
  if (qq_controltext_integer(s, (size_t)n, &value)) *seconds = value > 0 ? (uint64_t)value : 0;
  return 1;
}
