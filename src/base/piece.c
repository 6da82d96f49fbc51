#include <stdlib.h>
#include <string.h>
#include <skalibs/bytestr.h>
#include <qq/text.h>

int qq_piece_line(qq_piece *text, qq_piece *line)
{
  char const *end = text->n ? memchr(text->s, '\n', text->n) : 0;
  if (!text->n) return 0;
  line->s = text->s;
  line->n = end ? (size_t)(end - text->s) : text->n;
  qq_piece_skip(text, line->n + (end != 0));
  return 1;
}

qq_piece qq_piece_word(qq_piece *text)
{
  char const *const blank = text->n ? memchr(text->s, ' ', text->n) : 0;
  qq_piece const word = { text->s, blank ? (size_t)(blank - text->s) : text->n };
  qq_piece_skip(text, word.n + (blank != 0));
  return word;
}

char const *qq_piece_find(qq_piece p, char const *word)
{
  return qq_piece_find_piece(p, (qq_piece){ word, strlen(word) });
}

static int by_length(qq_piece const *x, qq_piece const *y)
{
  return x->n < y->n ? -1 : x->n > y->n;
}

int qq_piece_compare(void const *a, void const *b)
{
  qq_piece const *x = a, *y = b;
  size_t const n = x->n < y->n ? x->n : y->n;
  int const r = n ? memcmp(x->s, y->s, n) : 0;
  return r ? r : by_length(x, y);
}

int qq_piece_compare_case(void const *a, void const *b)
{
  qq_piece const *x = a, *y = b;
  size_t const n = x->n < y->n ? x->n : y->n;
  int const r = n ? case_diffb(x->s, n, y->s) : 0;
  return r ? r : by_length(x, y);
}

void qq_pieces_sort(genalloc *pieces, qq_piece_order *order)
{
  size_t const n = genalloc_len(qq_piece, pieces);
  if (n) qsort(genalloc_s(qq_piece, pieces), n, sizeof(qq_piece), order);
}

int qq_pieces_have(genalloc const *pieces, qq_piece const *one, qq_piece_order *order)
{
  size_t const n = genalloc_len(qq_piece, pieces);
  return n && bsearch(one, genalloc_s(qq_piece, pieces), n, sizeof *one, order);
}
