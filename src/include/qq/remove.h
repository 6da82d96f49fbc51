/* Taking messages, or some of their recipients, out of a queue. */

#ifndef QQ_REMOVE_H
#define QQ_REMOVE_H

#include <qq/change.h>
#include <qq/damage.h>
#include <qq/pattern.h>

/* Marking recipients, with the one-byte write that qmail-send itself makes
   (qmail-send.c:markdone). */

/* In the message's records in the tree, writes letter over the first byte of each recipient that is
   not done and matches, and adds their number to *marked. matcher may be null: all of them, and
   each record of an unknown type, at which qmail-send would stop.
   letter: QQ_RECORD_DONE; in todo QQ_RECORD_UID, which qmail-send passes over. Returns 1; 0: no
   recipient matches, waiting or marked, or there is no such file; or -1 with errno and why. */
int qq_mark_recipients(qq_pin const *, unsigned int tree, char letter, qq_matcher *,
  uint64_t *marked, stralloc *why);

/* Taking some recipients out of a message (INTERNALS: some recipients). The caller holds
   qq_queue_lock. */

/* Recipients that are meant: those of channels, and of these those that match. */
typedef struct qq_meant {
  /* one for each channel of the queue: meant or not; null: all channels, new messages too */
  unsigned char const *channels;
  qq_matcher *matcher;                  /* null: all of them */
  int is_online;                        /* qmail-send may be in the middle of a new message */
} qq_meant;

/* Marks the recipients meant as done, and adds their number to *marked. What qmail-send has read
   already it may still serve. Returns silenced; gone: they are done; unmatched: there are none;
   waiting: for qmail-send to preprocess the message; or failed, unfinished and why. */
qq_outcome qq_drop_recipients(qq_pin const *, qq_meant const *, uint64_t *marked, stralloc *why);

/* Removing messages from a queue whose qmail-send does not run (INTERNALS: removal offline). The
   caller holds qq_queue_lock. */

/* Removes the message: every state that a kill may leave is one that qmail-send accepts, and the
   same id again finishes it. bounces: the ids in bounce/ (of uint64_t, sorted), read under the same
   locks. Nothing is synced. why is set for unfinished and failed. */
qq_outcome qq_remove_message(qq_pin *, genalloc const *bounces, stralloc *why);

/* Looks for what is left of a message without its mess file, as root: in all trees, and among the
   strays (qq/damage.h; may be null). files, zeroed at first, belong to the caller. Returns 1; 0:
   nothing is, or it has a mess file; or -1 with errno and why, which also says where a file is that
   is not where qmail looks for it. */
int qq_remains_look(qq_files *, qq_shard *, genalloc const *strays, uint64_t id,
  stralloc *why);

/* Appends their names, in the order in which they are removed. Returns 1, or 0 with errno
   ENOMEM. */
int qq_remains_name(stralloc *, qq_queue const *, qq_files const *);

/* Removes them: bounce first, and last what keeps qmail-queue from the number. Nothing is synced.
   Returns removed; or failed, unfinished and why. */
qq_outcome qq_remains_remove(qq_shard *, qq_files const *, stralloc *why);

/* Takes away what an interrupted removal left of a message that is gone. */
void qq_remove_leavings(qq_shard *, qq_id const *);

/* Removing messages beside a running qmail-send (INTERNALS: removal online): nothing is unlinked
   under its feet; it ends them itself. The caller holds qq_queue_lock. */

typedef struct qq_silence {
  /* the caller sets */
  qq_queue const *queue;
  qq_queue_lock *lock;          /* let go while qmail-send is waited for */
  uint64_t queuelifetime;       /* seconds; 0 where it is not known */
  qq_id const *ids;             /* sorted by qq_ids_sort */
  size_t count;
  unsigned char *outcomes;      /* one for each: a qq_outcome */
  /* one for each: the stamp of one that is silenced; meanwhile the birth that it had */
  uint64_t *stamps;
  /* why a message is unfinished or failed */
  void (*trouble)(qq_outcome, char const *s, size_t n);
  void (*progress)(uint64_t done, uint64_t all, uint64_t messages);
} qq_silence;

/* Shuts all of the messages, so that no delivery of any starts; then silences them in batches, and
   sets their outcomes: removed (already off the disk), silenced, gone, unfinished, failed. What is
   silenced is on the disk. Returns 1; or -1 with errno when there is no memory or no descriptor to
   work with. */
int qq_silence_run(qq_silence *);

#endif
