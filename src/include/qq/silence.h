/* Removing messages beside a running qmail-send (INTERNALS: removal online): nothing is unlinked under its feet; it ends them itself.
   The caller holds qq_changing. */

#ifndef QQ_SILENCE_H
#define QQ_SILENCE_H

#include <stddef.h>
#include <stdint.h>
#include <qq/id.h>
#include <qq/outcome.h>
#include <qq/queue.h>

typedef struct qq_silence {
  /* the caller sets */
  qq_queue const *queue;
  qq_id const *ids;             /* sorted by qq_ids_sort */
  size_t count;
  unsigned char *outcomes;      /* one for each: a qq_outcome */
  uint64_t *stamps;             /* one for each, for those that are silenced; or null */
  void (*trouble)(qq_outcome, char const *s, size_t n);         /* why a message is unfinished or failed */
  void (*progress)(uint64_t done, uint64_t all, uint64_t messages);
} qq_silence;

/* Silences the messages and sets their outcomes: removed (already off the disk), silenced, gone, unfinished, failed. What is
   silenced is on the disk. Returns 1; or -1 with errno when there is no memory or no descriptor to work with. */
int qq_silence_run(qq_silence *);

#endif
