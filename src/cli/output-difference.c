#include <string.h>
#include <qq/diagnostic.h>
#include <qq/gettext.h>
#include <qq/output.h>
#include <qq/piece.h>

/* The next line of the text at *at, without its newline. Returns 1, or 0 at the end. */
static int next_line(char const *s, size_t n, size_t *at, qq_piece *l)
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
  qq_piece l;
  while (next_line(s, n, &at, &l)) if (!genalloc_append(qq_piece, sorted, &l)) qq_die_memory();
  qq_pieces_sort(sorted, qq_piece_compare);
}

/* Lines of the one that the other does not have, in their order. Returns how many. */
static size_t missing(stralloc *out, char sign, char const *s, size_t n, char const *other, size_t other_length)
{
  genalloc sorted = GENALLOC_ZERO;      /* of qq_piece */
  size_t at = 0, count = 0;
  qq_piece l;
  sort_lines(&sorted, other, other_length);
  while (next_line(s, n, &at, &l)) {
    if (qq_pieces_have(&sorted, &l, qq_piece_compare)) continue;
    if (!stralloc_append(out, sign) || !qq_safe(out, l.s, l.n) || !stralloc_append(out, '\n')) qq_die_memory();
    count++;
  }
  genalloc_free(qq_piece, &sorted);
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
