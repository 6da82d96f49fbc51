/* path.c - walking paths that lead through other people's directories, and removing trees. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <qq/file.h>
#include <qq/text.h>
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
  ok(opened("a/b/..") == ELOOP, "not to the one above, since whoever may write there may move it");
  ok(opened("a/link") == ELOOP, "a link at the end, below what is everybody's");
  ok(opened("a/link/..") == ELOOP, "a link on the way");
  ok(opened("a/none") == ENOENT, "what is not there");
  ok(!close(open("a/file", O_WRONLY | O_CREAT, 0644)) && opened("a/file") == ENOTDIR, "a file");
  ok(!mkfifo("a/pipe", 0644) && opened("a/pipe/x") == ENOTDIR, "a pipe does not hold it up");
  ok(opened("") == 0, "nothing behind the top");
  ok(leads_to("./a/b", "a/b"), "it is that one");
}

/* What root alone can change leads on: /proc/self is such a link. */
static void links_of_root(void)
{
  int const fd = qq_path_open("/proc/self/task");
  ok(fd >= 0, "a link of root's");
  if (fd >= 0) close(fd);
  ok(leads_to("../../../proc/self", "/proc/self") == 0, "but not upwards from what is everybody's");
  ok(qq_path_is_directory("/proc/self") == 1, "it is a directory");
  ok(qq_path_is_directory("/proc/self/status") < 0 && errno == ENOTDIR, "a file is none");
  ok(qq_path_is_directory("/proc/self/none/none") == 0, "what is not there is none");
  ok(qq_path_is_directory("/") == 1 && qq_path_is_directory("/proc/") == 1, "slashes at the end");
}

static int is_clean(char const *path, char const *expected)
{
  stralloc sa = STRALLOC_ZERO;
  int r;
  if (!qq_copy_string(&sa, path)) return 0;
  qq_path_clean(&sa);
  r = sa.len == strlen(expected) + 1 && !strcmp(sa.s, expected);
  stralloc_free(&sa);
  return r;
}

static void clean_paths(void)
{
  ok(is_clean("/", "/") && is_clean("//", "/") && is_clean("/.", "/"), "the root");
  ok(is_clean("/..", "/") && is_clean("/a/../..", "/"), "there is nothing above it");
  ok(is_clean("/a/b", "/a/b") && is_clean("//a///b//", "/a/b"), "slashes");
  ok(is_clean("/./a/./b/.", "/a/b") && is_clean("/a/b/../c", "/a/c"), "dots");
  ok(is_clean("/a/b/c/../../d/..", "/a") && is_clean("/aa/../bb/../cc", "/cc"), "and more of them");
  ok(is_clean("/.a/..b/...", "/.a/..b/..."), "names that begin with a dot stay");
}

/* Opens the directory above a path below top; says what the last name is. */
static int is_above(char const *path, char const *above, char const *last)
{
  struct stat a, b;
  char const *name;
  int const fd = qq_path_open_above(path, &name);
  int const r = fd >= 0 && !fstat(fd, &a) && !stat(above, &b) && a.st_ino == b.st_ino;
  if (fd >= 0) close(fd);
  return r && !strcmp(name, last);
}

static void above(void)
{
  char link[128], behind[128];
  struct stat st;
  snprintf(link, sizeof link, "%s/a/link", top);
  snprintf(behind, sizeof behind, "%s/a/link/x", top);
  ok(is_above("a/b", "a", "b") && is_above("a", ".", "a"), "the one above, and the name");
  ok(is_above("a/b/", "a/b", ".") && is_above("/", "/", "."), "slashes at the end");
  ok(qq_path_look(link, &st) == 1 && S_ISLNK(st.st_mode), "a link is looked at itself");
  ok(qq_path_look(behind, &st) < 0 && errno == ELOOP, "nothing behind it");
  ok(qq_path_is_directory(link) < 0 && errno == ELOOP, "nor is it a directory");
  ok(!qq_path_look("a/none", &st) && !qq_path_look("none/none", &st), "what is not there");
}

