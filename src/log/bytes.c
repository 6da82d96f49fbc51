/* The bytes of a log, file after file, without what has compressed them. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <qq/child.h>
#include <qq/os.h>
#include <qq/when.h>
#include "log-private.h"

#define BUFFER 262144

int qq_log_no_memory(stralloc *why)
{
  return qq_refuse(why, ENOMEM, "%s", _("out of memory"));
}

int qq_log_warn(qq_log *log, char const *format, ...)
{
  va_list args;
  int r;
  va_start(args, format);
  r = qq_vfmt(&log->warnings, format, args) && stralloc_0(&log->warnings);
  va_end(args);
  return r ? 1 : -1;
}

/* ---- compression ---- */

static struct {
  char const *magic;
  size_t n;
  char const *argv[3];
} const tools[] = {
  { "\x1f\x8b", 2, { "gzip", "-dc", 0 } },
  { "\x28\xb5\x2f\xfd", 4, { "zstd", "-dc", 0 } },
  { "\xfd" "7zXZ", 5, { "xz", "-dc", 0 } },
  { "BZh", 3, { "bzip2", "-dc", 0 } }
};

/* What undoes the compression that the first bytes tell of; null: there is none. */
static char const *const *tool_for(char const *s, size_t n)
{
  size_t i;
  for (i = 0; i < sizeof tools / sizeof *tools; i++)
    if (n >= tools[i].n && !memcmp(s, tools[i].magic, tools[i].n)) return tools[i].argv;
  return 0;
}

static ssize_t peek(qq_log_file const *f, char *s, size_t n)
{
  struct pollfd p = { f->fd, POLLIN, 0 };
  if (f->is_regular) return pread(f->fd, s, n, 0);
  if (f->child) return 0;
  poll(&p, 1, -1);
  return qq_os_peek(f->fd, s, n);
}

/* The child that undoes the compression, with fd what it writes; 0: there is none; -1 with
   errno. */
static pid_t undo(qq_log_file const *f, int *fd)
{
  char first[8];
  ssize_t const n = peek(f, first, sizeof first);
  char const *const *argv = n > 0 ? tool_for(first, (size_t)n) : 0;
  if (!argv) return n < 0 ? -1 : 0;
  if (f->is_regular && lseek(f->fd, 0, SEEK_SET) < 0) return -1;
  return qq_child_filter(argv, f->fd, fd);
}

/* No line of qmail-send is longer (qmail-send.c:REPORTMAX). */
#define LONGEST 16384

static ssize_t read_beginning(qq_log_file const *f, char *s, int *is_compressed)
{
  int fd = -1, code;
  pid_t const child = undo(f, &fd);
  size_t got;
  *is_compressed = child > 0;
  if (!child) return pread(f->fd, s, LONGEST, 0);
  if (child < 0) return -1;
  got = allread(fd, s, LONGEST);
  fd_close(fd);
  code = qq_child_wait(child);          /* SIGPIPE ends it where there is more */
  errno = EINVAL;
  return got == LONGEST || !code ? (ssize_t)got : -1;
}

static int has_stamp(qq_piece text)
{
  qq_log_clock clock = { 0 };
  qq_log_line line = { 0 };
  line.text = text;
  return qq_log_stamp_scan(&line, &clock) > 0;
}

int qq_log_begins(qq_log_file const *f, qq_log_beginning *b)
{
  char s[LONGEST];
  ssize_t const got = read_beginning(f, s, &b->is_compressed);
  qq_piece text = { s, got < 0 ? 0 : (size_t)got }, line;
  b->n = 0;
  if (got < 0) return -1;
  if (!has_stamp(text)) qq_piece_line(&text, &line);
  b->n = text.n < QQ_LOG_BEGINNING ? text.n : QQ_LOG_BEGINNING;
  if (b->n) memcpy(b->bytes, text.s, b->n);
  if (b->n < QQ_LOG_BEGINNING) while (b->n && b->bytes[b->n - 1] != '\n') b->n--;
  return 1;
}

/* Passes over what is not to be read. */
static int pass_over(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_file const *f = qq_reader_current(log);
  char s[8192];
  while (r->offset < f->from) {
    uint64_t const left = f->from - r->offset;
    ssize_t const n = fd_read(r->fd, s, left < sizeof s ? (size_t)left : sizeof s);
    if (n < 0) return qq_unable(why, _("unable to read %s"), f->name);
    if (!n) break;
    r->offset += (uint64_t)n;
  }
  return 1;
}

/* ---- files ---- */

