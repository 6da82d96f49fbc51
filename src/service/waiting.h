/* Waiting until something is so, for the files of src/service: look after look, with pauses that grow. */

#ifndef QQ_WAITING_H
#define QQ_WAITING_H

#include <stdint.h>
#include <qq/turn.h>

/* The first pause, in nanoseconds: most of what is waited for takes no time. */
#define QQ_WAIT_FIRST UINT64_C(5000000)

typedef struct qq_wait { uint64_t began, pause, alone; } qq_wait;
void qq_wait_begin(qq_wait *);

/* Waits a while and looks again. Returns 1; 0: the time is over, or meanwhile says so; -1 with errno and the reason. */
int qq_wait_go_on(qq_turn *, qq_wait *, stralloc *why);

/* Waits until nothing of this qmail is left, after it has been told to end. first: the qmail-send that was, 0: any. Returns DONE, TIME_OVER, FAILED. */
qq_turned qq_wait_for_end(qq_turn *, pid_t first, stralloc *why);

/* Says whether a process of this qmail is there, or whoever reads its trigger. */
int qq_wait_is_anything_left(qq_instance const *);

/* What errno says of looking; and that another process has come up. They return -1 and FAILED. */
int qq_wait_fail(stralloc *why);
qq_turned qq_wait_came_back(stralloc *why, pid_t);

/* Stops a unit that, told to stop, would end deliveries. Returns DONE, TIME_OVER, FAILED. */
qq_turned qq_outrun(qq_turn *, stralloc *why);

#endif
