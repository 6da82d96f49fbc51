#include <string.h>
#include <qq/text.h>

/* Longer words are no slip of the finger for a shorter one. */
#define LONGEST 64

static size_t smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* How many letters have to be put in, left out, replaced, or exchanged with the next one. Three
   rows of the usual table are kept: row i has the beginning of a with i letters. */
static size_t distance(char const *a, size_t n, char const *b, size_t m)
{
  size_t rows[3][LONGEST + 1];
  size_t i, j;
  for (j = 0; j <= m; j++) rows[0][j] = j;
  for (i = 1; i <= n; i++) {
    size_t *row = rows[i % 3];
    size_t const *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    row[0] = i;
    for (j = 1; j <= m; j++) {
      row[j] = smaller(above[j - 1] + (a[i - 1] != b[j - 1]), 1 + smaller(above[j], row[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = smaller(row[j], before[j - 2] + 1);
    }
  }
  return rows[n % 3][m];
}

void qq_nearest_look(qq_nearest *p, char const *name)
{
  size_t const m = strlen(name);
  size_t steps;
  if (!p->nearest) p->steps = 1 + p->given.n / 3;
  if (p->given.n > LONGEST || m > LONGEST) return;
  steps = !strncmp(p->given.s, name, p->given.n) ? 1
    : distance(p->given.s, p->given.n, name, m);
  if (steps >= p->steps || steps >= m) return;
  p->nearest = name;
  p->steps = steps;
}
