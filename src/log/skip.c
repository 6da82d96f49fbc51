/* What of a large file of multilog is older than all that is asked for: a line of each megabyte is
   looked at. What is older than the first that may be wanted is not read, but for the first line of
   the file. */

#include <string.h>
#include <unistd.h>
#include <qq/when.h>
#include "log-private.h"

#define STEP 1048576
#define PIECE 16384

/* Stamps are in no strict order: a clock may have been set back so far meanwhile. */
#define MARGIN (3600 * QQ_SECOND)

/* Sets stamp to that of the first line that begins behind the offset, and offset to where it does.
   Returns 1, or 0: there is none near. */
static int look_at(int fd, uint64_t *offset, uint64_t *stamp)
{
  char s[PIECE];
  ssize_t const n = pread(fd, s, sizeof s, (off_t)*offset);
  char const *newline = n > 0 ? memchr(s, '\n', (size_t)n) : 0;
  qq_log_clock clock = { 0 };
  qq_log_line line;
  if (!newline) return 0;
  line.text.s = newline + 1;
  line.text.n = (size_t)(s + n - line.text.s);
  if (!qq_log_tai_scan(&line, &clock)) return 0;
  *offset += (uint64_t)(newline + 1 - s);
  *stamp = line.stamp;
  return 1;
}

int qq_reader_skip(qq_log *log, qq_log_line const *first)
{
  qq_log_reader *r = log->reader;
  qq_log_file const *f = qq_reader_current(log);
  uint64_t stamp = first->stamp, wanted = 0, at, offset;
  if (!f->is_regular || r->is_own || log->since_within < MARGIN || *first->raw.s != '@')
    return 0;
  for (offset = STEP; stamp < log->since_within - MARGIN; offset += STEP) {
    at = offset;
    if (!look_at(f->fd, &at, &stamp)) break;
    if (stamp < log->since_within - MARGIN) wanted = at;
  }
  if (wanted <= r->offset) return 0;
  r->done += wanted - r->offset;
  r->offset = wanted;
  r->start = r->scanned = r->end = 0;
  return 1;
}
