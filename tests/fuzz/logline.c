/* Lines of a log: pieces lie in what was read, events have what they promise. */

#include <qq/log.h>
#include "fuzz.h"

static void lies_in(qq_piece p, qq_log_line const *l, qq_log_clock const *c)
{
  int const is_raw = p.s >= l->raw.s && p.s + p.n <= l->raw.s + l->raw.n;
  int const is_decoded = c->decoded.s && p.s >= c->decoded.s
    && p.s + p.n <= c->decoded.s + c->decoded.len;
  promise(!p.n || is_raw || is_decoded, "a piece is of the line");
}

static void check(qq_log_line const *l, qq_log_clock const *c)
{
  lies_in(l->host, l, c);
  lies_in(l->tag, l, c);
  lies_in(l->unit, l, c);
  lies_in(l->text, l, c);
  lies_in(l->queue, l, c);
  promise(l->stamp == QQ_LOG_UNKNOWN || !(l->stamp % 1000), "microseconds");
  if (l->event == QQ_LOG_INFO || l->event == QQ_LOG_START) lies_in(l->address, l, c);
  if (l->event >= QQ_LOG_SUCCESS && l->event <= QQ_LOG_NOTE) lies_in(l->reason, l, c);
  if (l->event == QQ_LOG_START) promise(l->address.n > 0 && l->channel < UINT16_MAX, "a start");
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  qq_piece text = { (char const *)data, size }, line;
  qq_log_clock clock = { .newest = UINT64_C(1795000000000000000) };
  qq_log_line l;
  l.raw = text;
  if (qq_log_line_scan(&l, &clock) == 1) check(&l, &clock);
  while (qq_piece_line(&text, &line)) {
    l.raw = line;
    if (qq_log_line_scan(&l, &clock) == 1) check(&l, &clock);
  }
  stralloc_free(&clock.decoded);
  return 0;
}
