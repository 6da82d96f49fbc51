/* The file that is exchanged for a message's info, so that no failure of it can bounce any more: it has the sender of a double bounce
   (qmail-send.c:injectbounce discards what such a message would bounce). Private to the removal. The caller holds qq_changing and has pinned
   the message. */

#ifndef QQ_REPLACEMENT_H
#define QQ_REPLACEMENT_H

#include <sys/stat.h>
#include <qq/queue.h>

/* Says whether info, open as fd, has that sender already. Returns 1, 0, or -1 with errno. */
int qq_replacement_is_there(int fd);

/* Writes the file beside info, whose owner and mode it gets. It is not synced. Returns 1; or -1 with errno, and it is not there. */
int qq_replacement_make(qq_shard *, uint64_t id, struct stat const *info);

/* Exchanges it for info in one step, and removes what info was. Returns 1; 0 where the system or the file system has no such step; or -1 with
   errno: ENOENT when the message has ended. */
int qq_replacement_exchange(qq_shard *, uint64_t id);

/* Writes the sender into info itself, in one write, with NULs behind it as far as the old one went. The same. */
int qq_replacement_write(qq_shard *, uint64_t id);

/* Removes the file if it is there. */
void qq_replacement_sweep(qq_shard *, uint64_t id);

#endif
