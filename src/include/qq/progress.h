/* Progress of long work, one line on standard error that overwrites itself. */

#ifndef QQ_PROGRESS_H
#define QQ_PROGRESS_H

#include <stdint.h>

/* Reports that `done` of `all` parts and `messages` messages are through. Shows it, if the work has lasted over a second, at most five times a
   second; on a terminal only, unless the options say otherwise. Not for two threads at once. */
void qq_progress(uint64_t done, uint64_t all, uint64_t messages);

/* Takes the line away: before other output, and at the end. Any thread. */
void qq_progress_hide(void);

#endif
