/* path.c - walking paths that lead through other people's directories, and removing trees. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/file.h>
#include "tap.h"

static char top[] = "/var/tmp/qq-path.XXXXXX";

/* Opens a path below top; 0 or errno. */
static int opened(char const *path)
{
  char whole[256];
  int fd;
  snprintf(whole, sizeof whole, "%s/%s", top, path);
  fd = qq_path_open(whole);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

static int leads_to(char const *path, char const *other)
{
  char whole[256];
  struct stat a, b;
  int fd, r;
  snprintf(whole, sizeof whole, "%s/%s", top, path);
  fd = qq_path_open(whole);
  r = fd >= 0 && !fstat(fd, &a) && !stat(other, &b) && a.st_ino == b.st_ino;
  if (fd >= 0) close(fd);
  return r;
}

static void paths(void)
{
  /* /var/tmp is everybody's, so nothing below it is ours alone, though its owner is root */
  ok(!mkdir("a", 0755) && !mkdir("a/b", 0755) && !symlink("b", "a/link"), "made");
  ok(opened("a/b") == 0, "directories");
  ok(opened("a//b/./") == 0, "slashes and dots");
  ok(opened("a/b/..") == 0, "the one above");
  ok(opened("a/link") == ELOOP, "a link at the end, below what is everybody's");
  ok(opened("a/link/..") == ELOOP, "a link on the way");
  ok(opened("a/none") == ENOENT, "what is not there");
  ok(!close(open("a/file", O_WRONLY | O_CREAT, 0644)) && opened("a/file") == ENOTDIR, "a file");
  ok(!mkfifo("a/pipe", 0644) && opened("a/pipe/x") == ENOTDIR, "a pipe does not hold it up");
  ok(opened("") == 0, "nothing behind the top");
  ok(leads_to("a/../a/b", "a/b"), "it is that one");
}

/* What root alone can change leads on: /proc/self is such a link. */
static void links_of_root(void)
{
  int const fd = qq_path_open("/proc/self/task");
  ok(fd >= 0, "a link of root's");
  if (fd >= 0) close(fd);
}

static int make_deep(unsigned int depth)
{
  int at = open(".", O_RDONLY | O_DIRECTORY), below;
  for (; depth && at >= 0; depth--) {
    if (mkdirat(at, "d", 0755) < 0) break;
    below = openat(at, "d", O_RDONLY | O_DIRECTORY);
    close(at);
    at = below;
  }
  if (at >= 0) close(at);
  return !depth;
}

static void trees(void)
{
  stralloc left = STRALLOC_ZERO;
  struct stat st;
  ok(qq_purge(AT_FDCWD, "none", &left) == 1, "what is not there is removed");
  ok(qq_purge(AT_FDCWD, "a/file", &left) == 1 && lstat("a/file", &st) < 0, "a file");
  ok(!mkdir("kept", 0755) && !mkdir("kept/x", 0755) && !symlink("../kept", "a/b/out"), "made");
  ok(qq_purge(AT_FDCWD, "a", &left) == 1 && lstat("a", &st) < 0, "a tree");
  ok(!lstat("kept/x", &st), "what a link in it leads to is left alone");
  ok(make_deep(5000), "5,000 directories, one in the other");
  ok(qq_purge(AT_FDCWD, "d", &left) == 1 && lstat("d", &st) < 0, "are removed");
  ok(qq_purge(AT_FDCWD, "kept", 0) == 1, "nobody need hear what is left");
  stralloc_free(&left);
}

/* In a directory that may not be written to. Root may write everywhere, but not into /proc. */
static void what_is_left(void)
{
  stralloc left = STRALLOC_ZERO;
  struct stat st;
  ok(!mkdir("p", 0755) && !mkdir("p/q", 0755) && !mkdir("p/q/r", 0755) && !mkdir("p/s", 0755), "made");
  if (geteuid()) {
    ok(!chmod("p/q", 0555), "closed");
    ok(qq_purge(AT_FDCWD, "p", &left) < 0 && errno == EACCES, "EACCES");
    ok(left.len == 7 && !memcmp(left.s, "p/q/r/", 5), "it says what is left");
    ok(lstat("p/s", &st) < 0 && !lstat("p/q/r", &st), "and the rest is removed");
    chmod("p/q", 0755);
  }
  ok(qq_purge(AT_FDCWD, "p", &left) == 1, "open again");
  stralloc_free(&left);
}

int main(void)
{
  if (!mkdtemp(top) || chdir(top) < 0) return 111;
  paths();
  links_of_root();
  trees();
  what_is_left();
  ok(!chdir("/") && !rmdir(top), "nothing else is left");
  return done();
}
