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

void *qq_pool_more(qq_pool *p, size_t n)
{
  return n > QQ_POOL_SMALL ? malloc(n) : carve(p, (n + 7) / 8 * 8 + !n * 8);
}

void qq_pool_free(qq_pool *p)
{
  size_t i;
  for (i = 0; i < genalloc_len(void *, &p->chunks); i++) free(genalloc_s(void *, &p->chunks)[i]);
  genalloc_free(void *, &p->chunks);
}
