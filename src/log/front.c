/* Lines that begin as the one before did. Most do for a second, and are read by that without the
   trials that find out what a logger has put there. */

#include <string.h>
#include "log-private.h"

/* The nanoseconds that the digits of a fraction mean, cut to microseconds. Returns 1, or 0: they
   are none. */
static inline int scan_fraction(char const *s, qq_log_fraction const *f, uint64_t *nanoseconds)
{
  uint64_t v = 0;
  unsigned int digit;
  size_t i;
  if (f->is_tai) return qq_tai_fraction(s, nanoseconds);
  for (i = 0; i < f->n; i++) {
    digit = (unsigned int)s[i] - '0';
    if (digit > 9) return 0;
    if (i < 6) v = v * 10 + digit;
  }
  for (; i < 6; i++) v *= 10;
  *nanoseconds = v * 1000;
  return 1;
}

/* The text must be a piece of the line: journald's is decoded. Behind a tag without a host some
   texts are read with the tag (event.c: qlogreceived). */
static int can_learn(qq_log_reader const *r, qq_log_line const *l)
{
  size_t const length = (size_t)((uintptr_t)l->text.s - (uintptr_t)l->raw.s);
  return length <= QQ_FRONT_MOST && length < l->raw.n && r->clock.count <= QQ_LOG_FRACTIONS
    && (!l->is_yearless || r->is_settled) && l->event != QQ_LOG_OTHER && !l->is_cut
    && l->stamp != QQ_LOG_UNKNOWN && !l->unit.n && (l->host.n || !l->tag.n)
    && *l->raw.s != '{' && *l->raw.s != '_' && !qq_is_blank(*l->raw.s);
}

static size_t place(qq_log_line const *l, char const *s)
{
  return (size_t)(s - l->raw.s);
}

/* Where lines leave out the year, going from minute to minute tells when a new one begins: so a
   front is good until another minute was read. */
static int is_same_minute(qq_front const *f, qq_log_clock const *c)
{
  return !memcmp(f->minute, c->minute, sizeof f->minute);
}

void qq_front_learn(qq_log_reader *r, qq_log_line const *l)
{
  qq_front *f = &r->front;
  qq_log_clock const *c = &r->clock;
  uint64_t nanoseconds = 0;
  char const *at = l->raw.s;
  unsigned int i;
  if (!is_same_minute(f, c)) f->length = 0;
  if (!can_learn(r, l)) return;
  memcpy(f->minute, c->minute, sizeof f->minute);
  f->length = place(l, l->text.s);
  memcpy(f->bytes, l->raw.s, f->length);
  f->count = c->count;
  for (i = 0; i < c->count; i++) {
    f->fractions[i] = c->fractions[i];
    f->fixed[i] = (size_t)(c->fractions[i].s - at);
    at = c->fractions[i].s + c->fractions[i].n;
    scan_fraction(at - c->fractions[i].n, &f->fractions[i], &nanoseconds);
  }
  f->fixed[i] = (size_t)(l->text.s - at);
  f->stamp = l->stamp - nanoseconds;
  f->is_yearless = l->is_yearless;
  f->host_length = l->host.n;
  f->tag_length = l->tag.n;
  f->host_at = l->host.n ? place(l, l->host.s) : 0;
  f->tag_at = l->tag.n ? place(l, l->tag.s) : 0;
}

/* ---- the short path from the buffer to the event ---- */

static inline int is_same(char const *a, char const *b, size_t n)
{
  return n == 1 ? *a == *b : !memcmp(a, b, n);
}

static inline int begins_alike(qq_front const *f, char const *s, uint64_t *stamp)
{
  uint64_t nanoseconds = 0;
  char const *as = f->bytes;
  unsigned int i;
  for (i = 0; is_same(s, as, f->fixed[i]); i++) {
    size_t const fixed = f->fixed[i];
    if (i == f->count) {
      *stamp = f->stamp + nanoseconds;
      return 1;
    }
    if (!scan_fraction(s + fixed, &f->fractions[i], &nanoseconds)) return 0;
    as += fixed + f->fractions[i].n;
    s += fixed + f->fractions[i].n;
  }
  return 0;
}

static inline void set_piece(qq_piece *p, char const *s, size_t n)
{
  p->s = s;
  p->n = n;
}

/* Takes the line that is raw, whose newline is one of it. */
static inline int take(qq_front const *f, qq_log_line *l)
{
  char const *s = l->raw.s;
  size_t const n = l->raw.n - 1;
  if (n <= f->length || n - f->length == QQ_LOG_SPLOGGER_CHUNK) return 0;
  if (!begins_alike(f, s, &l->stamp)) return 0;
  set_piece(&l->text, s + f->length, n - f->length);
  set_piece(&l->host, s + f->host_at, f->host_length);
  set_piece(&l->tag, s + f->tag_at, f->tag_length);
  set_piece(&l->unit, "", 0);
  l->is_cut = 0;
  l->is_yearless = f->is_yearless;
  return qq_log_event_scan(l) && l->event != QQ_LOG_OTHER;
}

/* The next line if it is in the buffer and begins as the one before did. Returns 1; or 0: it does
   not, or is nothing that qmail-send says, and line is unspecified. */
static inline int next_alike(qq_log *log, qq_log_line *line)
{
  qq_log_reader *r = log->reader;
  size_t at = r->start;
  char const *newline;
  while ((newline = memchr(r->buf + at, '\n', r->end - at))) {
    qq_log_file const *file;
    char const *s = r->buf + at;
    size_t const n = (size_t)(newline + 1 - s);
    at += n;
    if (qq_log_is_status(s, n, r->front.length)) continue;
    set_piece(&line->raw, s, n);
    r->start = r->scanned = at - n;
    if (!take(&r->front, line)) return 0;
    file = qq_reader_current(log);
    line->set = file->set;
    line->set_number = file->set_number;
    r->start = r->scanned = at;
    return 1;
  }
  r->start = r->scanned = at;
  return 0;
}

int qq_log_next(qq_log *log, qq_log_line *line, stralloc *why)
{
  qq_log_reader const *r = log->reader;
  if (r && r->front.length && !r->parked.len && !r->has_held && next_alike(log, line)) return 1;
  return qq_log_next_joined(log, line, why);
}
