/* Progress of long work, one line on standard error that overwrites itself. */

#ifndef QQ_PROGRESS_H
#define QQ_PROGRESS_H

#include <stdint.h>
#include <qq/say.h>

/* Reports that `done` of `all` parts and `messages` messages are through. Shows it, if the work has lasted over a second, at most five times a
   second; on a terminal only, unless the options say otherwise. Not for two threads at once. */
void qq_progress(uint64_t done, uint64_t all, uint64_t messages);

/* The same for other work: the line is this text. */
void qq_progress_text(char const *format, ...) QQ_PRINTF(1, 2);

/* Says whether somebody is there who wants to see it. */
int qq_progress_wanted(void);

/* Takes the line away: before other output, and at the end. Any thread. */
void qq_progress_hide(void);

#endif
