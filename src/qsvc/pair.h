/* What the two processes of `qsvc stopped' share (stopped.c says what they are for). */

#ifndef QQ_SVC_PAIR_H
#define QQ_SVC_PAIR_H

#include <sys/types.h>
#include "place.h"

typedef struct qq_svc_pair {
  pid_t volatile child;         /* what the worker waits for; 0: nothing */
  int volatile must_start;      /* qmail-send ran, and has been or will be told to stop */
  pid_t volatile told;          /* which one */
  int volatile has_failed;      /* it cannot be started, and the worker has said why */
} qq_svc_pair;

/* In memory that both have. */
extern qq_svc_pair *qq_svc_common;

/* The worker: stops qmail-send, takes the mutex, whose descriptor both processes have, runs the command, lets go of the mutex, starts qmail-send. Returns the command's exit
   code, or ends the process with 111. */
int qq_svc_work(qq_svc *, int mutex_fd);

/* Has qmail-send start if it must, once nothing keeps it from coming up. Returns 1: it is up again; -1 with the reason: it is not, or on its way only. */
int qq_svc_start_again(qq_svc *, stralloc *why);

#endif
