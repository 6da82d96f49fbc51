/* The file that is exchanged for a message's info, so that no failure of it can bounce any more: it
   has the sender of a double bounce (qmail-send.c:injectbounce discards what such a message would
   bounce). Private to the removal. The caller holds qq_queue_lock and has pinned the message. */

#ifndef QQ_SILENCING_H
#define QQ_SILENCING_H

#include <qq/change.h>

/* Says whether info, open as fd, has that sender already. Returns 1, 0, or -1 with errno. */
int qq_replacement_is_there(int fd);

/* Writes the file beside info, whose owner and mode it gets. It is not synced. Returns 1; or -1
   with errno, and it is not there. */
int qq_replacement_make(qq_shard *, uint64_t id, struct stat const *info);

/* Exchanges it for info in one step, and removes what info was. Returns 1; 0 where the system or
   the file system has no such step; or -1 with errno: ENOENT when the message has ended. */
int qq_replacement_exchange(qq_shard *, uint64_t id);

/* Writes the sender into info itself, in one write, with NULs behind it as far as the old one went.
   The same. */
int qq_replacement_write(qq_shard *, uint64_t id);

/* Removes the file if it is there. */
void qq_replacement_sweep(qq_shard *, uint64_t id);

/* One message on its way to silence; the steps in their order (private to silence.c and
   silencing.c). */

typedef enum {
  QQ_STAGE_PREPROCESSED,        /* to be prepared */
  QQ_STAGE_IN_TODO,             /* recipients are marked; qmail-send may have read them before */
  QQ_STAGE_PREPARED,            /* birth is now, the replacement for info is there */
  QQ_STAGE_QUIET,               /* nothing will be delivered, and nothing bounce */
  QQ_STAGE_SETTLED              /* outcome is set, and the message let go */
} qq_stage;

typedef struct qq_silencing {
  qq_id const *id;
  qq_pin pin;
  qq_stage stage;
  qq_outcome outcome;           /* once it is settled */
  uid_t owner;                  /* of the mess file, and birth, both as they were */
  uint64_t birth;
  int has_replacement, is_replaced;
} qq_silencing;

/* Each step takes the message one stage on, or settles it: gone, failed (all is as it was) or
   unfinished with why. */

/* Pins the message. A new one is shut and its recipients marked, which makes it quiet, or leaves it
   in todo. */
void qq_silencing_begin(qq_silencing *, qq_shard *, qq_id const *, stralloc *why);

/* A message in todo: has qmail-send dealt with it? Then it is preprocessed. */
void qq_silencing_look(qq_silencing *, stralloc *why);

/* Preprocessed: birth becomes now, so that no last attempt begins; the replacement for info is
   written beside it. */
void qq_silencing_prepare(qq_silencing *, stralloc *why);

/* Prepared, and on the disk: mess is given to root, info exchanged, the recipients are marked. */
void qq_silencing_commit(qq_silencing *, stralloc *why);

/* Quiet, and on the disk: mess is given to the owner of info. Settled as removed or silenced. */
void qq_silencing_end(qq_silencing *, stralloc *why);

/* What was written could not be synced, for the reason in errno: what is prepared is taken back,
   what is quiet stays unfinished. */
void qq_silencing_not_synced(qq_silencing *, stralloc *why);

/* Still in todo after all: settles it as unfinished. */
void qq_silencing_give_up(qq_silencing *, stralloc *why);

#endif
