/* remains.c - what is left of a message without its mess file: found, and removed in an order of
   which each beginning harms nobody. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <qq/remove.h>
#include "tap.h"

static char top[] = "/tmp/qq-remains.XXXXXX";
static qq_queue queue;
static qq_shard shard;

static void file(char const *name)
{
  int const fd = open(name, O_WRONLY | O_CREAT, 0600);
  if (fd < 0 || close(fd) < 0) perror(name);
}

static void build(void)
{
  static char const *const directories[] = {
    "mess", "mess/0", "mess/1", "info", "info/0", "info/1", "local", "local/0", "local/1", "remote",
    "remote/0", "remote/1", "suppl0", "suppl0/0", "suppl0/1", "todo", "intd", "bounce"
  };
  stralloc why = STRALLOC_ZERO;
  size_t i;
  for (i = 0; i < sizeof directories / sizeof *directories; i++)
    if (mkdir(directories[i], 0755) < 0) perror(directories[i]);
  ok(qq_queue_open(&queue, ".", &why) > 0 && qq_shard_init(&shard, &queue) > 0, "a queue");
}

static int finds(uint64_t id, char const *expected)
{
  stralloc names = STRALLOC_ZERO;
  int const r = qq_remains_find(&shard, id, &names);
  int const good = r == (*expected != 0) && names.len == strlen(expected)
    && !memcmp(names.s ? names.s : "", expected, names.len);
  if (!good) printf("# %d: %.*s\n", r, (int)names.len, names.s ? names.s : "");
  stralloc_free(&names);
  return good;
}

static qq_outcome end(uint64_t id, char const *said)
{
  stralloc why = STRALLOC_ZERO;
  qq_files files = { 0 };
  int const r = qq_remains_look(&files, &shard, 0, id, &why);
  qq_outcome const outcome = r > 0 ? qq_remains_remove(&shard, &files, &why)
    : r ? QQ_OUTCOME_FAILED : QQ_OUTCOME_GONE;
  if (why.len != strlen(said) || memcmp(why.s ? why.s : "", said, why.len))
    ok(0, "what it says");
  qq_files_free(&files);
  stralloc_free(&why);
  return outcome;
}

static void find_and_end(void)
{
  ok(finds(5, "") && end(5, "") == QQ_OUTCOME_GONE, "nothing");
  file("info/1/5");
  file("bounce/5");
  file("suppl0/1/5");
  file("local/1/5");
  file("intd/5");
  file("todo/5");
  file("bounce/7");
  ok(finds(5, "bounce/5, local/1/5, suppl0/1/5, info/1/5, todo/5"), "what is left, in order");
  file("mess/1/5");
  ok(finds(5, "") && end(5, "") == QQ_OUTCOME_GONE && !access("bounce/5", F_OK),
    "with a mess file nothing is left over");
  unlink("mess/1/5");
  ok(end(5, "") == QQ_OUTCOME_REMOVED && finds(5, "") && access("intd/5", F_OK)
    && access("todo/5", F_OK), "ended, with intd");
  ok(!access("bounce/7", F_OK) && finds(7, "bounce/7"), "but that of nobody else");
  file("intd/9");
  ok(end(9, "") == QQ_OUTCOME_REMOVED && end(9, "") == QQ_OUTCOME_GONE, "intd alone");
}

/* What cannot be removed stops it there: what comes before is gone, what comes after stays. */
static void stopped(void)
{
  file("bounce/4");
  file("local/0/4");
  file("info/0/4");
  if (mkdir("remote/0/4", 0755) < 0) perror("remote/0/4");
  ok(end(4, "unable to remove remote/0/4: Is a directory") == QQ_OUTCOME_UNFINISHED
    && access("bounce/4", F_OK) && access("local/0/4", F_OK) && !access("info/0/4", F_OK),
    "unfinished");
  ok(end(4, "unable to remove remote/0/4: Is a directory") == QQ_OUTCOME_FAILED, "failed");
  rmdir("remote/0/4");
  ok(end(4, "") == QQ_OUTCOME_REMOVED && finds(4, ""), "the same again ends it");
}

int main(void)
{
  char command[64];
  if (!mkdtemp(top) || chdir(top) < 0) return 99;
  build();
  find_and_end();
  stopped();
  qq_shard_free(&shard);
  qq_queue_close(&queue);
  snprintf(command, sizeof command, "rm -rf %s", top);
  ok(!chdir("/") && !system(command), "removed");
  return done();
}
