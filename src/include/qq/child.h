/* Other programs, run and waited for. */

#ifndef QQ_CHILD_H
#define QQ_CHILD_H

#include <sys/types.h>
#include <skalibs/stralloc.h>

/* Exit code of a child whose program could not be run, as of env(1). */
#define QQ_CHILD_NOT_RUN 127

/* From now on the pid of the child under way stands in *slot, before it does anything, until it has been waited for; then 0. Meant for memory that is
   shared with a process that has to wait for the child if this one cannot. */
void qq_child_record_in(pid_t volatile *slot);

/* Starts argv[0] (looked for in $PATH), with no signal blocked. Returns the pid, or -1 with errno. */
pid_t qq_child_start(char const *const *argv);

/* Waits for it. Returns its exit code, 128 and the signal that ended it, or -1 with errno. */
int qq_child_wait(pid_t);

/* Both, in a session of its own, so that what the terminal sends does not end it half-way; appending what it writes to output, without the newline at the end. Null: it writes where we do. Returns as qq_child_wait. */
int qq_child_run(char const *const *argv, stralloc *output);

#endif
