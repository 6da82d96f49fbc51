/* When qmail-send takes a message to have been born: the mtime of info (qmail-send.c:getinfo). In nanoseconds since 1970. */

#ifndef QQ_BIRTH_H
#define QQ_BIRTH_H

#include <stdint.h>
#include <qq/queue.h>

/* Returns 1, or -1 with errno: ENOENT when there is no info. */
int qq_birth_get(qq_shard *, uint64_t id, uint64_t *birth);
int qq_birth_set(qq_shard *, uint64_t id, uint64_t birth);

#endif
