#include <qq/change.h>

void qq_each_begin(qq_each *e, qq_queue const *queue, qq_id const *ids, size_t count)
{
  e->ids = ids;
  e->count = count;
  e->next = 0;
  e->split = queue->split;
  e->number = 0;
  e->step = 1;
}

void qq_each_share(qq_each *e, unsigned int share, unsigned int of)
{
  e->number = share;
  e->step = of;
}

int qq_each_next(qq_each *e, size_t *index)
{
  for (; e->number < e->split; e->number += e->step, e->next = 0) {
    while (e->next < e->count) {
      *index = e->next++;
      if (e->ids[*index].id % e->split == e->number) return 1;
    }
  }
  return 0;
}
