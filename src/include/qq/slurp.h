/* Reading a file whole. */

#ifndef QQ_SLURP_H
#define QQ_SLURP_H

#include <skalibs/stralloc.h>

/* Reads all of fd behind what sa has. A short read of a regular file is its end. Returns 1, or -1 with errno. */
int qq_slurp(stralloc *sa, int fd);

#endif
