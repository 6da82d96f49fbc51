/* One qmail-send and what starts it and keeps it running, as one program sees them: found, looked
   at, told, started and stopped (qsvc(8)). */

#ifndef QQ_SERVER_H
#define QQ_SERVER_H

#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include <qq/instance.h>

/* In the order in which they are looked for. */
typedef enum {
  QQ_SUPERVISOR_S6, QQ_SUPERVISOR_DAEMONTOOLS, QQ_SUPERVISOR_RUNIT,     /* a service directory */
  QQ_SUPERVISOR_SYSTEMD,                                                /* a unit */
  QQ_SUPERVISOR_INIT, QQ_SUPERVISOR_QMAILCTL,   /* a script that is told start and stop */
  QQ_SUPERVISOR_NONE,                           /* HOME/rc, if that can be run */
  QQ_SUPERVISORS
} qq_supervisor;

typedef enum {
  QQ_SUPERVISES_NOT,            /* it does not know of the qmail-send that runs, or none runs */
  QQ_SUPERVISES_ABOVE,          /* what it started is a process above qmail-send */
  QQ_SUPERVISES_IT
} qq_supervises;

/* What only systemd says of what it supervises. */
typedef struct qq_unit {
  int is_spent;                 /* it counts as up, but starts nothing again: RemainAfterExit */
  int comes_back;               /* as long as it is not told to stop: Restart=always */
  int has_let_go;               /* it is down, and what is in its control group not its any more */
  int clears;                   /* a stop ends what is not its main process: KillMode=mixed */
  char const *cuts;             /* what to do about that a stop would end deliveries that are under
                                   way, at once or after a time; null: it would not */
} qq_unit;

typedef struct qq_service {
  qq_supervisor supervisor;
  stralloc where;               /* the service directory, unit or script, NUL-terminated; empty:
                                   nothing is known to start this qmail */
  stralloc name;                /* for people: where, and behind it in parentheses the supervisor */
  int answers;                  /* it can be asked what it does; if not, why is set */
  stralloc why;                 /* its supervisor does not run, say; or what a unit that is down has
                                   failed by; NUL-terminated; empty: there is nothing to say */
  stralloc doubt;               /* why it is not obeyed, and its command not run: somebody else can
                                   change it, or it does not claim this qmail; NUL-terminated;
                                   empty: it is obeyed */
  int claims;                   /* it was found, and what it runs says that it starts this qmail */
  pid_t pid;                    /* of what it has started; 0: of nothing, or it does not say */
  int is_paused;                /* it says that what it has started is */
  int wants_up;                 /* it means qmail-send to run, and starts it again when it ends */
  qq_supervises supervises;
  qq_unit unit;                 /* zero, but for systemd */
} qq_service;
#define QQ_SERVICE_ZERO { .supervisor = QQ_SUPERVISOR_NONE }

typedef struct qq_server {
  /* what is given, and stays the caller's */
  int queue_fd;
  char const *queue, *home;     /* paths; home may be empty: not known */
  char const *service_option;   /* what supervises it: a word (s6, ... none), a service directory
                                   (it has a slash), systemd:UNIT, init:SCRIPT, qmailctl:SCRIPT;
                                   null: everything is looked for */
  uint64_t timeout;             /* nanoseconds that a transition may take; 0: a minute, but a stop
                                   as long as its deliveries */
  /* Called while waiting, after each look; waited is in nanoseconds. Returns 1: go on; 0: give up.
     Null: go on. */
  int (*meanwhile)(struct qq_server const *, uint64_t waited);
  /* what is found */
  qq_instance instance;
  qq_service service;
  stralloc why;                 /* what the last call failed by, if that says so below */
  /* the transition that is under way, or was the last */
  uint64_t deadline;            /* on the clock of qq_now; 0: none */
  pid_t told_to_end;            /* the qmail-send that this program has told to end; 0: none */
  pid_t left_over;              /* a qmail-todo of a killed qmail-send that was told; 0: none */
} qq_server;
#define QQ_SERVER_ZERO { .queue_fd = -1, .queue = "", .home = "", .service = QQ_SERVICE_ZERO }

/* The word for it: s6, daemontools, ... none. */
char const *qq_supervisor_word(qq_supervisor);

/* why, as a string. */
char const *qq_server_why(qq_server const *);

/* ---- looking ---- */

/* Finds its service, once the instance has been looked at. Service directories are looked for in
   those of $QQ_SERVICE_PATH, separated by colons, where that is set. Where the system does not show
   processes, what the service has started is taken for the qmail-send that runs. Returns 1; or -1
   with errno and why: EINVAL, ENOENT for what was said and is not there. */