/* As its owner may spoil it while it is made: what is in the way of the other name. */
static void new_directories(void)
{
  qq_owner const owner = qq_owner_self(0750);
  struct stat st;
  int here;
  ok(!mkdir("new", 0755) && !chdir("new"), "made");
  here = open(".", O_RDONLY | O_DIRECTORY);
  ok(!mkdir(".one.new", 0755) && qq_make_directory(here, "one", &owner) == 1
    && !stat("one", &st) && (st.st_mode & 07777) == 0750, "remains of an earlier run are no harm");
  ok(!symlink("one", ".two.new") && qq_make_directory(here, "two", &owner) < 0, "a link is");
  ok(!close(open("one/file", O_WRONLY | O_CREAT, 0644))
    && qq_make_directory(here, "one", &owner) < 0,
    "nothing takes the place of what has something in it");
  close(here);
  ok(!chdir("..") && qq_purge(AT_FDCWD, "new", 0) == 1, "removed");
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

/* Says whether what stands below top is ours: 1, 0, or -1. */
static int is_ours(char const *path)
{
  char whole[256];
  snprintf(whole, sizeof whole, "%s/%s", top, path);
  return qq_path_is_ours(whole);
}

/* /var/tmp is sticky: what lies there nobody else can take away. */
static void ours(void)
{
  ok(!mkdir("o", 0755) && !mkdir("o/open", 0777) && !chmod("o/open", 0777)
    && !mkdir("o/open/below", 0755) && !mkfifo("o/pipe", 0600) && !mkfifo("o/free", 0622)
    && !chmod("o/free", 0622) && !symlink("pipe", "o/link"), "made");
  ok(is_ours("o") == 1 && is_ours("o/.") == 1, "a directory");
  ok(is_ours("o/pipe") == 1 && is_ours("o/pipe/") == 1, "a pipe");
  ok(is_ours("o/free") == 0, "one that others may write to");
  ok(is_ours("o/open") == 0 && is_ours("o/open/below") == 0, "and below such a directory");
  ok(is_ours("o/link") == 1, "a link in a directory that is ours, in a sticky one");
  ok(!mkdir("o/sticky", 0755) && !chmod("o/sticky", 01777) && !symlink("../pipe", "o/sticky/link")
    && is_ours("o/sticky/link") == 0, "one in the sticky one itself");
  ok(is_ours("o/none") == -1 && errno == ENOENT, "what is not there");
  ok(is_ours("o/pipe/x") == -1 && errno == ENOTDIR, "nothing is below a pipe");
  ok(qq_path_is_ours("/proc/self/task") == 1, "through a link of root's");
  qq_purge(AT_FDCWD, "o", 0);
}

/* Whether the name below top leads to `file' in `directory'; or what errno says. */
static int target_is(char const *directory, char const *name, char const *above, char const *file)
{
  stralloc target = STRALLOC_ZERO, why = STRALLOC_ZERO;
  struct stat a, b;
  int const at = open(directory, O_RDONLY | O_DIRECTORY);
  int const fd = qq_path_open_target(at, directory, name, &target, &why);
  int const e = errno;
  int const r = fd < 0 ? -1 : file && !fstat(fd, &a) && !stat(above, &b) && a.st_ino == b.st_ino
    && target.len == strlen(file) + 1 && !strcmp(target.s, file);
  if (fd >= 0) close(fd);
  if (at >= 0) close(at);
  if ((fd < 0) != (why.len > 0)) return 100;
  stralloc_free(&target);
  stralloc_free(&why);
  errno = e;
  return r;
}

static int is_refused(char const *directory, char const *name, int e)
{
  return target_is(directory, name, 0, 0) == -1 && errno == e;
}

static void link_to(char const *name, char const *where)
{
  char path[256];
  snprintf(path, sizeof path, "%s/%s", top, where);
  ok(!symlink(path, name), "an absolute link");
}

/* Whom a file is replaced behind. */
static void targets(void)
{
  ok(!mkdir("t", 0755) && !mkdir("t/a", 0755) && !mkdir("t/b", 0755) && !mkdir("t/open", 0777)
    && !chmod("t/open", 0777) && !close(open("t/b/f", O_WRONLY | O_CREAT, 0644)), "made");
  ok(target_is("t/b", "f", "t/b", "f") == 1, "a file");
  ok(target_is("t/b", "new", "t/b", "new") == 1, "one that is not there yet");
  ok(target_is("t/open", "new", "t/open", "new") == 1, "without a link nothing is judged");
  ok(!symlink("../b/f", "t/a/up") && target_is("t/a", "up", "t/b", "f") == 1, "a relative link");
  link_to("t/a/far", "t/b/f");
  ok(target_is("t/a", "far", "t/b", "f") == 1, "which lies below a sticky directory of root's");
  ok(!symlink("up", "t/a/more") && target_is("t/a", "more", "t/b", "f") == 1, "a link to a link");
  ok(!symlink("../b/gone", "t/a/gone") && target_is("t/a", "gone", "t/b", "gone") == 1,
    "one to what is not there yet");
  ok(!symlink("../c/f", "t/a/none") && is_refused("t/a", "none", ENOENT), "no such directory");
  ok(!symlink("b", "t/dir") && !symlink("../dir/f", "t/a/by")
    && target_is("t/a", "by", "t/b", "f") == 1, "a directory that is a link, on the way");
  ok(!symlink("../b", "t/a/b") && is_refused("t/a", "b", EINVAL), "one that leads to a directory");
  ok(!symlink("/", "t/a/root") && is_refused("t/a", "root", EINVAL), "to the root");
  ok(!symlink("..", "t/a/dots") && is_refused("t/a", "dots", EINVAL), "to the one above");
  ok(!symlink("../b/f/", "t/a/slash") && target_is("t/a", "slash", "t/b", "f") == 1,
    "a slash behind the name");
  ok(!mkfifo("t/b/pipe", 0600) && is_refused("t/b", "pipe", EINVAL), "a pipe");
  ok(!symlink("itself", "t/a/itself") && is_refused("t/a", "itself", ELOOP), "to itself");
  ok(!symlink("../b/f", "t/open/out") && is_refused("t/open", "out", ELOOP),
    "a link where others may write");
  ok(!symlink("../open/f", "t/a/in") && is_refused("t/a", "in", ELOOP), "one to such a place");
  ok(!mkdir("t/open/d", 0755) && !symlink("../open/d/f", "t/a/through")
    && is_refused("t/a", "through", ELOOP), "and one that leads through it");
  if (!geteuid()) {
    ok(!mkdir("t/his", 0755) && !chown("t/his", 12345, 12345) && !symlink("../his/f", "t/a/his")
      && is_refused("t/a", "his", ELOOP), "to the directory of somebody else");
  }
  ok(qq_purge(AT_FDCWD, "t", 0) == 1, "removed");
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
  ok(!mkdir("p", 0755) && !mkdir("p/q", 0755) && !mkdir("p/q/r", 0755) && !mkdir("p/s", 0755),
    "made");
  if (geteuid()) {
    ok(!chmod("p/q", 0555), "closed");
    ok(qq_purge(AT_FDCWD, "p", &left) < 0 && errno == EACCES, "EACCES");
    ok(left.len == 5 && !memcmp(left.s, "p/q/r", 5), "it says what is left");
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
  clean_paths();
  above();
  new_directories();
  ours();
  targets();
  trees();
  what_is_left();
  ok(!chdir("/") && !rmdir(top), "nothing else is left");
  return done();
}
