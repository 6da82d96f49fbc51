#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <qq/file.h>
#include <qq/id.h>

static int compare(void const *a, void const *b)
{
  uint64_t const x = *(uint64_t const *)a, y = *(uint64_t const *)b;
  return x < y ? -1 : x > y;
}

static int read_all(genalloc *numbers, qq_directory *d, size_t limit)
{
  size_t n = 0;
  int r = 1;
  while ((!limit || n < limit) && (r = qq_directory_next(d)) > 0) {
    char const *name = d->entry->d_name;
    uint64_t u;
    if (!qq_number_scan(name, strlen(name), &u)) continue;
    if (!genalloc_append(uint64_t, numbers, &u)) return -1;
    n++;
  }
  return r;
}

void qq_numbers_sort(genalloc *numbers, size_t before)
{
  uint64_t *s = genalloc_s(uint64_t, numbers);
  size_t const n = genalloc_len(uint64_t, numbers);
  size_t i, kept = before;
  if (n == before) return;
  qsort(s + before, n - before, sizeof *s, compare);
  for (i = before; i < n; i++)
    if (kept == before || s[kept - 1] != s[i]) s[kept++] = s[i];
  genalloc_setlen(uint64_t, numbers, kept);
}

int qq_numbers_read(genalloc *numbers, int fd, size_t limit)
{
  size_t const before = genalloc_len(uint64_t, numbers);
  qq_directory d;
  int r;
  if (qq_directory_begin(&d, fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0) return -1;
  rewinddir(d.stream);
  r = read_all(numbers, &d, limit);
  qq_directory_end(&d);
  if (r < 0) return -1;
  /* a name that was taken away and made again meanwhile may have been read twice (readdir(3)) */
  qq_numbers_sort(numbers, before);
  return 1;
}

int qq_numbers_have(genalloc const *numbers, uint64_t u)
{
  size_t const n = genalloc_len(uint64_t, numbers);
  return n && bsearch(&u, genalloc_s(uint64_t, numbers), n, sizeof u, compare) != 0;
}
