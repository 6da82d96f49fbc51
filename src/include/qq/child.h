/* What is done beside this thread: by other programs, run and waited for, and by other threads. */

#ifndef QQ_CHILD_H
#define QQ_CHILD_H

#include <stddef.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>

/* From now on the pid of the child under way stands in *slot, before it does anything, until it has
   been waited for; then 0. Meant for memory that is shared with a process that has to wait for the
   child if this one cannot. */
void qq_child_record_in(pid_t volatile *slot);

/* Starts argv[0], of $PATH, with no signal blocked. Returns the pid, or -1 with errno. */
pid_t qq_child_start(char const *const *argv);

/* The same in a session of its own, so that what the terminal sends does not end it half-way, and
   waits for it. Appends what it writes to output, without the newline at the end; null: it writes
   where we do. Returns its exit code, 127 if it was not found and 126 if it could not be run, as
   env(1) does; 128 and the signal that ended it; or -1 with errno. */
int qq_child_run(char const *const *argv, stralloc *output);

/* Starts argv[0], of $PATH, which reads from input (below 0: from nothing) and writes into a pipe,
   of which *output becomes the end to read from; what it says on standard error is lost. Returns
   the pid, or -1 with errno. */
pid_t qq_child_filter(char const *const *argv, int input, int *output);

/* Waits for the end of one of these. Returns as qq_child_run. */
int qq_child_wait(pid_t);

/* For root: calls act in a process that has become nobody. Returns what that has returned, from 0
   to 100; or -1 with errno, EIO if act has failed. */
int qq_child_as_nobody(int (*act)(void *), void *data);

/* Forks a process, in a session of its own, that does nothing until this one has ended, then calls
   act, and ends. Returns its pid, or -1 with errno. */
pid_t qq_child_stand_by(void (*act)(void *), void *data);

/* Ends one that stands by. */
void qq_child_dismiss(pid_t);

/* Goes to the next of the paths that colons separate, as in $PATH, passing over empty ones; *at is
   where the one before ended. Returns its length; 0: there is none. */
size_t qq_next_path(char const **at);

/* The same work on several threads. */

/* Does work with each of count elements of size bytes, each on a thread of its own, the first on
   this one; returns when all have ended. What no thread can be had for is done on this one, behind
   the first. */
void qq_threads_run(void *elements, size_t count, size_t size, void (*work)(void *));

#endif
