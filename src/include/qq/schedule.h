/* When qmail-send tries a message again (qmail-send.c:nextretry), in nanoseconds since 1970. */

#ifndef QQ_SCHEDULE_H
#define QQ_SCHEDULE_H

#include <stdint.h>

/* The next ideal attempt behind now on the channel, for a message of that birth: (k * skip) squared seconds after the birth. */
uint64_t qq_schedule_next(uint64_t birth, uint64_t now, unsigned int channel);

/* When the message is too old: the first attempt behind this moment is its last. */
uint64_t qq_schedule_end(uint64_t birth, uint64_t queuelifetime_seconds);

#endif
