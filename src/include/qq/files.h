/* Counting files as qmail-qstat does. */

#ifndef QQ_FILES_H
#define QQ_FILES_H

#include <stdint.h>
#include <qq/queue.h>

/* Counts the regular files in the tree, in its numbered directories and beside them (qmail-qstat.sh: find mess/... -type f).
   Returns 1, or -1 with errno. */
int qq_files_count(qq_queue const *, unsigned int tree, uint64_t *count);

#endif
