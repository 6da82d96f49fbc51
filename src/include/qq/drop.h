/* Taking some recipients out of a message (INTERNALS: some recipients). The caller holds qq_changing. */

#ifndef QQ_DROP_H
#define QQ_DROP_H

#include <qq/id.h>
#include <qq/outcome.h>
#include <qq/pattern.h>
#include <qq/pin.h>
#include <qq/queue.h>

/* Recipients that are meant: those of channels, and of these those that match. */
typedef struct qq_meant {
  unsigned char const *channels;        /* one for each channel of the queue: meant or not; null: all channels, new messages too */
  qq_matcher *matcher;                  /* null: all of them */
  int is_online;                        /* qmail-send may be in the middle of a new message */
} qq_meant;

/* Marks the recipients meant as done, and adds their number to *marked. What qmail-send has read already it may still serve. Returns silenced; gone: none of
   them waits; waiting: for qmail-send to preprocess the message; or failed, unfinished and why. */
qq_outcome qq_drop_recipients(qq_shard *, qq_id const *, qq_pin const *, qq_meant const *, uint64_t *marked, stralloc *why);

#endif