int qq_reader_begin_file(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_file *f = qq_reader_current(log);
  if (r->carried) memmove(r->buf, r->buf + r->start, r->carried);
  r->start = 0;
  r->scanned = r->end = r->carried;
  r->offset = 0;
  if (!r->is_again) f->at = r->done;
  r->at_end = r->is_skipping = r->is_export = r->is_begun = r->is_settled = r->is_own = 0;
  r->child = f->child;
  r->fd = r->is_again && f->kept >= 0 ? f->kept : f->fd;
  r->clock.year = 0;
  r->clock.length = 0;
  r->clock.last = 0;
  r->clock.newest = f->mtime == QQ_LOG_UNKNOWN ? qq_now() : f->mtime;
  if (r->fd != f->fd) {
    r->child = 0;
    return 1;
  }
  if (f->child) return 1;
  r->child = undo(f, &r->fd);
  if (r->child < 0) return qq_unable(why, _("unable to read %s"), f->name);
  r->is_own = r->child != 0;
  if (r->is_own) return pass_over(log, why);
  r->offset = f->from;
  return 1;
}

static int warn_of_child(qq_log *log, qq_log_file const *f, int code)
{
  if (code == 127)
    return qq_log_warn(log, _("%s: the program that reads it is not installed"), f->name);
  if (code == 126)
    return qq_log_warn(log, _("%s: the program that reads it could not be run"), f->name);
  if (!log->reader->is_own)
    return qq_log_warn(log, _("%s: the program that reads it failed with exit code %d"), f->name,
      code);
  return qq_log_warn(log,
    _("%s: damaged, or not what it seems to be: it could not be read to its end"), f->name);
}

int qq_reader_end_file(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_file *f = qq_reader_current(log);
  int code = 0;
  if (!r->is_again) f->length = r->offset;
  f->taken = r->offset > r->end - r->start ? r->offset - (r->end - r->start) : 0;
  if (r->is_own) fd_close(r->fd);
  if (r->child) {
    if (!r->is_own) {
      fd_close(f->fd);
      f->fd = -1;
      f->child = 0;
    }
    code = qq_child_wait(r->child);
  }
  r->fd = -1;
  r->front.length = 0;
  r->file++;
  if (code && r->at_end && !r->is_again && warn_of_child(log, f, code) < 0)
    return qq_log_no_memory(why);
  return 1;
}

/* ---- bytes ---- */

static int keep_bytes(qq_log *log, char const *s, size_t n, stralloc *why)
{
  qq_log_file const *f = qq_reader_current(log);
  errno = 0;
  if (!log->reader->keeps || log->reader->is_again || f->kept < 0 || allwrite(f->kept, s, n) == n)
    return 1;
  return qq_unable(why, "%s", _("unable to write to a temporary file"));
}

static ssize_t read_some(qq_log *log, char *s, size_t n)
{
  qq_log_reader *r = log->reader;
  qq_log_file const *f = qq_reader_current(log);
  if (r->is_again && !r->is_own && n > f->length - r->offset)
    n = (size_t)(f->length - r->offset);
  if (!n) return 0;
  if (r->fd == f->kept || (f->is_regular && !r->is_own))
    return pread(r->fd, s, n, (off_t)r->offset);
  return fd_read(r->fd, s, n);
}

/* Makes room behind end: what was read is given up, and then the buffer grows. */
static int make_room(qq_log_reader *r)
{
  char *more;
  size_t size;
  if (r->start) {
    memmove(r->buf, r->buf + r->start, r->end - r->start);
    r->end -= r->start;
    r->scanned -= r->start;
    r->start = 0;
  }
  if (r->buf && r->end < r->size / 4 * 3) return 1;
  size = r->buf ? 2 * r->size : BUFFER;
  more = realloc(r->buf, size);
  if (!more) return -1;
  r->buf = more;
  r->size = size;
  return 1;
}

/* What was read the first time must be there the second time; and what was there at first should be
   read. Returns 1, or -1. */
static int check_length(qq_log *log, stralloc *why)
{
  qq_log_reader const *r = log->reader;
  qq_log_file const *f = qq_reader_current(log);
  static char const words[] = N_("%s: it became shorter while it was read");
  if (r->is_own && r->is_again && r->offset < f->length)
    return qq_refuse(why, EIO, _("%s: less of it could be read the second time"), f->name);
  if (r->is_own || r->fd != f->fd || !f->is_regular) return 1;
  if (r->is_again && r->offset < f->length) return qq_refuse(why, EIO, _(words), f->name);
  if (r->is_again || r->offset >= f->size) return 1;
  return qq_log_warn(log, _(words), f->name) < 0 ? qq_log_no_memory(why) : 1;
}

int qq_reader_fill(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  ssize_t n;
  if (r->at_end) return 0;
  if (make_room(r) < 0) return qq_log_no_memory(why);
  n = read_some(log, r->buf + r->end, r->size - r->end);
  if (n < 0) return qq_unable(why, _("unable to read %s"), qq_reader_current(log)->name);
  if (!n) {
    r->at_end = 1;
    return check_length(log, why) < 0 ? -1 : 0;
  }
  if (keep_bytes(log, r->buf + r->end, (size_t)n, why) < 0) return -1;
  r->end += (size_t)n;
  r->offset += (uint64_t)n;
  r->done += (uint64_t)n;
  return 1;
}
