/* Lines that begin as the one before did, but for their seconds. Most do, and are read by that
   without the trials that find out what a logger has put there. */

#include <string.h>
#include "log-private.h"

/* Stamps of fronts are below this, so that no sum overflows; nor are they below a second: such a
   one may be from before 1970, and only its fraction kept. */
#define STAMP_MOST (UINT64_C(1) << 62)

/* With fewer seconds of a century, a label of TAI64N may be from before 1970, or greater than any
   that counts (stamp.c: is_new_second). */
#define TAI_LEAST 10

/* Seconds and their fraction, which is cut to microseconds. */
static QQ_ALWAYS_INLINE int scan_tai(qq_front *f, char const *s, uint64_t *nanoseconds)
{
  uint64_t const digits = qq_eight_at(s);
  uint64_t u;
  if (digits != f->digits) {
    if (!qq_tai_eight(s, &u) || u < TAI_LEAST) return 0;
    f->second = u * QQ_SECOND;
    f->digits = digits;
  }
  if (!qq_tai_eight(s + 8, &u) || u >= QQ_SECOND) return 0;
  *nanoseconds = f->second + (uint32_t)u / 1000 * 1000;
  return 1;
}

/* Behind the digits are two more bytes of the line at least. */
static inline int scan_fraction(char const *s, size_t n, uint64_t *nanoseconds)
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
  *nanoseconds += v * 1000;
  return 1;
}

static inline int scan_decimal(char const *s, size_t n, uint64_t *nanoseconds)
{
  unsigned int const tens = (unsigned int)s[0] - '0', ones = (unsigned int)s[1] - '0';
  if (tens > 9 || ones > 9) return 0;
  *nanoseconds = (tens * 10 + ones) * QQ_SECOND;
  return n == 2 || (s[2] == '.' && scan_fraction(s + 3, n - 3, nanoseconds));
}

static QQ_ALWAYS_INLINE int scan_gap(qq_front *f, char const *line, qq_gap const *gap,
  uint64_t *nanoseconds)
{
  return gap->is_tai ? scan_tai(f, line + gap->at, nanoseconds)
    : scan_decimal(line + gap->at, gap->n, nanoseconds);
}

/* The text must be a piece of the line: journald's is decoded, and records have others behind it.
   Behind a tag without a host, or that host, some texts are read with it (event.c: qlogreceived,
   imuxsock). */
