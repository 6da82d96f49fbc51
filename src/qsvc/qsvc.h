/* What the files of qsvc share. */

#ifndef QQ_SVC_H
#define QQ_SVC_H

#include <qq/home.h>
#include <qq/output.h>
#include <qq/server.h>
#include <qq/settings.h>

/* ---- what the options say ---- */

typedef struct qq_svc {
  char const *service_option;   /* --service, or null */
  uint64_t timeout;             /* nanoseconds; 0: not given */
  int rows, count, tcpto;
  char const *const *command;   /* of `stopped' */
} qq_svc;
extern qq_svc const *const qq_svc_options;

/* ---- which server ---- */

/* Finds and opens the queue that the options name, or ends the program with 100 or 111. */
void qq_svc_open(qq_server *);

/* The same for who stops it, and runs what mends its queue: also of one that is closed. */
void qq_svc_open_closed(qq_server *);

/* Looks at what runs on it, as who only reports, and finds its service. The same. */
void qq_svc_look(qq_server *);

/* Makes sure that no other qsvc starts or stops it meanwhile, until this process and those it forks
   have ended; then looks. Ends the program with 111 if one does, or if this runs under `qsvc
   stopped'. */
void qq_svc_lock(qq_server *);

/* Reads its control files into live. Returns 1; 0: there are none that could be read. */
int qq_svc_load_control(qq_server const *, qq_settings *live);

/* ---- what is said of it ---- */

/* When its qmail-send was started, in nanoseconds since 1970; 0: not known. */
uint64_t qq_svc_since(qq_instance const *);

/* Shows what is waited for, as meanwhile of a server. Returns 1. */
int qq_svc_wait_on(qq_server const *, uint64_t waited);

/* What runs, until the next call: `qmail-send (process 12), 1 local delivery'. */
char const *qq_svc_left(qq_instance const *);

/* Warns of what is left of a qmail-send that has ended, if something is; says whether. */
int qq_svc_warn_left(qq_instance const *);

/* Warns of each qmail-todo that is there without its qmail-send, while another one runs. */
void qq_svc_warn_strays(qq_instance const *);

/* Warns of owners and modes in lock/ that are wrong, and of programs of qmail that are missing or
   not as they must be. */
void qq_svc_warn_faults(qq_server const *);

/* Warns of what keeps qmail-send from working, and is missing in the queue; and hints at
   qq-check. */
void qq_svc_warn_damage(qq_server const *);

/* Warns if a qmail-todo that was left over had to be told to end. */
void qq_svc_warn_left_over(qq_server const *);

/* Warns if qmail-send, which is to be started again, is paused. */
void qq_svc_warn_paused(qq_server const *);

/* Warns of what is known to do harm: a systemd unit that cuts deliveries or has failed, a
   supervisor that does not answer or does not know of the qmail-send that runs. */
void qq_svc_warn(qq_server const *);

/* ---- status: JSON, where null is what is not known, as a moment of 0 ---- */

void qq_svc_put_number(qq_json *, char const *name, int is_known, uint64_t number);
void qq_svc_put_moment(qq_json *, char const *name, uint64_t moment);

/* ---- status: deliveries ---- */

typedef struct qq_svc_channel {
  stralloc name;                /* with a NUL */
  stralloc limit_text;          /* what control files and conf-spawn allow; empty: not known */
  uint64_t limit;               /* the same as a number; */
  int has_limit;                /* it is one */
  uint64_t under_way;
} qq_svc_channel;

typedef struct qq_svc_deliveries {
  genalloc channels, all;       /* of qq_svc_channel; of qq_delivery */
} qq_svc_deliveries;

/* Finds those of the instance, whose queue has so many channels; live may be null. Out of memory
   ends the program. */
void qq_svc_deliveries_find(qq_svc_deliveries *, qq_instance const *, unsigned int channels,
  qq_settings const *live, qq_built const *);
void qq_svc_deliveries_free(qq_svc_deliveries *);

/* A line of how many there are in each channel; and one for each in those that are full. */
void qq_svc_deliveries_say(stralloc *out, qq_svc_deliveries const *);

/* The fields of each channel; and that of all deliveries. Null is what is not shown. */
void qq_svc_deliveries_put(qq_json *, qq_svc_deliveries const *, int is_shown);
void qq_svc_deliveries_titles(stralloc *, qq_svc_deliveries const *);
void qq_svc_deliveries_list(qq_json *, qq_svc_deliveries const *, int is_shown);

/* Warns of channels that are full, and since when their oldest delivery is under way. */
void qq_svc_deliveries_warn(qq_svc_deliveries const *);

/* ---- signals that must not leave qmail-send down: taken when there is time for them ---- */

/* From now on SIGCHLD, and of SIGTERM, SIGINT, SIGQUIT and SIGHUP those that were not ignored when
   this began, wait until they are asked for; SIGPIPE is ignored. */
void qq_svc_watch_signals(void);

/* Waits for the next of them, for at most so many nanoseconds, below a second (0: without a limit),
   and hands it on, unless it says that a child has ended or came from the terminal. */
void qq_svc_hand_on_signal(pid_t to, long nanoseconds);

/* Waits for the end of a child, and hands on to it what comes meanwhile. Returns as waitpid(2). */
pid_t qq_svc_wait_for(pid_t, int *status);

/* Says whether somebody wants this to end; takes the signal that says so. */
int qq_svc_is_interrupted(void);

/* ---- the two processes of `qsvc stopped' (stopped.c says what they are for) ---- */

typedef struct qq_svc_pair {
  pid_t volatile child;         /* what the worker waits for; 0: nothing */
  int volatile must_start;      /* qmail-send ran, and has been or will be told to stop */
  pid_t volatile told_to_end;   /* which one */
  int volatile has_failed;      /* it cannot be started, and the worker has said why */
} qq_svc_pair;

/* In memory that both have. */
extern qq_svc_pair *qq_svc_common;

/* The worker: stops qmail-send, takes the mutex, whose descriptor both processes have, runs the
   command, lets go of the mutex, starts qmail-send. Returns the command's exit code, or ends the
   process with 111. */
int qq_svc_work(qq_server *, int mutex_fd);

/* Has qmail-send start if it must, once nothing keeps it from coming up. Returns 1: it is up again;
   -1 with why: it is not, or on its way only. */
int qq_svc_start_again(qq_server *);

/* ---- the verbs, once the server has been found, and locked by what starts or stops it (stopped
   does that itself); each returns the program's exit code ---- */

/* Exit code where qmail-send does not run (LSB, of status). */
#define QQ_EXIT_STOPPED 3

int qq_svc_status(qq_server *);
int qq_svc_start(qq_server *);
int qq_svc_stop(qq_server *);
int qq_svc_restart(qq_server *);
int qq_svc_pause(qq_server *);
int qq_svc_continue(qq_server *);
int qq_svc_flush(qq_server *);
int qq_svc_reload(qq_server *);
int qq_svc_stopped(qq_server *);

#endif
