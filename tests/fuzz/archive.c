/* Archives: no input does harm, and what is read of them is within its bounds. The sums of blocks
   are put right, so that more than the first is looked at. */

#include <errno.h>
#include <unistd.h>
#include <qq/archive.h>
#include "fuzz.h"

/* The bytes of an archive, whose sums are right. */
static char *put_right(uint8_t const *data, size_t size)
{
  char *const text = malloc(size + 1);
  size_t at, i;
  promise(text != 0, "memory");
  if (size) memcpy(text, data, size);
  for (at = 0; at + QQ_ARCHIVE_BLOCK <= size; at += QQ_ARCHIVE_BLOCK) {
    unsigned int sum = 8 * ' ';
    for (i = 0; i < QQ_ARCHIVE_BLOCK; i++)
      if (i < 148 || i >= 156) sum += (unsigned char)text[at + i];
    if (sum > 8 * ' ') snprintf(text + at + 148, 8, "%06o", sum & 0777777);
  }
  return text;
}

static int file_of(char const *text, size_t size)
{
  static int fd = -1;
  char path[] = "/tmp/qq-fuzz.XXXXXX";
  if (fd < 0) {
    fd = mkstemp(path);
    unlink(path);
  }
  promise(fd >= 0 && !ftruncate(fd, 0) && !lseek(fd, 0, SEEK_SET)
    && write(fd, text, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET), "a file");
  return fd;
}

static void read_file(qq_archive *a, qq_archive_entry const *e, stralloc *why)
{
  char text[300];
  uint64_t n = 0;
  ssize_t r;
  while ((r = qq_archive_read(a, text, sizeof text, why)) > 0) n += (uint64_t)r;
  promise(r < 0 || n == e->size, "a file has as many bytes as it says");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  char space[1000];
  char *const text = put_right(data, size);
  qq_archive a = { 0 };
  qq_archive_entry e;
  buffer in;
  stralloc why = STRALLOC_ZERO;
  unsigned int count = 0;
  int r;
  buffer_init(&in, &buffer_read, file_of(text, size), space, sizeof space);
  a.in = &in;
  while ((r = qq_archive_next(&a, &e, &why)) > 0) {
    promise(memchr(e.name, 0, sizeof e.name) != 0, "names end");
    if (count++ % 2) read_file(&a, &e, &why);
  }
  promise(!r || (errno == EPROTO && why.len), "why it is refused");
  promise(count <= size / QQ_ARCHIVE_BLOCK, "no more files than blocks");
  stralloc_free(&why);
  free(text);
  return 0;
}
