/* Having qmail-send started or stopped, and waiting until that is so. */

#ifndef QQ_TURN_H
#define QQ_TURN_H

#include <stdint.h>
#include <qq/service.h>

typedef struct qq_turn {
  int queue_fd;
  qq_instance *instance;        /* looked at, again and again */
  qq_service *service;          /* found */
  uint64_t deadline;            /* on the clock of qq_now; 0: none */
  pid_t told;                   /* the qmail-send that this program has told to end; 0: none. qq_turn_stop sets it; qq_turn_start waits for another one then */
  pid_t left_over;              /* a qmail-todo that a killed qmail-send had left, and that was told to end (SIGTERM); 0: none */
  /* Called while waiting, after each look; waited is in nanoseconds. Returns 1: go on; 0: give up. Null: go on. */
  int (*meanwhile)(void *, qq_instance const *, uint64_t waited);
  void *p;
} qq_turn;

typedef enum { QQ_TURN_FAILED = -1, QQ_TURN_TIME_OVER, QQ_TURN_DONE, QQ_TURN_ALREADY } qq_turned;

/* Has qmail-send end after the deliveries that are under way, and waits until it and all that works for it has ended: its spawns, qmail-clean, qmail-todo. Nothing is
   killed.
   TIME_OVER: it is on its way, and instance shows what is still there; also given up by meanwhile. FAILED: errno, and the reason in why. */
qq_turned qq_turn_stop(qq_turn *, stralloc *why);

/* Waits until what a qmail-send that was killed has left is gone; its qmail-todo, which would stay, is told to end. DONE also if qmail-send runs. The same. */
qq_turned qq_turn_clear(qq_turn *, stralloc *why);

/* Waits for the end of the one that has been told. The same. */
qq_turned qq_turn_end(qq_turn *, stralloc *why);

/* Has it started, and waits until it has the mutex and reads the trigger. The same; with TIME_OVER, which is also that its unit has failed and does not try
   again, the reason, as far as the supervisor knows it, is in why. */
qq_turned qq_turn_start(qq_turn *, stralloc *why);

/* Pauses or continues it (SIGSTOP, SIGCONT), and waits until it has, where that can be seen. The same; ALREADY too if it does not run: instance says. */
qq_turned qq_turn_pause(qq_turn *, stralloc *why);
qq_turned qq_turn_continue(qq_turn *, stralloc *why);

#endif
