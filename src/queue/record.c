#include <errno.h>
#include <string.h>
#include <qq/file.h>
#include <qq/queue.h>

/* Room for a million recipients. */
#define LARGEST 268435456

int qq_records_read(stralloc *sa, int fd)
{
  int const r = qq_slurp_up_to(sa, fd, LARGEST);
  if (!r) errno = EFBIG;
  return r > 0 ? 1 : -1;
}

int qq_record_next(qq_piece *rest, qq_piece *record)
{
  char const *end = rest->n ? memchr(rest->s, 0, rest->n) : 0;
  if (!end) return rest->n ? -1 : 0;
  record->s = rest->s;
  record->n = (size_t)(end - rest->s);
  rest->s = end + 1;
  rest->n -= record->n + 1;
  return 1;
}
