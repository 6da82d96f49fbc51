#include <string.h>
#include <qq/mime.h>
#include <qq/text.h>

/* At the beginning of a line that may be a boundary; giving out the line end, then the bytes, that
   were held; in a line; behind a boundary, up to the line end. */
enum { BEGIN, GIVE_LINE_END, GIVE_HELD, LINE, DROP };

void qq_parts_start(qq_parts *p)
{
  p->depth = 0;
  p->by_line = 0;
  p->state = BEGIN;
  p->line_end = 0;
  p->held_length = 0;
}

int qq_parts_open(qq_parts *p, qq_content const *content)
{
  qq_boundary *b;
  if (p->depth == QQ_MIME_DEPTH_MAX) return 0;
  b = p->open + p->depth++;
  memcpy(b->text, content->boundary, content->boundary_length);
  b->length = content->boundary_length;
  b->digest = content->digest;
  return 1;
}

/* Says whether the held line is the boundary b, 2 if the last. */
static int matches(qq_parts const *p, qq_boundary const *b)
{
  size_t i = 2 + b->length;
  int last;
  if (p->held_length < i || memcmp(p->held + 2, b->text, b->length)) return 0;
  last = p->held_length >= i + 2 && p->held[i] == '-' && p->held[i + 1] == '-';
  if (last) i += 2;
  while (i < p->held_length && (qq_is_blank(p->held[i]) || p->held[i] == '\r')) i++;
  return i < p->held_length ? 0 : 1 + last;
}

/* The held line is complete, or as much of it as can matter. An outer boundary ends inner
   multiparts (section 5.1.2). */
static qq_parts_event decide(qq_parts *p)
{
  size_t depth;
  for (depth = p->depth; depth && p->held_length > 2; depth--) {
    int const match = matches(p, p->open + depth - 1);
    if (!match) continue;
    p->depth = match == 2 ? depth - 1 : depth;
    p->state = DROP;
    p->line_end = 0;
    p->held_length = 0;
    return match == 2 ? QQ_PARTS_CLOSE : QQ_PARTS_NEXT;
  }
  p->state = GIVE_LINE_END;
  return QQ_PARTS_MORE;
}

/* Holds bytes until the line can be judged. */
static qq_parts_event begin(qq_parts *p, qq_piece *piece, int last)
{
  while (piece->n && *piece->s != '\n' && p->held_length < sizeof(p->held)) {
    if (p->held_length < 2 && *piece->s != '-') return decide(p);
    p->held[p->held_length++] = *piece->s;
    qq_piece_skip(piece, 1);
  }
  return piece->n || last || p->held_length == sizeof(p->held) ? decide(p) : QQ_PARTS_MORE;
}

/* Returns where the content ends: behind a line, or before the last LF behind which a boundary may
   stand. */
static char const *line(qq_parts *p, char const *s, char const *end)
{
  for (;;) {
    char const *const lf = memchr(s, '\n', (size_t)(end - s));
    if (!lf) return end;
    if (p->by_line) {
      p->state = BEGIN;
      return lf + 1;
    }
    if (lf + 1 == end || lf[1] == '-') {
      p->state = BEGIN;
      p->line_end = 1;
      return lf;
    }
    s = lf + 1;
  }
}

/* Content from the piece itself. */
static int in_line(qq_parts *p, qq_piece *piece, qq_piece *content)
{
  char const *const end = piece->s + piece->n;
  content->s = piece->s;
  content->n = p->depth || p->by_line ? (size_t)(line(p, piece->s, end) - piece->s) : piece->n;
  qq_piece_skip(piece, content->n + (size_t)p->line_end);
  return content->n > 0;
}

static void drop(qq_parts *p, qq_piece *piece)
{
  char const *const lf = memchr(piece->s, '\n', piece->n);
  if (lf) p->state = BEGIN;
  qq_piece_skip(piece, lf ? (size_t)(lf + 1 - piece->s) : piece->n);
}

qq_parts_event qq_parts_next(qq_parts *p, qq_piece *piece, int last, qq_piece *content)
{
  qq_parts_event e;
  for (;;) {
    if (p->state == BEGIN) {
      e = begin(p, piece, last);
      if (e != QQ_PARTS_MORE) return e;
      if (p->state == BEGIN) return QQ_PARTS_MORE;
    } else if (p->state == GIVE_LINE_END) {
      p->state = GIVE_HELD;
      content->s = "\n";
      content->n = (size_t)p->line_end;
      p->line_end = 0;
      if (content->n) return QQ_PARTS_CONTENT;
    } else if (p->state == GIVE_HELD) {
      p->state = LINE;
      content->s = p->held;
      content->n = p->held_length;
      p->held_length = 0;
      if (content->n) return QQ_PARTS_CONTENT;
    } else if (!piece->n) {
      return QQ_PARTS_MORE;
    } else if (p->state == DROP) {
      drop(p, piece);
    } else if (in_line(p, piece, content)) {
      return QQ_PARTS_CONTENT;
    }
  }
}