static int can_learn(qq_log_reader const *r)
{
  qq_log_line const *l = &r->line;
  qq_piece host = l->host;
  size_t const length = (size_t)((uintptr_t)l->text.s - (uintptr_t)l->raw.s);
  return length >= 8 && length <= QQ_FRONT_MOST && length < l->raw.n
    && r->clock.count <= QQ_LOG_STAMPS
    && !r->is_export && !qq_piece_take(&host, "imuxsock")
    && (!l->is_yearless || r->is_settled) && l->event != QQ_LOG_OTHER && !l->is_cut
    && l->stamp >= QQ_SECOND && l->stamp < STAMP_MOST && !l->unit.n && (l->host.n || !l->tag.n)
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

/* Adds the words by which the line is known again to have the same bytes from at up to end. Some
   have bytes in front of that, or at the beginning of the line behind it, which do not count. */
static void learn_words(qq_front *f, char const *line, size_t at, size_t end)
{
  while (at < end) {
    size_t const next = end - at > 8 ? at + 8 : end;
    qq_front_word *w = &f->words[f->count++];
    w->at = next < 8 ? 0 : next - 8;
    w->mask = UINT64_MAX >> (64 - 8 * (next - at)) << 8 * (at - w->at);
    w->value = qq_eight_at(line + w->at) & w->mask;
    at = next;
  }
}

/* Says whether the last gap can be read again. */
static int learn_gaps(qq_front *f, qq_log_line const *l, qq_log_clock const *c)
{
  uint64_t nanoseconds = 0;
  size_t at = 0;
  unsigned int i;
  memset(f->gaps, 0, sizeof f->gaps);
  f->count = 0;
  for (i = 0; i < c->count; i++) {
    qq_log_seconds const *stamp = &c->stamps[i];
    qq_gap *gap = &f->gaps[QQ_LOG_STAMPS - c->count + i];
    gap->at = place(l, stamp->s);
    gap->n = stamp->n;
    gap->is_tai = stamp->is_tai;
    if (!scan_gap(f, l->raw.s, gap, &nanoseconds)) return 0;
    learn_words(f, l->raw.s, at, gap->at);
    at = gap->at + gap->n;
  }
  learn_words(f, l->raw.s, at, place(l, l->text.s));
  f->stamp = l->stamp - nanoseconds;
  return 1;
}

/* It is another origin only if the line is of another set, host or tag. */
static void learn_origin(qq_log_reader *r)
{
  qq_log_line const *l = &r->line;
  qq_front *f = &r->front;
  if (f->origin && f->set_number == l->set_number && qq_piece_same(f->host, l->host)
    && qq_piece_same(f->tag, l->tag)) return;
  f->origin = ++r->origins;
  f->set_number = l->set_number;
}

/* The piece of the line, in what is kept of that. */
static qq_piece keep(qq_front const *f, qq_log_line const *l, qq_piece p)
{
  if (p.n) p.s = f->bytes + place(l, p.s);
  return p;
}

void qq_front_learn(qq_log_reader *r)
{
  qq_log_line *l = &r->line;
  qq_front *f = &r->front;
  if (!is_same_minute(f, &r->clock)) f->length = 0;
  if (!can_learn(r)) return;
  f->length = 0;
  if (!learn_gaps(f, l, &r->clock)) return;
  learn_origin(r);
  l->origin = f->origin;
  memcpy(f->minute, r->clock.minute, sizeof f->minute);
  f->length = place(l, l->text.s);
  memcpy(f->bytes, l->raw.s, f->length);
  f->is_yearless = l->is_yearless;
  f->host = keep(f, l, l->host);
  f->tag = keep(f, l, l->tag);
}

/* ---- the short path from the buffer to the event ---- */

static inline int begins_alike(qq_front *f, char const *s, uint64_t *stamp)
{
  qq_gap const *gap = f->gaps;
  uint64_t nanoseconds = 0;
  size_t i;
  for (i = 0; i < f->count; i++)
    if ((qq_eight_at(s + f->words[i].at) & f->words[i].mask) != f->words[i].value) return 0;
  if (gap[0].n && !scan_gap(f, s, &gap[0], &nanoseconds)) return 0;
  if (gap[1].n && !scan_gap(f, s, &gap[1], &nanoseconds)) return 0;
  *stamp = f->stamp + nanoseconds;
  return *stamp < 2 * STAMP_MOST;       /* before 1970 there is nothing */
}

/* What all lines with the front have. */
static void set_alike(qq_log *log)
{
  static qq_piece const none = { "", 0 };
  qq_log_reader *r = log->reader;
  qq_log_file const *file = qq_reader_current(log);
  qq_log_line *l = &r->line;
  l->host = r->front.host;
  l->tag = r->front.tag;
  l->unit = none;
  l->is_cut = 0;
  l->is_yearless = r->front.is_yearless;
  l->origin = r->front.origin;
  l->set = file->set;
  l->set_number = file->set_number;
  r->is_alike = 1;
}

/* Takes a line of n bytes, the newline being one of them. */
static inline int take(qq_log_reader *r, char const *s, size_t n)
{
  size_t const front = r->front.length, text = n - 1 - front;
  qq_log_line *l = &r->line;
  if (n - 1 <= front || text == QQ_LOG_SPLOGGER_CHUNK) return 0;
  if (!begins_alike(&r->front, s, &l->stamp)) return 0;
  l->raw = (qq_piece){ s, n };
  l->text = (qq_piece){ s + front, text };
  return qq_log_event_scan(l) && l->event != QQ_LOG_OTHER;
}

/* The next line if it is in the buffer and begins as the one before did. Returns 1; or 0: it does
   not, or is nothing that qmail-send says, and the line is unspecified. */
static inline int next_alike(qq_log *log)
{
  qq_log_reader *r = log->reader;
  char const *s = r->buf + r->start, *const end = r->buf + r->end, *newline;
  size_t n = 0;
  if (!r->is_alike) set_alike(log);
  while ((newline = memchr(s, '\n', (size_t)(end - s)))) {
    n = (size_t)(newline + 1 - s);
    if (!qq_reader_passes(r, s, n)) break;
    s = newline + 1;
  }
  if (newline && take(r, s, n)) r->text_at = r->front.length;
  else n = 0;
  r->start = r->scanned = (size_t)(s + n - r->buf);
  return n != 0;
}

int qq_log_next(qq_log *log, qq_log_line const **line, stralloc *why)
{
  qq_log_reader *r = log->reader;
  if (!r && qq_log_rewind(log, why) < 0) return -1;
  r = log->reader;
  *line = &r->line;
  return r->may_be_alike && next_alike(log) ? 1 : qq_log_next_joined(log, why);
}
