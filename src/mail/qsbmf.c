#include <string.h>
#include <qq/qsbmf.h>
#include <qq/text.h>

/* Before the introduction; in a paragraph that is no recipient; between paragraphs; in one of a
   recipient; behind one that is yet to be told of; behind the list. */
enum { BEGIN, OTHER, BETWEEN, RECIPIENT, COMPLETE, OVER };

static void start(qq_qsbmf *q, int state)
{
  q->address.len = q->reason.len = q->line.len = 0;
  q->state = state;
}

void qq_qsbmf_start_message(qq_qsbmf *q)
{
  start(q, BEGIN);
}

void qq_qsbmf_start_file(qq_qsbmf *q)
{
  start(q, BETWEEN);
}

void qq_qsbmf_free(qq_qsbmf *q)
{
  stralloc_free(&q->address);
  stralloc_free(&q->reason);
  stralloc_free(&q->line);
}

/* The address stands between < and the last >: of the line, as it may contain >: itself. Returns
   its length + 1, or 0. */
static size_t address_end(char const *s, size_t n)
{
  size_t i;
  if (!n || *s != '<') return 0;
  for (i = n; i > 2; i--)
    if (s[i - 2] == '>' && s[i - 1] == ':') return i - 2;
  return 0;
}

static int begin_recipient(qq_qsbmf *q, char const *s, size_t n)
{
  size_t const length = address_end(s, n);
  q->state = length ? RECIPIENT : OTHER;
  if (!length) return 0;
  q->address.len = q->reason.len = 0;
  return qq_append(&q->address, s + 1, length - 1) ? 0 : -1;
}

static int add_reason(qq_qsbmf *q, char const *s, size_t n)
{
  if (q->reason.len > QQ_QSBMF_REASON_MAX - 2) return 0;
  if (q->reason.len && !stralloc_append(&q->reason, '\n')) return -1;
  return qq_append_up_to(&q->reason, s, n, QQ_QSBMF_REASON_MAX) ? 0 : -1;
}

/* Takes a line without its LF. Returns 1 if it completes a recipient, 0, or -1. */
static int take_line(qq_qsbmf *q, char const *s, size_t n)
{
  static char const introduction[] = "Hi. This is the";
  int const empty = !n || (n == 1 && *s == '\r');
  switch (q->state) {
  case BEGIN:
    q->state = n < sizeof introduction - 1 || memcmp(s, introduction, sizeof introduction - 1)
      ? OVER : OTHER;
    return 0;
  case OTHER:
    if (empty) q->state = BETWEEN;
    return 0;
  case BETWEEN:
    if (empty) return 0;
    if (*s != '-') return begin_recipient(q, s, n);
    q->state = OVER;
    return 0;
  default:
    if (!empty) return add_reason(q, s, n);
    q->state = BETWEEN;
    return 1;
  }
}

/* The text ends, perhaps in a line. */
static int end(qq_qsbmf *q)
{
  int r = q->line.len ? take_line(q, q->line.s, q->line.len) : 0;
  q->line.len = 0;
  if (r < 0) return -1;
  r = q->state == RECIPIENT ? 1 : 2;
  q->state = OVER;
  return r;
}

int qq_qsbmf_feed(qq_qsbmf *q, char const **s, size_t *n)
{
  if (q->state == OVER) return 2;
  if (q->state == COMPLETE) {
    q->state = BETWEEN;
    return 1;
  }
  if (!*n) return end(q);
  while (*n && q->state != OVER) {
    char const *const begin = *s, *const lf = memchr(begin, '\n', *n);
    size_t length = lf ? (size_t)(lf - begin) : *n;
    int r;
    *s += length + !!lf;
    *n -= length + !!lf;
    if (!lf || q->line.len) {
      if (!qq_append_up_to(&q->line, begin, length, QQ_QSBMF_REASON_MAX)) return -1;
      if (!lf) return 0;
      r = take_line(q, q->line.s, q->line.len);
      q->line.len = 0;
    } else {
      r = take_line(q, begin, length < QQ_QSBMF_REASON_MAX ? length : QQ_QSBMF_REASON_MAX);
    }
    if (r == 1 && !*n) q->state = COMPLETE;
    else if (r) return r;
  }
  return q->state == OVER ? 2 : 0;
}
