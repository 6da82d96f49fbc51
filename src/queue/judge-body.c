#include <string.h>
#include "judge-body.h"

#define PIECE 65536

/* A longer line is searched in pieces of this size; each begins with the end of the one before, so that a pattern of up to OVERLAP bytes
   is not cut between them. */
#define LINE_MAX_BYTES 1048576
#define OVERLAP 4096

/* Matches the complete lines of j->text and keeps the rest; all of it at the end. Returns 1 found, 0, -1. */
static int search_lines(qq_judge *j, int at_end)
{
  char *s = j->text.s;
  size_t n = j->text.len;
  int r = 0;
  while (!r && n) {
    char const *end = memchr(s, '\n', n);
    size_t length = end ? (size_t)(end - s) : n;
    size_t const used = end ? length + 1 : length;
    if (!end && !at_end && n < LINE_MAX_BYTES) break;
    if (length && s[length - 1] == '\r') length--;
    r = qq_match(&j->body, s, length);
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

int qq_judge_body(qq_judge *j, qq_message *m, int *met)
{
  char s[PIECE];
  uint64_t offset = 0;
  size_t got = 1;
  *met = 0;
  qq_mime_start(j->mime);
  j->text.len = 0;
  while (got && !*met) {
    int r = qq_message_read(m, offset, s, sizeof s, &got);
    if (r != 1) return r;
    if (qq_mime_feed(j->mime, &j->text, s, got) < 0) return qq_judge_out_of_memory(m);
    r = j->text.len ? search_lines(j, !got) : 0;
    if (r < 0) return qq_judge_out_of_memory(m);
    *met = r;
    offset += got;
  }
  return 1;
}
