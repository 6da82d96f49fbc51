#include <qq/change.h>

void qq_by_directory_begin(qq_by_directory *d, qq_queue const *q, qq_id const *ids, size_t count)
{
  qq_by_directory const fresh = { ids, count, 0, q->split, 0, 1 };
  *d = fresh;
}

void qq_by_directory_share(qq_by_directory *d, unsigned int share, unsigned int of)
{
  d->number = share;
  d->step = of;
}

int qq_by_directory_next(qq_by_directory *d, size_t *index)
{
  for (; d->number < d->split; d->number += d->step, d->next = 0) {
    while (d->next < d->count) {
      *index = d->next++;
      if (d->ids[*index].id % d->split == d->number) return 1;
    }
  }
  return 0;
}
