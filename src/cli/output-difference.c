#include <stdlib.h>
#include <string.h>
#include <skalibs/genalloc.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/output.h>

/* A line of a text, without its newline. */
typedef struct line { char const *s; size_t n; } line;

static int compare(void const *a, void const *b)
{
  line const *x = a, *y = b;
  int const r = memcmp(x->s, y->s, x->n < y->n ? x->n : y->n);
  return r ? r : x->n < y->n ? -1 : x->n > y->n;
}

/* The next line of the text at *at. Returns 1, or 0 at the end. */
static int next_line(char const *s, size_t n, size_t *at, line *l)
{
  char const *end;
  if (*at >= n) return 0;
  l->s = s + *at;
  end = memchr(l->s, '\n', n - *at);
  l->n = end ? (size_t)(end - l->s) : n - *at;
  *at += l->n + 1;
  return 1;
}

static void sort_lines(genalloc *sorted, char const *s, size_t n)
{
  size_t at = 0;
  line l;
  while (next_line(s, n, &at, &l)) if (!genalloc_append(line, sorted, &l)) qq_die_memory();
  if (genalloc_len(line, sorted)) qsort(genalloc_s(line, sorted), genalloc_len(line, sorted), sizeof(line), compare);
}

/* Lines of the one that the other does not have, in their order. Returns how many. */
static size_t missing(stralloc *out, char sign, char const *s, size_t n, char const *other, size_t other_length)
{
  genalloc sorted = GENALLOC_ZERO;      /* of line */
  size_t at = 0, count = 0;
  line l;
  sort_lines(&sorted, other, other_length);
  while (next_line(s, n, &at, &l)) {
    if (genalloc_len(line, &sorted) && bsearch(&l, genalloc_s(line, &sorted), genalloc_len(line, &sorted), sizeof l, compare)) continue;
    if (!stralloc_append(out, sign) || !qq_safe(out, l.s, l.n) || !stralloc_append(out, '\n')) qq_die_memory();
    count++;
  }
  genalloc_free(line, &sorted);
  return count;
}

void qq_output_difference(char const *name, char const *before, size_t before_length, char const *after, size_t after_length)
{
  stralloc out = STRALLOC_ZERO;
  size_t count;
  if (!qq_say(&out, _("change %s\n"), name)) qq_die_memory();
  count = missing(&out, '-', before, before_length, after, after_length);
  count += missing(&out, '+', after, after_length, before, before_length);
  if (!count && before_length && !stralloc_cats(&out, _(" (the order of its lines)\n"))) qq_die_memory();
  qq_output(out.s, out.len);
  stralloc_free(&out);
}
