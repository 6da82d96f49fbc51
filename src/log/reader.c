/* The lines of a log, as they stand. */

#include <string.h>
#include <qq/names.h>
#include "log-private.h"

/* A longer line is no line of a log. */
#define LINE_MAX_BYTES (16 * 1048576)

/* Keeps where the text of the line begins, if it is a piece of that and not decoded. */
static void keep_text_at(qq_log_reader *r)
{
  qq_log_line const *line = &r->line;
  size_t const at = (size_t)((uintptr_t)line->text.s - (uintptr_t)line->raw.s);
  if (at && at < line->raw.n) r->text_at = at;
}

/* multilog (multilog.c:c_write) and svlogd finish a file at its size, also within a line of more
   than 2000 bytes: that goes on in the next file. So it does in what was current when it was
   opened, and is not any more. */
static int goes_on(qq_log *log)
{
  qq_log_reader const *r = log->reader;
  qq_log_file const *f = qq_reader_current(log);
  char const *slash = strrchr(f->name, '/'), *base = slash ? slash + 1 : f->name;
  return !r->is_skipping && r->file + 1 < genalloc_len(qq_log_file, &log->files)
    && f[1].set_number == f->set_number && !f[1].from
    && (f->is_growing ? !strcmp(base, QQ_NAME_CURRENT)
      : qq_log_is_finished(base) || !strcmp(base, QQ_NAME_PREVIOUS)
        || !strcmp(base, QQ_NAME_PROCESSED));
}

/* What was carried over is a line, or the head of one, now, or passed over: the files that it is of
   have been taken to their ends. */
static void end_carried(qq_log *log)
{
  qq_log_reader *r = log->reader;
  qq_log_file *f = genalloc_s(qq_log_file, &log->files);
  size_t i = r->file;
  while (i-- && f[i].set_number == f[r->file].set_number && f[i].taken < f[i].length)
    f[i].taken = f[i].length;
  r->carried = 0;
}

/* Where a stamp stands behind what was carried over, the file with the rest is not there. */
static void settle_carried(qq_log *log, qq_piece *raw)
{
  qq_log_reader *r = log->reader;
  qq_log_line line = { 0 };
  line.text.s = raw->s + r->carried;
  line.text.n = raw->n - r->carried;
  if (qq_log_stamp_scan(&line, &r->clock)) raw->n = r->carried;
  end_carried(log);
}

/* Says whether what stands from start on is all that there will be of it. */
static int is_end(qq_log const *log)
{
  qq_log_reader const *r = log->reader;
  return r->at_end && r->end > r->start && (!log->follows || r->child);
}

/* Says whether that is a line, although there is no newline. */
static int is_last_line(qq_log *log)
{
  return is_end(log) && !qq_reader_current(log)->is_growing && !goes_on(log);
}

/* Sets raw to what stands up to the next newline, with it. Returns 1; 0: the file has ended; -1. */
static int next_raw(qq_log *log, qq_piece *raw, stralloc *why)
{
  qq_log_reader *r = log->reader;
  for (;;) {
    size_t const n = r->end - r->scanned;
    char *newline = n ? memchr(r->buf + r->scanned, '\n', n) : 0;
    if (newline || is_last_line(log)) {
      raw->s = r->buf + r->start;
      raw->n = (newline ? (size_t)(newline + 1 - r->buf) : r->end) - r->start;
      if (r->carried) settle_carried(log, raw);
      r->start = r->scanned = r->start + raw->n;
      if (!r->is_skipping && !(r->is_begun && qq_reader_passes(r, raw->s, raw->n)))
        return 1;                       /* but the first line of a file says when it begins */
      r->is_skipping = 0;
      continue;
    }
    r->scanned = r->end;
    if (r->at_end) {
      r->carried = goes_on(log) ? r->end - r->start : 0;
      return 0;
    }
    if (r->end - r->start >= LINE_MAX_BYTES) {
      if (!r->is_skipping && qq_log_warn(log, _("%s: passed over a line of more than 16 MB"),
        qq_reader_current(log)->name) < 0) return qq_log_no_memory(why);
      if (r->carried) end_carried(log);
      r->is_skipping = 1;
      r->start = r->scanned = r->end;
    }
    if (qq_reader_fill(log, why) < 0) return -1;
  }
}

