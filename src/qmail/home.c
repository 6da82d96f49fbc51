#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/text.h>

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
  if (!queue && !home) {
    queue = variable(QQ_VARIABLE_QUEUE);
    home = variable(QQ_VARIABLE_HOME);
  }
  if (queue && home) return set(queue_path, queue, "") && set(home_path, home, "");
  if (queue) return set(queue_path, queue, "") && home_of_queue(home_path, queue);
  if (!home) home = fallback;
  return set(home_path, home, "") && set(queue_path, home, "/" QQ_NAME_QUEUE);
}

static int is_shut(struct stat const *st)
{
  return !(st->st_mode & 07777);
}

static int refuse_closed(char const *path, stralloc *why)
{
  return qq_refuse(why, EPERM, _("the queue %s is closed (mode 0): qq-fix is at work on it, or was "
    "interrupted; `qsvc stopped qq-fix' goes on with it"), path);
}

int qq_queue_is_open(int queue_fd, char const *path, stralloc *why)
{
  struct stat st;
  if (fstat(queue_fd, &st) < 0) return qq_unable(why, _("unable to look at the queue %s"), path);
  return is_shut(&st) ? refuse_closed(path, why) : 1;
}

int qq_queue_enter(char const *path, stralloc *why)
{
  int const fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat st;
  if (fd >= 0 && qq_queue_is_open(fd, path, why) > 0) return fd;
  if (fd >= 0) fd_close(fd);
  else if (errno == EACCES && !stat(path, &st) && is_shut(&st)) return refuse_closed(path, why);
  else qq_unable(why, _("unable to open the queue %s"), path);
  return -1;
}

/* Appends the strings in found, each with its NUL, sorted. Returns 1, or 0 with errno ENOMEM. */
static int list_names(stralloc *out, stralloc const *found)
{
  genalloc pieces = GENALLOC_ZERO;
  qq_piece const *p;
  size_t at, i;
  int good = 1;
  for (at = 0; good && at < found->len; at += strlen(found->s + at) + 1) {
    qq_piece const name = { found->s + at, strlen(found->s + at) };
    good = genalloc_append(qq_piece, &pieces, &name);
  }
  qq_pieces_sort(&pieces, qq_piece_compare);
  p = genalloc_s(qq_piece, &pieces);
  for (i = 0; good && i < genalloc_len(qq_piece, &pieces); i++)
    good = qq_fmt(out, i ? ", %.*s" : "%.*s", (int)p[i].n, p[i].s);
  genalloc_free(qq_piece, &pieces);
  return good;
}

/* Sets found to the names in the directory that are queues. Returns 1, or -1 with errno. */
static int find_queues(stralloc *found, int directory)
{
  stralloc path = STRALLOC_ZERO;
  qq_directory d;
  struct stat st;
  int r = qq_directory_begin(&d, openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (r < 0) return -1;
  while ((r = qq_directory_next(&d)) > 0) {
    char const *name = d.entry->d_name;
    if (!set(&path, name, "/" QQ_NAME_SENDMUTEX)) break;
    if (qq_stat_below(d.fd, path.s, &st) < 0) continue;
    if (!stralloc_catb(found, name, strlen(name) + 1)) break;
  }
  qq_directory_end(&d);
  stralloc_free(&path);
  return r ? -1 : 1;
}

int qq_home_name_queues(int directory, char const *path, stralloc *why)
{
  stralloc found = STRALLOC_ZERO, names = STRALLOC_ZERO;
  int const is_good = find_queues(&found, directory) > 0 && found.len
    && list_names(&names, &found);
  if (is_good) qq_refuse(why, EINVAL,
    _("%s is not a queue, but has these: %.*s; name one with --queue"), path, (int)names.len,
    names.s);
  stralloc_free(&found);
  stralloc_free(&names);
  return is_good ? -1 : 0;
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
