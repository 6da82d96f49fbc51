/* Lines that begin as the one before did. Most do for a second, and are read by that without the
   trials that find out what a logger has put there. */

#include <string.h>
#include "log-private.h"

/* No stamp of a front is near this, or the next of its century may be. */
#define STAMP_MOST (UINT64_C(1) << 62)

/* Seconds and their fraction, which is cut to microseconds. */
static QQ_ALWAYS_INLINE int scan_tai(qq_front *f, char const *s, uint64_t *nanoseconds)
{
  uint64_t const digits = qq_eight_at(s);
  uint64_t u;
  if (digits != f->digits) {
    if (!qq_tai_eight(s, &u)) return 0;
    f->second = u * QQ_SECOND;
    f->digits = digits;
  }
  if (!qq_tai_eight(s + 8, &u) || u >= QQ_SECOND) return 0;
  *nanoseconds = f->second + u / 1000 * 1000;
  return 1;
}

/* Behind the digits are two more bytes of the line at least. */
static inline int scan_decimal(char const *s, size_t n, uint64_t *nanoseconds)
{
  uint64_t v = 0;
  size_t i = 0;
  if (n >= 6) {
    v = (qq_eight_at(s) ^ QQ_EACH('0')) & UINT64_C(0xffffffffffff);
    if (qq_no_digits(v)) return 0;
    v = qq_digits_value(v, 48);
    i = 6;
  }
  for (; i < n; i++) {
    unsigned int const digit = (unsigned int)s[i] - '0';
    if (digit > 9) return 0;
    if (i < 6) v = v * 10 + digit;
  }
  for (; i < 6; i++) v *= 10;
  *nanoseconds = v * 1000;
  return 1;
}

static QQ_ALWAYS_INLINE int scan_gap(qq_front *f, char const *line, qq_gap const *gap,
  uint64_t *nanoseconds)
{
  return gap->is_tai ? scan_tai(f, line + gap->at, nanoseconds)
    : scan_decimal(line + gap->at, gap->n, nanoseconds);
}

/* The text must be a piece of the line: journald's is decoded. Behind a tag without a host some
   texts are read with the tag (event.c: qlogreceived). */
static int can_learn(qq_log_reader const *r, qq_log_line const *l)
{
  size_t const length = (size_t)((uintptr_t)l->text.s - (uintptr_t)l->raw.s);
  return length <= QQ_FRONT_MOST && length < l->raw.n && r->clock.count <= QQ_LOG_FRACTIONS
    && (!l->is_yearless || r->is_settled) && l->event != QQ_LOG_OTHER && !l->is_cut
    && l->stamp < STAMP_MOST && !l->unit.n && (l->host.n || !l->tag.n)
    && *l->raw.s != '{' && *l->raw.s != '_' && !qq_is_blank(*l->raw.s);
}

/* Where lines leave out the year, going from minute to minute tells when a new one begins: so a
   front is good until another minute was read. */
static int is_same_minute(qq_front const *f, qq_log_clock const *c)
{
  return !memcmp(f->minute, c->minute, sizeof f->minute);
}

static size_t place(qq_log_line const *l, char const *s)
{
  return (size_t)(s - l->raw.s);
}

/* Says whether the last gap can be read again. */
static int learn_gaps(qq_front *f, qq_log_line const *l, qq_log_clock const *c)
{
  uint64_t nanoseconds = 0;
  unsigned int i;
  memset(f->gaps, 0, sizeof f->gaps);
  for (i = 0; i < c->count; i++) {
    qq_gap *gap = &f->gaps[QQ_LOG_FRACTIONS - c->count + i];
    gap->at = place(l, c->fractions[i].s);
    gap->n = c->fractions[i].n;
    gap->is_tai = c->fractions[i].is_tai;
    if (!scan_gap(f, l->raw.s, gap, &nanoseconds)) return 0;
  }
  f->between = f->gaps[0].at + f->gaps[0].n;
  f->behind = f->gaps[1].at + f->gaps[1].n;
  f->stamp = l->stamp - nanoseconds;
  return 1;
}

static int is_piece(qq_front const *f, size_t at, size_t n, qq_piece p)
{
  return n == p.n && !memcmp(f->bytes + at, p.s, n);
}

/* Once it is known that the line is of another origin. */
static void learn_origin(qq_log_reader *r, qq_log_line const *l)
{
  qq_front *f = &r->front;
  if (f->origin && f->set_number == l->set_number
    && is_piece(f, f->host_at, f->host_length, l->host)
    && is_piece(f, f->tag_at, f->tag_length, l->tag)) return;
  f->origin = ++r->origins;
  f->set_number = l->set_number;
}

