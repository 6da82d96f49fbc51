#include <qq/diagnostic.h>
#include <qq/output.h>
#include <qq/text.h>

static size_t append_lacking(stralloc *out, char const *sign, genalloc const *from,
  genalloc const *other)
{
  genalloc sorted = GENALLOC_ZERO;      /* of qq_piece */
  qq_piece const *p = genalloc_s(qq_piece, from);
  size_t i, count = 0;
  qq_demand_memory(genalloc_catb(qq_piece, &sorted, genalloc_s(qq_piece, other),
    genalloc_len(qq_piece, other)));
  qq_pieces_sort(&sorted, qq_piece_compare);
  for (i = 0; i < genalloc_len(qq_piece, from); i++) {
    if (qq_pieces_have(&sorted, &p[i], qq_piece_compare)) continue;
    qq_demand_memory(stralloc_cats(out, sign) && qq_safe(out, p[i].s, p[i].n)
      && stralloc_append(out, '\n'));
    count++;
  }
  genalloc_free(qq_piece, &sorted);
  return count;
}

size_t qq_differing_pieces(stralloc *out, char const *minus, char const *plus,
  genalloc const *before, genalloc const *after)
{
  size_t const n = append_lacking(out, minus, before, after);
  return n + append_lacking(out, plus, after, before);
}

static void split_lines(genalloc *lines, qq_piece text)
{
  qq_piece line;
  while (qq_piece_line(&text, &line)) qq_demand_memory(genalloc_append(qq_piece, lines, &line));
}

void qq_output_difference(char const *name, qq_piece const *before, qq_piece const *after)
{
  genalloc old = GENALLOC_ZERO, new = GENALLOC_ZERO;    /* of qq_piece */
  stralloc out = STRALLOC_ZERO;
  split_lines(&old, *before);
  split_lines(&new, *after);
  qq_demand_memory(qq_fmt(&out, _("change %s\n"), name));
  if (!qq_differing_pieces(&out, "-", "+", &old, &new) && before->n)
    qq_demand_memory(stralloc_cats(&out, _(" (the order of its lines)\n")));
  qq_output(out.s, out.len);
  genalloc_free(qq_piece, &old);
  genalloc_free(qq_piece, &new);
  stralloc_free(&out);
}
