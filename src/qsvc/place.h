/* What the verbs of qsvc share: which queue, what runs on it, what starts that. */

#ifndef QQ_SVC_PLACE_H
#define QQ_SVC_PLACE_H

#include <stdint.h>
#include <qq/errand.h>
#include <qq/turn.h>

typedef struct qq_svc {
  /* options */
  char const *said;             /* --service, or null */
  uint64_t timeout;             /* nanoseconds; 0: not given */
  int json, count, tcpto;
  char const *const *command;   /* of `stopped' */
  /* after qq_svc_open */
  stralloc queue, home;         /* paths without `..', NUL-terminated; home may be empty: not known */
  int queue_fd;
  /* after qq_svc_look */
  qq_instance instance;
  qq_service service;
} qq_svc;

/* Opens the queue that the options name. Ends the program with 100 or 111 if it cannot. */
void qq_svc_open(qq_svc *);

/* Looks at what runs on it, and finds its service. The same. */
void qq_svc_look(qq_svc *);

/* Makes sure that no other qsvc starts or stops it meanwhile, until this process and those it forks have ended; then looks. Ends the program with 111 if one does, or
   if this runs under `qsvc stopped'. */
void qq_svc_lock(qq_svc *);

/* What the functions of qq/turn.h want, with progress; seconds is what counts without --timeout, 0: for ever. */
void qq_svc_turn(qq_svc *, qq_turn *, uint64_t seconds);

/* Warns if the turn had to end a qmail-todo that was left over. */
void qq_svc_warn_left_over(qq_turn const *);

/* Shows what is waited for; for qq_turn. Returns 1. */
int qq_svc_wait_on(void *, qq_instance const *, uint64_t waited);

/* Appends what runs of it: `qmail-send (process 12), 1 local and 2 remote deliveries'. */
void qq_svc_say_left(stralloc *, qq_instance const *);

/* One line for each delivery that is under way, on standard error. */
void qq_svc_note_deliveries(qq_instance const *);

/* Warns of what is known to do harm: a systemd unit that cuts deliveries or has failed, a supervisor that does not answer or does not know of the qmail-send that runs. */
void qq_svc_warn(qq_svc const *);

/* ---- the verbs; each returns the program's exit code ---- */

/* Exit code where qmail-send does not run (LSB, of status). */
#define QQ_EXIT_STOPPED 3

int qq_svc_status(qq_svc *);
int qq_svc_start(qq_svc *);
int qq_svc_stop(qq_svc *);
int qq_svc_restart(qq_svc *);
int qq_svc_pause(qq_svc *);
int qq_svc_continue(qq_svc *);
int qq_svc_flush(qq_svc *);
int qq_svc_reload(qq_svc *);
int qq_svc_stopped(qq_svc *);

#endif
