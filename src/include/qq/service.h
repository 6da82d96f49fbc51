/* What starts qmail-send and keeps it running here: found, and driven through its own commands (qsvc(8)). */

#ifndef QQ_SERVICE_H
#define QQ_SERVICE_H

#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include <qq/instance.h>

/* In the order in which they are looked for. */
typedef enum {
  QQ_SUPERVISOR_S6, QQ_SUPERVISOR_DAEMONTOOLS, QQ_SUPERVISOR_RUNIT,     /* a service directory */
  QQ_SUPERVISOR_SYSTEMD,                                                /* a unit */
  QQ_SUPERVISOR_INIT, QQ_SUPERVISOR_QMAILCTL,                           /* a script that is told start and stop */
  QQ_SUPERVISOR_NONE,                                                   /* HOME/rc, if that can be run */
  QQ_SUPERVISORS
} qq_supervisor;

typedef enum {
  QQ_SUPERVISES_NOT,            /* it does not know of the qmail-send that runs, or none runs */
  QQ_SUPERVISES_ABOVE,          /* what it started is a process above qmail-send */
  QQ_SUPERVISES_IT
} qq_supervises;

typedef struct qq_service {
  qq_supervisor supervisor;
  stralloc where;               /* the service directory, unit or script, NUL-terminated; empty: nothing is known to start this qmail */
  int answers;                  /* it can be asked what it does; if not, why is set: its supervisor does not run, say */
  stralloc why;                 /* NUL-terminated; also what a unit has failed by, when it is down; empty: there is nothing to say */
  pid_t pid;                    /* of what it has started; 0: of nothing, or it does not say */
  int is_paused;                /* it says that what it has started is paused */
  int wants_up;                 /* it means qmail-send to run, and starts it again when that ends */
  int is_spent;                 /* it counts as up, but has nothing left that it would start again: a systemd unit with RemainAfterExit */
  int comes_back;               /* it does so whatever anybody else does: a systemd unit with Restart=always, as long as it is not told to stop */
  int has_let_go;               /* a systemd unit that is down: what is still in its control group is not its any more */
  int clears;                   /* told to stop, it ends what is not its main process: a systemd unit with KillMode=mixed */
  char const *cuts;             /* told to stop, it would end deliveries that are under way, at once or after a time: what to do about the systemd unit; null: it would not */
  qq_supervises supervises;
} qq_service;
#define QQ_SERVICE_ZERO { QQ_SUPERVISOR_NONE, STRALLOC_ZERO, 1, STRALLOC_ZERO, 0, 0, 0, 0, 0, 0, 0, 0, QQ_SUPERVISES_NOT }

/* The word for it: s6, daemontools, ... none. */
char const *qq_supervisor_word(qq_supervisor);

/* Finds the service of the qmail at home (a path, or empty: not known). said restricts the search: a word as above, a service directory (it has a slash), or
   `systemd:UNIT', `init:SCRIPT', `qmailctl:SCRIPT'; null: everything is looked for. Service directories are looked for in those of $QQ_SERVICE_PATH, separated by
   colons, where that is set. Returns 1; or -1 with errno and the reason in why: EINVAL, ENOENT for what was said and is not there. */
int qq_service_find(qq_service *, char const *said, qq_instance const *, char const *home, stralloc *why);

/* Where the system does not show processes: takes for the qmail-send that runs what the service has started, paused or not. */
void qq_service_lend(qq_service const *, qq_instance *);

/* Looks again at what it does. Returns 1; 0: it does not answer now (service.why); or -1 with errno. */
int qq_service_look(qq_service *, qq_instance const *);

typedef enum { QQ_ORDER_START, QQ_ORDER_STOP, QQ_ORDER_REREAD, QQ_ORDER_FLUSH, QQ_ORDER_PAUSE, QQ_ORDER_CONTINUE } qq_order;

/* Gives the order through the supervisor's own command; a signal, where there is none or it does not know of this qmail-send. START and STOP begin it only.
   Returns 1; 0: qmail-send does not run, so nobody was told; or -1 with errno and the reason in why. */
int qq_service_order(qq_service const *, qq_instance const *, qq_order, stralloc *why);

/* Says whether it can be told to start; if not, the reason is in why. */
int qq_service_can_start(qq_service const *, stralloc *why);

/* Says whether it must not be told to stop while there are deliveries: a unit that would end them, or whose main process is not qmail-send, so that systemd takes that for
   what is left over. */
int qq_service_is_outrun(qq_service const *, qq_instance const *);

/* Says whether it can be told to start while qmail-send still ends, and starts it then. */
int qq_service_remembers(qq_service const *);

void qq_service_free(qq_service *);

#endif
