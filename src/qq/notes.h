/* What a listing notices on its way and warns about at its end. Any thread may take a note. */

#ifndef QQ_NOTES_H
#define QQ_NOTES_H

#include <stdint.h>
#include <qq/message.h>

/* Notes whether a removal began on the message and did not end. Returns what the question returned. */
int qq_notes_interrupted(qq_message *);

/* Notes whether the message's hold runs out soon, or has run out: then qmail-send makes a failure of what the hold refuses. queuelifetime is in seconds.
   Needs stat and envelope. The same. */
int qq_notes_hold(qq_message *, uint64_t queuelifetime);

/* Warns of what was noted. */
void qq_notes_warn(void);

#endif
