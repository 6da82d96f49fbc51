/* Years that syslog leaves out: the last line of a file is not younger than the file, and how often
   a new year began before that is counted. */

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <qq/when.h>
#include "log-private.h"

#define PIECE 262144
#define YEAR 31556952
#define DAY 86400

/* `Nov 26': a new one may be a new year. */
#define DATE 6

typedef struct days { qq_log_clock clock; char last[DATE]; } days;

static void take_line(days *d, char const *s, size_t n)
{
  qq_log_line line;
  if (n < DATE || *s < 'A' || *s > 'Z' || !memcmp(s, d->last, DATE)) return;
  memcpy(d->last, s, DATE);
  line.text.s = s;
  line.text.n = n;
  qq_log_stamp_scan(&line, &d->clock);
}

/* Whole lines; what is behind the last newline is left. Returns how many bytes were taken. */
static size_t take_lines(days *d, char const *s, size_t n)
{
  size_t at = 0;
  while (at < n) {
    char const *newline = memchr(s + at, '\n', n - at);
    if (!newline) break;
    take_line(d, s + at, (size_t)(newline - s) - at);
    at = (size_t)(newline - s) + 1;
  }
  return at ? at : n;           /* longer than the piece: no line of syslog */
}

int qq_reader_settle_year(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_file const *f = &genalloc_s(qq_log_file, &log->files)[r->file];
  days d = { { .newest = r->clock.newest }, "" };
  stralloc piece = STRALLOC_ZERO;
  uint64_t offset = f->from;
  ssize_t n = 0;
  r->is_settled = 1;
  if (!f->is_regular || r->is_own) return 1;
  if (!stralloc_ready(&piece, PIECE)) return qq_log_no_memory(why);
  while ((n = pread(f->fd, piece.s, PIECE, (off_t)offset)) > 0)
    offset += take_lines(&d, piece.s, (size_t)n);
  stralloc_free(&piece);
  if (n < 0) return qq_unable(why, _("unable to read %s"), f->name);
  for (; d.clock.last > (int64_t)(d.clock.newest / QQ_SECOND) + DAY; d.clock.last -= YEAR)
    r->clock.year--;
  r->clock.length = 0;
  r->clock.last = 0;
  return 1;
}
