#include <string.h>
#include "queue-private.h"

#define PIECE 65536

/* A longer line is searched in pieces of this size; each begins with the end of the one before, so
   that a pattern of up to OVERLAP bytes is not cut between them. */
#define LINE_MAX_BYTES 1048576
#define OVERLAP 4096

/* Matches the complete lines of text and keeps the rest; at the end all of it. Returns 1, 0, -1. */
static int search_lines(qq_question *q, int at_end)
{
  qq_judge *j = q->judge;
  char *s = j->text.s;
  size_t n = j->text.len;
  int r = 0;
  while (!r && n) {
    char const *end = memchr(s, '\n', n);
    size_t length = end ? (size_t)(end - s) : n;
    size_t const used = end ? length + 1 : length;
    if (!end && !at_end && n < LINE_MAX_BYTES) break;
    if (length && s[length - 1] == '\r') length--;
    r = qq_match(&q->matcher, s, length);
    if (!end && !at_end) {
      s += n - OVERLAP;
      n = OVERLAP;
      break;
    }
    s += used;
    n -= used;
  }
  memmove(j->text.s, s, n);
  j->text.len = n;
  return r;
}

int qq_judge_body(qq_question *q, qq_message *m, int *met)
{
  qq_judge *j = q->judge;
  uint64_t offset = 0;
  size_t got = 1;
  int found = 0;
  if (!stralloc_ready(&j->piece, PIECE)) return qq_judge_matched(m, -1, met);
  qq_mime_start(j->mime);
  j->text.len = 0;
  while (got && !found) {
    int const r = qq_message_read(m, offset, j->piece.s, PIECE, &got);
    if (r != 1) return r;
    found = qq_mime_feed(j->mime, &j->text, j->piece.s, got);
    if (found >= 0) found = j->text.len ? search_lines(q, !got) : 0;
    offset += got;
  }
  return qq_judge_matched(m, found, met);
}
