#include <stdlib.h>
#include "log-private.h"

#define CHUNK 65536

static void *carve(qq_pool *p, size_t n)
{
  char *s;
  if (p->left < n) {
    void *chunk = malloc(CHUNK);
    if (!chunk || !genalloc_append(void *, &p->chunks, &chunk)) {
      free(chunk);
      return 0;
    }
    p->at = chunk;
    p->left = CHUNK;
  }
  s = p->at;
  p->at += n;
  p->left -= n;
  return s;
}

void *qq_pool_take(qq_pool *p, size_t n)
{
  size_t const step = (n + 7) / 8;
  void *s;
  if (n > QQ_POOL_SMALL) return malloc(n);
  s = p->free[step];
  if (!s) return carve(p, step * 8 + !step * 8);
  p->free[step] = *(void **)s;
  return s;
}

void qq_pool_give(qq_pool *p, void *s, size_t n)
{
  size_t const step = (n + 7) / 8;
  if (!s) return;
  if (n > QQ_POOL_SMALL) {
    free(s);
    return;
  }
  *(void **)s = p->free[step];
  p->free[step] = s;
}

void qq_pool_free(qq_pool *p)
{
  size_t i;
  for (i = 0; i < genalloc_len(void *, &p->chunks); i++) free(genalloc_s(void *, &p->chunks)[i]);
  genalloc_free(void *, &p->chunks);
}