void qq_front_learn(qq_log_reader *r, qq_log_line *l)
{
  qq_front *f = &r->front;
  if (!is_same_minute(f, &r->clock)) f->length = 0;
  if (!can_learn(r, l)) return;
  f->length = 0;
  if (!learn_gaps(f, l, &r->clock)) return;
  learn_origin(r, l);
  l->origin = f->origin;
  memcpy(f->minute, r->clock.minute, sizeof f->minute);
  f->length = place(l, l->text.s);
  memcpy(f->bytes, l->raw.s, f->length);
  f->is_yearless = l->is_yearless;
  f->host_length = l->host.n;
  f->tag_length = l->tag.n;
  f->host_at = l->host.n ? place(l, l->host.s) : 0;
  f->tag_at = l->tag.n ? place(l, l->tag.s) : 0;
}

/* ---- the short path from the buffer to the event ---- */

/* memcmp(3) of so few bytes is mostly the call. */
static QQ_ALWAYS_INLINE int is_same(char const *a, char const *b, size_t n)
{
  size_t i;
  if (n < 8) {
    while (n && a[n - 1] == b[n - 1]) n--;
    return !n;
  }
  for (i = 0; i + 8 < n; i += 8) if (qq_eight_at(a + i) != qq_eight_at(b + i)) return 0;
  return qq_eight_at(a + n - 8) == qq_eight_at(b + n - 8);
}

static inline int begins_alike(qq_front *f, char const *s, uint64_t *stamp)
{
  qq_gap const *gap = f->gaps;
  uint64_t nanoseconds = 0;
  if (gap[0].n && !(is_same(s, f->bytes, gap[0].at) && scan_gap(f, s, &gap[0], &nanoseconds)))
    return 0;
  if (!is_same(s + f->between, f->bytes + f->between, gap[1].at - f->between)) return 0;
  if (gap[1].n && !scan_gap(f, s, &gap[1], &nanoseconds)) return 0;
  if (!is_same(s + f->behind, f->bytes + f->behind, f->length - f->behind)) return 0;
  *stamp = f->stamp + nanoseconds;
  return *stamp < 2 * STAMP_MOST;       /* the first ten seconds of TAI64N's century are none */
}

static inline void set_piece(qq_piece *p, char const *s, size_t n)
{
  p->s = s;
  p->n = n;
}

/* Takes the line that is raw, whose newline is one of it. */
static inline int take(qq_front *f, qq_log_line *l)
{
  char const *s = l->raw.s;
  size_t const n = l->raw.n - 1;
  if (n <= f->length || n - f->length == QQ_LOG_SPLOGGER_CHUNK) return 0;
  if (!begins_alike(f, s, &l->stamp)) return 0;
  set_piece(&l->text, s + f->length, n - f->length);
  if (!qq_log_event_scan(l) || l->event == QQ_LOG_OTHER) return 0;
  set_piece(&l->host, s + f->host_at, f->host_length);
  set_piece(&l->tag, s + f->tag_at, f->tag_length);
  set_piece(&l->unit, "", 0);
  l->origin = f->origin;
  l->is_cut = 0;
  l->is_yearless = f->is_yearless;
  return 1;
}

/* The next line if it is in the buffer and begins as the one before did. Returns 1; or 0: it does
   not, or is nothing that qmail-send says, and line is unspecified. */
static inline int next_alike(qq_log *log, qq_log_line *line)
{
  qq_log_reader *r = log->reader;
  char const *s = r->buf + r->start, *const end = r->buf + r->end, *newline;
  int found = 0;
  for (; (newline = memchr(s, '\n', (size_t)(end - s))); s = newline + 1) {
    qq_log_file const *file;
    size_t const n = (size_t)(newline + 1 - s);
    if (qq_reader_passes(r, s, n)) continue;
    set_piece(&line->raw, s, n);
    found = take(&r->front, line);
    if (!found) break;
    r->text_at = r->front.length;
    file = qq_reader_current(log);
    line->set = file->set;
    line->set_number = file->set_number;
    s += n;
    break;
  }
  r->start = r->scanned = (size_t)(s - r->buf);
  return found;
}

int qq_log_next(qq_log *log, qq_log_line *line, stralloc *why)
{
  qq_log_reader const *r = log->reader;
  if (r && r->front.length && !r->parked.len && !r->has_held && next_alike(log, line)) return 1;
  return qq_log_next_joined(log, line, why);
}