int qq_server_find(qq_server *);

/* Looks again at what runs, and at what its service does. Returns 1, also if the service does not
   answer; or -1 with errno. */
int qq_server_look(qq_server *);

/* Free what was found. */
void qq_service_free(qq_service *);
void qq_server_free(qq_server *);

/* ---- telling ---- */

typedef enum {
  QQ_ORDER_START, QQ_ORDER_STOP, QQ_ORDER_REREAD, QQ_ORDER_FLUSH, QQ_ORDER_PAUSE, QQ_ORDER_CONTINUE,
  QQ_ORDER_RESTART              /* for qq_server_request */
} qq_order;

/* Gives the order through the supervisor's own command; a signal, where there is none or it does
   not know of this qmail-send. START and STOP begin it only. Returns 1; 0: qmail-send does not run,
   so nobody was told; or -1 with errno and why. */
int qq_server_tell(qq_server *, qq_order);

/* Says whether it can be told to start; if not, sets why. */
int qq_server_can_start(qq_server *);

/* Says whether its service must not be told to stop while there are deliveries: a unit that would
   end them, or whose main process is not qmail-send, so that systemd takes that for what is left
   over. */
int qq_server_would_cut(qq_server const *);

/* Says whether it can be told to start while qmail-send still ends, and starts it then. */
int qq_server_remembers(qq_server const *);

/* ---- starting and stopping ---- */

typedef enum {
  QQ_TRANSITION_FAILED = -1,    /* with errno and why */
  QQ_TRANSITION_TIME_OVER,      /* it is on its way; or meanwhile has given up */
  QQ_TRANSITION_DONE,
  QQ_TRANSITION_ALREADY         /* it was so before */
} qq_transition;

/* Has qmail-send end after the deliveries that are under way, and waits until it and all that works
   for it has ended: its spawns, qmail-clean, qmail-todo. Nothing is killed. Sets told_to_end.
   TIME_OVER: the instance shows what is still there. */
qq_transition qq_server_stop(qq_server *);

/* Waits until what a qmail-send that was killed has left is gone; its qmail-todo, which would stay,
   is told to end. DONE also if qmail-send runs. */
qq_transition qq_server_clear(qq_server *);

/* Waits, without a limit, for the end of the one that has been told. */
qq_transition qq_server_wait_for_end(qq_server *);

/* Has one started that is not told, and waits until it has the mutex and reads the trigger. A
   qmail-todo that is left over is told to end before: beside deliveries nothing else ends it.
   TIME_OVER is also that its unit has failed and does not try again; why is set to the reason, as
   far as the supervisor knows it. */
qq_transition qq_server_start(qq_server *);

/* For who stops it to start it again: if it runs, a process of its own has it started again in case
   this one ends, killed or by itself, before qq_server_unguard. Call it when the signals that may
   wait are blocked. Returns 1, or -1 with errno and why. */
int qq_server_guard(qq_server *);
void qq_server_unguard(void);

/* Says whether the one that has been told to end has to end before it can be started again: nobody
   remembers it. */
int qq_server_must_end_first(qq_server const *);

/* Pauses or continues it (SIGSTOP, SIGCONT), and waits until it has, where that can be seen.
   ALREADY also if it does not run: the instance says. */
qq_transition qq_server_freeze(qq_server *, int is_to_stop);

/* Makes sure that nobody else starts or stops this queue's qmail-send by these programs, until this
   process and those that it forks have ended. Returns 1; or -1 with errno and why: EBUSY, EDEADLK
   when this process runs under `qsvc stopped'. */
int qq_server_lock(qq_server *);

/* Sets *who to the process that has that lock, 0: nobody, or the system does not tell. Nothing is
   locked. Returns 1, or -1 with errno. */
int qq_server_busy(qq_server const *, pid_t *who);

/* For programs that are about something else: gives the qmail-send of the qmail at home an order
   that needs no waiting; or stops it, waiting for its deliveries, and starts it again, if that can
   be done, while TERM, INT, QUIT and HUP wait, and even if this process is killed. Returns 1; 0: it
   does not run, so that nobody was told; or -1 with errno and the reason in why: ENOENT when there
   is no queue. */
int qq_server_request(char const *home, qq_order, stralloc *why);

/* The same for the queue that the directory is; home may be empty. */
int qq_server_request_at(int queue_fd, char const *home, qq_order, stralloc *why);

#endif
