/* Id streams: what is accepted formats to tokens that read the same; sorted, each is there once. */
#include <errno.h>
#include <unistd.h>
#include <qq/id.h>
#include "fuzz.h"

static int read_through_pipe(genalloc *ids, char const *s, size_t n, stralloc *why)
{
  int fd[2], r;
  promise(!pipe(fd), "pipe");
  promise(write(fd[1], s, n) == (ssize_t)n, "write");
  close(fd[1]);
  r = qq_ids_read(ids, fd[0], why);
  close(fd[0]);
  return r;
}

static int is_before(qq_id const *a, qq_id const *b)
{
  return a->id < b->id || (a->id == b->id && a->stamp < b->stamp);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  genalloc ids = GENALLOC_ZERO, again = GENALLOC_ZERO;
  stralloc why = STRALLOC_ZERO, text = STRALLOC_ZERO;
  size_t i;
  if (size > 32768) return 0;           /* what a pipe takes at once */
  if (read_through_pipe(&ids, (char const *)data, size, &why) < 0)
    promise(errno == EINVAL && why.len, "a reason");
  else {
    qq_id const *s = genalloc_s(qq_id, &ids);
    size_t const n = genalloc_len(qq_id, &ids);
    for (i = 0; i < n; i++) {
      char token[QQ_ID_FMT];
      size_t const length = qq_id_format(token, &s[i]);
      promise(length < QQ_ID_FMT && stralloc_catb(&text, token, length)
              && stralloc_append(&text, i & 1 ? 0 : '\n'),
          "format");
    }
    promise(text.len > 65536 || read_through_pipe(&again, text.s, text.len, &why) == 1,
        "readable again");
    if (text.len <= 65536) same(&ids, &again, "reads the same again");
    qq_ids_sort(&ids);
    for (i = 1; i < genalloc_len(qq_id, &ids); i++)
      promise(is_before(&s[i - 1], &s[i]), "in order, each once");
  }
  genalloc_free(qq_id, &ids);
  genalloc_free(qq_id, &again);
  stralloc_free(&why);
  stralloc_free(&text);
  return 0;
}
