/* The file that is exchanged for a message's info, so that no failure of it can bounce any more: it
   has the sender of a double bounce (qmail-send.c:injectbounce discards what such a message would
   bounce). Private to the removal. The caller holds qq_queue_lock and has pinned the message. */

#ifndef QQ_SILENCING_H
#define QQ_SILENCING_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
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
  QQ_STAGE_PINNED,              /* to be prepared */
  QQ_STAGE_PREPARED,            /* it is marked, birth is now, the replacement for info is there */
  QQ_STAGE_QUIET,               /* nothing will be delivered, and nothing bounce */
  QQ_STAGE_SETTLED              /* outcome is set, and the message let go */
} qq_stage;

/* What a message was before it was shut, for one that is not to be removed after all. */
typedef struct qq_before {
  uid_t owner;
  mode_t mode;
  uint64_t birth;               /* of a preprocessed one */
  int is_marked;                /* its recipients, while it was new: if it has ended, by that */
} qq_before;

typedef struct qq_silencing {
  qq_id const *id;
  qq_pin pin;
  qq_stage stage;
  qq_outcome outcome;           /* once it is settled */
  int is_shut;                  /* by the first step of this run; before says how it was */
  qq_before before;
  int is_aged;                  /* birth is now, and not what it was */
  int has_replacement, is_replaced;
} qq_silencing;

/* Shuts the message: birth becomes now, so that no last attempt begins, and mess is given to root,
   so that no delivery does. Returns whether it did; if not, it is settled (gone, failed), or left
   for the steps below to shut: it is past its lifetime, so that a last attempt may be open, which
   would bounce before they come. Nothing stays pinned. queuelifetime: in seconds; under an hour,
   everything is left. */
int qq_silencing_shut(qq_silencing *, qq_shard *, qq_id const *, uint64_t queuelifetime,
  stralloc *why);

/* Each step takes the message one stage on, or settles it: gone, failed (all is as it was),
   unfinished with why, or waiting: for qmail-send to preprocess it.

   Pins the message; is_shut and before are set. One that was shut and is not any more has ended. */
void qq_silencing_begin(qq_silencing *, qq_shard *, qq_id const *, stralloc *why);

/* The removal is under way: mess is marked so; of a preprocessed one birth is now, and the
   replacement for info is written beside it. */
void qq_silencing_prepare(qq_silencing *, stralloc *why);

/* Prepared, and on the disk: mess is root's. A new one's recipients are marked in todo, which is
   enough if qmail-send has not begun to read them. Of a preprocessed one info is exchanged, and the
   recipients are marked. */
void qq_silencing_commit(qq_silencing *, stralloc *why);

/* Quiet, and on the disk: mess is given to the owner of info. Settled as removed or silenced. */
void qq_silencing_end(qq_silencing *, stralloc *why);

/* What was written could not be synced, for the reason in errno: what is prepared is taken back,
   what is quiet stays unfinished. */
void qq_silencing_not_synced(qq_silencing *, stralloc *why);

#endif
