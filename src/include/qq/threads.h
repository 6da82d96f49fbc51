/* The same work on several threads. */

#ifndef QQ_THREADS_H
#define QQ_THREADS_H

#include <stddef.h>

/* Does work with each of count elements of size bytes, each on a thread of its own, the first on
   this one; returns when all have ended. What no thread can be had for is done on this one, behind
   the first. */
void qq_threads_run(void *elements, size_t count, size_t size, void (*work)(void *));

#endif
