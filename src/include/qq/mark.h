/* Marking recipients, with the one-byte write that qmail-send itself makes (qmail-send.c:markdone). */

#ifndef QQ_MARK_H
#define QQ_MARK_H

#include <stdint.h>
#include <skalibs/stralloc.h>
#include <qq/pattern.h>
#include <qq/queue.h>

/* In the message's records in the tree, writes letter over the first byte of each recipient that is not done and matches (matcher may be null: all
   of them), and adds their number to *marked. letter: QQ_RECORD_DONE; in todo QQ_RECORD_UID, which qmail-send passes over. The message must be
   pinned. Returns 1, also when there is no such file; or -1 with errno and why. */
int qq_mark_recipients(qq_shard *, unsigned int tree, uint64_t id, char letter, qq_matcher *, uint64_t *marked, stralloc *why);

#endif
