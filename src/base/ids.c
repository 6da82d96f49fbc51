#include <errno.h>
#include <string.h>
#include <skalibs/allreadwrite.h>
#include <qq/id.h>
#include <qq/text.h>

/* A token that is longer cannot be right; what is kept of it is for the diagnostic. */
#define KEEP 64

typedef struct token {
  int is_operand;
  uint64_t number;              /* from 1 on */
  uint64_t stamped;             /* of those before it, how many had a stamp */
  size_t length;
  char s[KEEP];
} token;

static int refuse_token(token const *t, stralloc *why, char const *reason)
{
  stralloc shown = STRALLOC_ZERO;
  if (qq_safe(&shown, t->s, t->length))
    qq_fmt(why, t->is_operand ? _("operand %llu is \"%.*s\": %s")
      : _("standard input, token %llu is \"%.*s\": %s"), (unsigned long long)t->number,
      (int)shown.len, shown.s, reason);
  stralloc_free(&shown);
  errno = EINVAL;
  return -1;
}

static void feed_token(token *t, char const *s, size_t n)
{
  size_t const room = KEEP - t->length;
  if (n > room) n = room;
  memcpy(t->s + t->length, s, n);
  t->length += n;
}

static int end_token(token *t, genalloc *ids, stralloc *why)
{
  qq_id id;
  if (t->length == KEEP || !qq_id_scan(t->s, t->length, &id))
    return refuse_token(t, why, _("expected ID or ID@STAMP"));
  t->stamped += id.stamp != QQ_UNSTAMPED;
  if (t->stamped && t->stamped < t->number)
    return refuse_token(t, why, id.stamp == QQ_UNSTAMPED
      ? _("expected ID@STAMP, like those before it; a truncated token does not count")
      : _("expected an ID without a stamp, like those before it; was one of those cut off?"));
  t->length = 0;
  t->number++;
  return genalloc_append(qq_id, ids, &id) ? 1 : -1;
}

/* The tokens that end in the piece. */
static int feed_tokens(token *t, genalloc *ids, char const *s, size_t n, stralloc *why)
{
  size_t i, start = 0;
  for (i = 0; i < n; i++) {
    if (s[i] && s[i] != '\n') continue;
    feed_token(t, s + start, i - start);
    start = i + 1;
    if (t->length && end_token(t, ids, why) < 0) return -1;
  }
  feed_token(t, s + start, n - start);
  return 1;
}

int qq_ids_read(genalloc *ids, int fd, stralloc *why)
{
  char buf[16384];
  token t = { 0, 1, 0, 0, "" };
  for (;;) {
    ssize_t const n = fd_read(fd, buf, sizeof buf);
    if (n < 0) return qq_unable(why, "%s", _("unable to read standard input"));
    if (!n) break;
    if (feed_tokens(&t, ids, buf, (size_t)n, why) < 0) return -1;
  }
  if (!t.length) return 1;
  return refuse_token(&t, why, _("cut off, expected a NUL or a newline after it"));
}

int qq_ids_operands(genalloc *ids, char const *const *operands, stralloc *why)
{
  token t = { 1, 1, 0, 0, "" };
  for (; *operands; operands++) {
    feed_token(&t, *operands, strlen(*operands));
    if (end_token(&t, ids, why) < 0) return -1;
  }
  return 1;
}

int qq_ids_begin(char const *s, size_t n)
{
  size_t begin = 0, end;
  qq_id id;
  while (begin < n && (!s[begin] || s[begin] == '\n')) begin++;
  for (end = begin; end < n && s[end] && s[end] != '\n'; end++) ;
  return end < n && qq_id_scan(s + begin, end - begin, &id) && id.stamp != QQ_UNSTAMPED;
}

int qq_id_compare(qq_id const *x, qq_id const *y)
{
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  return x->stamp < y->stamp ? -1 : x->stamp > y->stamp;
}

/* Lets the element at i sink to its place in the heap of the first n. */
static void sink(qq_id *s, size_t i, size_t n)
{
  qq_id const moved = s[i];
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= n) break;
    if (child + 1 < n && qq_id_compare(&s[child], &s[child + 1]) < 0) child++;
    if (qq_id_compare(&moved, &s[child]) >= 0) break;
    s[i] = s[child];
    i = child;
  }
  s[i] = moved;
}

/* libc's qsort(3) may take as much memory again as there are ids. */
static void sort(qq_id *s, size_t n)
{
  size_t i;
  for (i = 1; i < n && qq_id_compare(&s[i - 1], &s[i]) <= 0; i++) ;
  if (i >= n) return;
  for (i = n / 2; i--;) sink(s, i, n);
  for (i = n - 1; i; i--) {
    qq_id const last = s[i];
    s[i] = *s;
    *s = last;
    sink(s, 0, i);
  }
}

void qq_ids_sort(genalloc *ids)
{
  qq_id *s = genalloc_s(qq_id, ids);
  size_t const n = genalloc_len(qq_id, ids);
  size_t i, kept = 0;
  if (!n) return;
  sort(s, n);
  for (i = 0; i < n; i++)
    if (!kept || qq_id_compare(&s[kept - 1], &s[i])) s[kept++] = s[i];
  genalloc_setlen(qq_id, ids, kept);
}
