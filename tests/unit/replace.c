/* replace - a file is put in the place of another: its bytes, mode, owner; nothing else is left. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <qq/file.h>
#include "tap.h"

static int directory;

static int holds(char const *name, char const *text, mode_t mode)
{
  char found[100];
  struct stat st;
  int const fd = openat(directory, name, O_RDONLY | O_NOFOLLOW);
  ssize_t n = fd < 0 ? -1 : read(fd, found, sizeof found);
  if (fd < 0 || fstat(fd, &st) < 0) return 0;
  close(fd);
  return n == (ssize_t)strlen(text) && !memcmp(found, text, (size_t)n)
      && (st.st_mode & 07777) == mode;
}

static int missing(char const *name)
{
  struct stat st;
  return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

int main(void)
{
  char path[] = "/tmp/qq-replace-XXXXXX";
  qq_owner owner = { 0, 0, 0640 };
  struct stat before, after;
  int fd;
  owner.uid = geteuid();
  owner.gid = getegid();
  umask(077);
  if (!mkdtemp(path)) return 99;
  directory = open(path, O_RDONLY | O_DIRECTORY);
  ok(qq_replace_prepare(directory, "new", "text\n", 5, &owner) == 1 && holds("new", "text\n", 0640),
      "a new file, its mode whatever the umask");
  ok(qq_replace_prepare(directory, "new", "", 0, &owner) == 1 && holds("new", "", 0640),
      "in the place of one that is there");
  owner.mode = 0604;
  ok(qq_replace(directory, "new", "more\n", 5, &owner) == 1 && holds("new", "more\n", 0604)
          && missing(".new.new"),
      "replaced, nothing temporary left");
  ok(qq_replace(directory, "other", "a\0b", 3, &owner) == 1
          && !fstatat(directory, "other", &after, 0) && after.st_size == 3,
      "bytes as they are");
  /* Whoever has the old one open reads it to its end. */
  fd = openat(directory, "new", O_RDONLY);
  fstat(fd, &before);
  ok(qq_replace(directory, "new", "yet more\n", 9, &owner) == 1 && !fstat(fd, &after)
          && before.st_ino == after.st_ino && after.st_size == 5,
      "the old one is not written to");
  close(fd);
  /* A link is replaced, not followed; one that lies in the way too. */
  ok(!symlinkat("new", directory, "link") && qq_replace(directory, "link", "x\n", 2, &owner) == 1
          && holds("link", "x\n", 0604) && holds("new", "yet more\n", 0604),
      "a link is not followed");
  ok(!symlinkat("new", directory, ".here.new")
          && qq_replace(directory, "here", "y\n", 2, &owner) == 1 && holds("here", "y\n", 0604)
          && holds("new", "yet more\n", 0604),
    "nor one in the place of the temporary file");
  /* What cannot be done leaves all as it was. */
  mkdirat(directory, "directory", 0755);
  ok(qq_replace(directory, "directory", "x\n", 2, &owner) < 0
          && (errno == EISDIR || errno == ENOTEMPTY || errno == EEXIST)
          && missing(".directory.new"),
      "a directory stays");
  mkdirat(directory, ".a.new", 0755);
  ok(qq_replace(directory, "a", "x\n", 2, &owner) < 0 && missing("a"),
      "a directory in the place of the temporary file");
  if (geteuid()) {
    owner.uid = 0;
    ok(qq_replace(directory, "new", "x\n", 2, &owner) < 0 && errno == EPERM
            && holds("new", "yet more\n", 0604) && missing(".new.new"),
        "a file that cannot be given away");
  }
  else ok(1, "a file that cannot be given away # SKIP root can");
  ok(qq_replace(-1, "new", "x\n", 2, &owner) < 0 && errno == EBADF, "no directory");
  {
    char const *const names[] = { "new", "other", "link", "here" };
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++) unlinkat(directory, names[i], 0);
  }
  unlinkat(directory, "directory", AT_REMOVEDIR);
  unlinkat(directory, ".a.new", AT_REMOVEDIR);
  ok(!rmdir(path), "nothing else was made");
  return done();
}
