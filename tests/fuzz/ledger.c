/* Ledgers: no content does harm, entries are found by their sources alone, and what is added behind
   whatever was there is read again. */

#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <qq/move.h>
#include <qq/names.h>
#include "fuzz.h"

static char path[] = "/tmp/qq-fuzz.XXXXXX";

static void clean(void)
{
  char command[64];
  snprintf(command, sizeof command, "rm -r %s", path);
  if (system(command)) fprintf(stderr, "unable to remove %s\n", path);
}

/* A directory as qqtools/ is, with that as its ledger. Returns it, open. */
static int directory_of(uint8_t const *data, size_t size)
{
  static int directory = -1;
  char const *const name = strrchr(QQ_NAME_LEDGER, '/') + 1;
  int fd;
  if (directory < 0) {
    promise(mkdtemp(path) && !atexit(clean), "a directory");
    directory = open(path, O_RDONLY | O_DIRECTORY);
  }
  fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  promise(fd >= 0 && write(fd, data, size) == (ssize_t)size && !close(fd), "a ledger");
  return directory;
}

static qq_ledger open_ledger(int directory, int is_own)
{
  qq_ledger l;
  stralloc why = STRALLOC_ZERO;
  promise(qq_ledger_open(&l, directory, "a:1:2", is_own, &why) == 1, "it is opened");
  return l;
}

static void close_ledger(qq_ledger *l)
{
  close(l->fd);
  genalloc_free(qq_ledger_entry, &l->entries);
  stralloc_free(&l->text);
}

static void check_all(qq_ledger *l, size_t size)
{
  size_t const n = genalloc_len(qq_ledger_entry, &l->entries);
  size_t i;
  promise(n <= size / QQ_DIGEST, "no more entries than there is room for");
  for (i = 0; i < n; i++) {
    qq_ledger_entry *const e = genalloc_s(qq_ledger_entry, &l->entries) + i;
    qq_ledger_entry *const found = qq_ledger_find(l, &e->source);
    promise(!e->digest[QQ_DIGEST], "digests end");
    promise(e->is_void ? !found : found == e, "an entry for each source");
  }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  int const is_own = size && *data % 2, directory = directory_of(data, size);
  qq_ledger l = open_ledger(directory, is_own);
  qq_ledger_entry added = { { 5, 1795000000000000001 }, { 6, 1795000000000000001 }, 7, { 0 }, 0, 0,
    0 }, *found;
  check_all(&l, size);
  memset(added.digest, 'a', QQ_DIGEST);
  promise(qq_ledger_add(&l, &added) == 1 && qq_ledger_write(&l) == 1, "it is written");
  found = qq_ledger_find(&l, &added.source);
  promise(found && qq_ledger_placed(&l, found) == 1 && qq_ledger_write(&l) == 1, "again");
  close_ledger(&l);
  l = open_ledger(directory, is_own);
  found = qq_ledger_find(&l, &added.source);
  promise(found && found->is_placed && found->id.id == 6, "what was added is there");
  close_ledger(&l);
  return 0;
}