/* The length of the field of `journalctl -o export' at s; 0: its end is not there. */
static size_t field_length(char const *s, size_t n)
{
  char const *newline = memchr(s, '\n', n);
  size_t const line = newline ? (size_t)(newline - s) : 0;
  uint64_t length = 0;
  int i;
  if (!newline || memchr(s, '=', line)) return newline ? line + 1 : 0;
  if (n < line + 1 + 8) return 0;
  for (i = 8; i--;) length = length << 8 | (unsigned char)s[line + 1 + (size_t)i];
  return length >= n || n - line - 9 < length + 1 ? 0 : line + 1 + 8 + (size_t)length + 1;
}

/* How many bytes are a record, up to the empty line behind it; 0: its end is not there. What has
   been scanned of it is not scanned again when there is more. */
static size_t record_length(qq_log_reader *r)
{
  size_t n;
  while (r->scanned < r->end) {
    if (r->buf[r->scanned] == '\n') return r->scanned + 1 - r->start;
    n = field_length(r->buf + r->scanned, r->end - r->scanned);
    if (!n) return 0;
    r->scanned += n;
  }
  return 0;
}

static int next_record(qq_log *log, qq_piece *raw, stralloc *why)
{
  qq_log_reader *r = log->reader;
  for (;;) {
    size_t const n = record_length(r);
    int more = 1;
    if (n || is_end(log)) {
      raw->s = r->buf + r->start;
      raw->n = n ? n : r->end - r->start;
      r->start = r->scanned = r->start + raw->n;
      return 1;
    }
    if (r->at_end) return 0;
    if (r->end - r->start >= LINE_MAX_BYTES) {
      r->is_export = 0;         /* not what it seemed to be */
      r->scanned = r->start;
      return next_raw(log, raw, why);
    }
    more = qq_reader_fill(log, why);
    if (more < 0) return -1;
  }
}

static int looks_exported(qq_log_reader const *r, qq_piece raw)
{
  static char const word[] = "__CURSOR=";
  return !r->is_begun && raw.n >= sizeof word - 1 && !memcmp(raw.s, word, sizeof word - 1);
}

/* The first line of a file says whether it is one of records. */
static int next_piece(qq_log *log, qq_piece *raw, stralloc *why)
{
  qq_log_reader *r = log->reader;
  int got = r->is_export ? next_record(log, raw, why) : next_raw(log, raw, why);
  if (got > 0 && looks_exported(r, *raw)) {
    r->is_export = 1;
    r->start = r->scanned = r->start - raw->n;
    got = next_record(log, raw, why);
  }
  return got;
}

/* Once the year is known that it does not say. */
static int scan_again(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_line *line = &r->line;
  if (!line->is_yearless || line->event == QQ_LOG_OTHER || r->is_settled) return 1;
  if (qq_reader_settle_year(log, why) < 0) return -1;
  return qq_log_line_scan(line, &r->clock) < 0 ? qq_log_no_memory(why) : 1;
}

int qq_reader_next(qq_log *log, stralloc *why)
{
  qq_log_reader *r = log->reader;
  qq_log_line *line = &r->line;
  for (;;) {
    int got;
    if (r->fd < 0 && r->file == genalloc_len(qq_log_file, &log->files)) return 0;
    if (r->fd < 0 && qq_reader_begin_file(log, why) < 0) return -1;
    got = next_piece(log, &line->raw, why);
    if (got < 0) return -1;
    if (!got) {
      if (qq_reader_end_file(log, why) < 0) return -1;
      continue;
    }
    line->set = qq_reader_current(log)->set;
    line->set_number = qq_reader_current(log)->set_number;
    got = qq_log_line_scan(line, &r->clock);
    keep_text_at(r);
    qq_front_learn(r);
    if (got == 1 && r->is_begun && !line->is_yearless) return 1;
    if (got < 0) return qq_log_no_memory(why);
    if (got == 1 && scan_again(log, why) < 0) return -1;
    if (!r->is_begun) qq_reader_current(log)->begins = line->stamp;
    if (!r->is_begun && qq_reader_skip(log, line)) line->event = QQ_LOG_OTHER;
    r->is_begun = 1;
    return got;
  }
}
