/* Mail that waits for qmail-send to preprocess it. */

#ifndef QQ_ARRIVALS_H
#define QQ_ARRIVALS_H

#include <stdint.h>

/* Looks for one message in todo/, split or not, without reading all of it. Returns 1, and when it was queued in *since (as a stamp, qq/id.h); 0: none; -1 with errno. */
int qq_arrivals_any(int queue_fd, uint64_t *since);

#endif
