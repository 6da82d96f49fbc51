#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/file.h>
#include <qq/home.h>
#include <qq/names.h>
#include <qq/text.h>
#include <qq/when.h>

#define LARGEST 65536
#define PATIENCE (5 * QQ_SECOND)

/* ---- asking ---- */

static pid_t start(char *path, int output)
{
  char *const argv[] = { path, 0 }, *const nothing[] = { 0 };
  posix_spawn_file_actions_t files;
  pid_t pid = -1;
  if (posix_spawn_file_actions_init(&files)) return -1;
  if (posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    || posix_spawn_file_actions_adddup2(&files, output, 1)
    || posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
    || posix_spawn(&pid, path, &files, 0, argv, nothing)) pid = -1;
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

/* Until its end, or until it is too long or too late. */
static void read_some(int fd, stralloc *said)
{
  uint64_t const end = qq_now() + PATIENCE;
  struct pollfd p = { fd, POLLIN, 0 };
  ssize_t n = 1;
  while (n > 0 && said->len < LARGEST) {
    uint64_t const now = qq_now();
    if (now >= end || poll(&p, 1, (int)((end - now) / 1000000) + 1) < 1) return;
    if (!qq_room(said, 4096)) return;
    n = fd_read(fd, said->s + said->len, 4096);
    if (n > 0) said->len += (size_t)n;
  }
}

static void run(char *path, stralloc *said)
{
  int p[2], status;
  pid_t pid;
  if (pipecoe(p) < 0) return;
  pid = start(path, p[1]);
  fd_close(p[1]);
  if (pid > 0) {
    read_some(p[0], said);
    kill(pid, SIGKILL);         /* it has ended, or does not matter any more */
    wait_pid(pid, &status);
  }
  fd_close(p[0]);
}

/* ---- its answer: lines as `user-ext delimiter: +.' ---- */

/* Sets value to what stands behind the words, but for the dot. */
static int find(stralloc const *said, char const *words, qq_piece *value)
{
  qq_piece text = qq_piece_of(said);
  while (qq_piece_line(&text, value))
    if (qq_piece_take(value, words) && value->n && value->s[value->n - 1] == '.') {
      value->n--;
      return 1;
    }
  return 0;
}

static int find_number(stralloc const *said, char const *words, unsigned long *u)
{
  qq_piece value;
  size_t i;
  if (!find(said, words, &value) || !value.n || value.n > 9) return 0;
  for (*u = i = 0; i < value.n; i++) {
    if (value.s[i] < '0' || value.s[i] > '9') return 0;
    *u = *u * 10 + (unsigned long)(value.s[i] - '0');
  }
  return 1;
}

/* Sets the last `count' of the numbers with commas between (qmail-showctl.c:main). */
static int find_list(stralloc const *said, char const *words, unsigned long *u, size_t count)
{
  qq_piece value;
  size_t i, k = 0;
  if (!find(said, words, &value) || !value.n) return 0;
  memset(u, 0, count * sizeof *u);
  for (i = 0; i < value.n; i++) {
    char const c = value.s[i];
    if (c >= '0' && c <= '9' && u[k] < UINT32_MAX / 10) u[k] = u[k] * 10 + (unsigned long)(c - '0');
    else if (c == ',' && k + 1 < count) k++;
    else if (c != ' ') return 0;
  }
  return k + 1 == count;
}

/* In the order of auto_uids.h and auto_gidn, auto_gidq. */
static void understand_users(qq_built *b, stralloc const *said)
{
  unsigned long uids[8], gids[2];
  if (!find_number(said, "subdirectory split: ", &b->split)) b->split = 0;
  b->has_users = find_list(said, "user ids: ", uids, 8) && find_list(said, "group ids: ", gids, 2);
  if (!b->has_users) return;
  b->qmailq = (uid_t)uids[5];
  b->qmailr = (uid_t)uids[6];
  b->qmails = (uid_t)uids[7];
  b->qmail = (gid_t)gids[1];
}

/* Of more than one byte the first counts (qmail-getpw.c:userext). */
static void understand(qq_built *b, stralloc const *said)
{
  unsigned long patrn, spawn;
  qq_piece delimiter;
  if (!find(said, "user-ext delimiter: ", &delimiter)
    || !find_number(said, "paternalism (in decimal): ", &patrn)
    || !find_number(said, "silent concurrency limit: ", &spawn)) return;
  b->is_asked = 1;
  b->delimiter = delimiter.n ? *delimiter.s : 0;
  b->patrn = (mode_t)patrn;
  b->spawn = spawn;
}

/* The path must be one from the root: who can change a directory above counts. */
static int set_path(stralloc *path, char const *home)
{
  if (*home != '/' && (!sagetcwd(path) || !stralloc_append(path, '/'))) return 0;
  return qq_fmt(path, "%s/" QQ_NAME_SHOWCTL, home) && stralloc_0(path);
}

void qq_built_ask(qq_built *b, char const *home_path)
{
  stralloc path = STRALLOC_ZERO, said = STRALLOC_ZERO;
  *b = (qq_built){ .delimiter = '-', .patrn = 02, .spawn = 120 };
  if (*home_path && set_path(&path, home_path) && qq_path_is_ours(path.s) > 0) {
    run(path.s, &said);
    understand(b, &said);
    understand_users(b, &said);
  }
  stralloc_free(&path);
  stralloc_free(&said);
}
