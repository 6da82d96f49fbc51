#include <errno.h>
#include <string.h>
#include <skalibs/allreadwrite.h>
#include <qq/id.h>
#include <qq/text.h>

/* A token that is longer cannot be right; what is kept of it is for the diagnostic. */
#define KEEP 64

static int refuse(stralloc *why, char const *source, uint64_t number, char const *s, size_t n, char const *reason)
{
  stralloc shown = STRALLOC_ZERO;
  if (qq_safe(&shown, s, n) && stralloc_0(&shown))
    qq_say(why, _("%s %llu is \"%s\": %s"), source, (unsigned long long)number, shown.s, reason);
  stralloc_free(&shown);
  errno = EINVAL;
  return -1;
}

typedef struct qq_tokens { uint64_t number; size_t length; char s[KEEP]; } qq_tokens;

static int token_end(qq_tokens *t, genalloc *ids, stralloc *why)
{
  qq_id id;
  if (!t->length) return 1;
  t->number++;
  if (t->length == KEEP || !qq_id_scan(t->s, t->length, &id))
    return refuse(why, _("standard input, token"), t->number, t->s, t->length, _("expected ID or ID@STAMP"));
  t->length = 0;
  return genalloc_append(qq_id, ids, &id) ? 1 : -1;
}

static int token_feed(qq_tokens *t, genalloc *ids, char const *s, size_t n, stralloc *why)
{
  size_t i;
  for (i = 0; i < n; i++) {
    if (!s[i] || s[i] == '\n') {
      int const r = token_end(t, ids, why);
      if (r < 0) return r;
    }
    else if (t->length < KEEP) t->s[t->length++] = s[i];
  }
  return 1;
}

int qq_ids_read(genalloc *ids, int fd, stralloc *why)
{
  char buf[16384];
  qq_tokens t = { 0, 0, "" };
  for (;;) {
    ssize_t const n = fd_read(fd, buf, sizeof buf);
    if (n < 0) {
      int const e = errno;
      qq_say(why, _("unable to read standard input: %s"), strerror(e));
      errno = e;
      return -1;
    }
    if (!n) break;
    if (token_feed(&t, ids, buf, (size_t)n, why) < 0) return -1;
  }
  if (!t.length) return 1;
  return refuse(why, _("standard input, token"), t.number + 1, t.s, t.length, _("cut off, expected a NUL or a newline behind it"));
}

int qq_ids_operands(genalloc *ids, char const *const *operands, stralloc *why)
{
  uint64_t number = 0;
  for (; *operands; operands++) {
    size_t const n = strlen(*operands);
    qq_id id;
    number++;
    if (!qq_id_scan(*operands, n, &id))
      return refuse(why, _("operand"), number, *operands, n < KEEP ? n : KEEP, _("expected ID or ID@STAMP"));
    if (!genalloc_append(qq_id, ids, &id)) return -1;
  }
  return 1;
}

/* A bare id sorts before the same id with a stamp. */
static int compare(void const *a, void const *b)
{
  qq_id const *x = a, *y = b;
  if (x->id != y->id) return x->id < y->id ? -1 : 1;
  if (x->stamp == y->stamp) return 0;
  if (x->stamp == QQ_UNSTAMPED || y->stamp == QQ_UNSTAMPED) return x->stamp == QQ_UNSTAMPED ? -1 : 1;
  return x->stamp < y->stamp ? -1 : 1;
}

/* Lets the element at i sink to its place in the heap of the first n. */
static void sink(qq_id *s, size_t i, size_t n)
{
  qq_id const moved = s[i];
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= n) break;
    if (child + 1 < n && compare(&s[child], &s[child + 1]) < 0) child++;
    if (compare(&moved, &s[child]) >= 0) break;
    s[i] = s[child];
    i = child;
  }
  s[i] = moved;
}

/* libc's qsort(3) may take as much memory again as there are ids. */
static void sort(qq_id *s, size_t n)
{
  size_t i;
  for (i = 1; i < n && compare(&s[i - 1], &s[i]) <= 0; i++) ;
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
  for (i = 0; i < n; i++) {
    if (kept && s[kept - 1].id == s[i].id && (s[kept - 1].stamp == s[i].stamp || s[kept - 1].stamp == QQ_UNSTAMPED)) continue;
    s[kept++] = s[i];
  }
  genalloc_setlen(qq_id, ids, kept);
}
