/* When qmail-send tries a message again (qmail-send.c:nextretry), in nanoseconds since 1970. */

#ifndef QQ_SCHEDULE_H
#define QQ_SCHEDULE_H

#include <stdint.h>
#include <qq/queue.h>

/* The next ideal attempt behind now on the channel, for a message of that birth: (k * skip) squared seconds after the birth. */
uint64_t qq_schedule_next(uint64_t birth, uint64_t now, unsigned int channel);

/* When the message is tried next on the channel. While qmail-send runs it alone knows, and *due is by the ideal schedule for the birth; while it is stopped,
   what it wrote down (qmail-send.c:pqfinish), a moment that has passed meaning when it starts. Returns 1; 0: the message has no recipient file there; or -1
   with errno. */
int qq_schedule_due(qq_shard *, uint64_t id, unsigned int channel, uint64_t birth, int is_running, uint64_t *due);

/* When the message is too old: the first attempt behind this moment is its last. */
uint64_t qq_schedule_end(uint64_t birth, uint64_t queuelifetime_seconds);

#endif
