#include <qq/change.h>

void qq_by_directory_begin(qq_by_directory *e, qq_queue const *queue, qq_id const *ids, size_t count)
{
  e->ids = ids;
  e->count = count;
  e->next = 0;
  e->split = queue->split;
  e->number = 0;
  e->step = 1;
}

void qq_by_directory_share(qq_by_directory *e, unsigned int share, unsigned int of)
{
  e->number = share;
  e->step = of;
}

int qq_by_directory_next(qq_by_directory *e, size_t *index)
{
  for (; e->number < e->split; e->number += e->step, e->next = 0) {
    while (e->next < e->count) {
      *index = e->next++;
      if (e->ids[*index].id % e->split == e->number) return 1;
    }
  }
  return 0;
}
