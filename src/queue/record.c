#include <errno.h>
#include <string.h>
#include <qq/file.h>
#include <qq/names.h>
#include "queue-private.h"

int qq_records_read(stralloc *sa, int fd)
{
  int const r = qq_slurp_up_to(sa, fd, QQ_LARGEST);
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

/* indimail has more in info than the sender, which nobody reads here, and e and h in todo. */
char const *qq_record_letters(unsigned int tree)
{
  static char const todo[] = { QQ_RECORD_UID, QQ_RECORD_PID, QQ_RECORD_SENDER, QQ_RECORD_RECIPIENT,
    QQ_RECORD_HEADERS_E, QQ_RECORD_HEADERS_H, 0 };
  static char const channel[] = { QQ_RECORD_RECIPIENT, QQ_RECORD_DONE, 0 };
  return tree == QQ_TODO ? todo : channel;
}
