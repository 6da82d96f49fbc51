/* What the files of src/service share: how one supervisor is asked and told, whose a script is, and
   waiting until something is so. */

#ifndef QQ_DRIVER_H
#define QQ_DRIVER_H

#include <qq/server.h>
#include <qq/text.h>

/* ---- supervisors ---- */

typedef struct qq_driver {
  char const *word;
  /* Finds the service of that supervisor, and sets all of it. Returns 1; 0: there is none; -1 with
     errno. */
  int (*find)(qq_server *, qq_supervisor);
  /* Sets answers, why, pid, is_paused, wants_up and unit, which are zero before. Returns 1, or -1
     with errno; what the supervisor's command says itself is no error. */
  int (*look)(qq_service *);
  /* Runs its command for the order. Returns 1; 0: it has none for that; -1 with errno and why. */
  int (*tell)(qq_server *, qq_order);
} qq_driver;

/* By qq_supervisor. */
extern qq_driver const *const qq_drivers[QQ_SUPERVISORS];
extern qq_driver const qq_driver_s6, qq_driver_daemontools, qq_driver_runit, qq_driver_systemd,
  qq_driver_init, qq_driver_qmailctl, qq_driver_none;

/* Makes that the service, and looks at it. Returns 1, or -1 with errno. */
int qq_server_take(qq_server *, qq_supervisor, char const *where);

/* Makes it a service of which nothing is known yet but where it is. Returns 1, or -1 with errno. */
int qq_service_begin(qq_service *, qq_supervisor, char const *where);

/* Has the driver look at it, unless there is a doubt: then it does not answer, and why is that.
   Returns as that. */
int qq_service_look(qq_service *);

/* The same, and sets how it stands to the qmail-send that runs; where the system does not show
   processes, what it has started, paused or not, is taken for that. Returns 1; 0: it does not
   answer; -1 with errno. */
int qq_server_look_at_service(qq_server *);

/* Runs argv; success is exit code 0 and, if quiet, nothing written. Returns 1, or -1 with errno and
   why, which names the command. */
int qq_driver_command(qq_server *, char const *const *argv, int quiet);

/* Keeps the text as why of the service, in one line. Returns 1, or -1 with errno. */
int qq_service_explain(qq_service *, qq_piece text);

/* The service is not obeyed, or does not answer: says which it is and the reason. Returns -1 with
   errno EPERM or EIO. */
int qq_server_refuse(qq_server *);

/* These set doubt if there is a reason to, and return 1, or -1 with errno. The place: the service
   directory or script and all on the way can be changed by nobody else. A process: it is root's, or
   ours. What was found, and is there to be asked: its process, and unless the user has named it,
   its claim. */
int qq_trust_place(qq_service *);
int qq_trust_process(qq_service *, pid_t);
int qq_trust_found(qq_server *);

/* Finds the service directory of that supervisor, as find of its driver. */
int qq_service_directory_find(qq_server *, qq_supervisor);

/* The supervisor that has made the service directory, by the files in supervise/; -1: none has. */
int qq_service_directory_kind(char const *directory);

/* Two supervisors above qmail-send are one too many already: `run' without exec. */
#define QQ_ABOVE_MAX 8

/* Says how what the service has started stands to qmail-send. Where the system does not show
   processes, it is taken to be it, if that runs. */
qq_supervises qq_service_supervises(qq_service const *, qq_instance const *);

/* Says whether pid is, or is above, a qmail-send that works on another queue than the instance: its
   service is not ours, whatever it is called. */
int qq_service_supervises_another(pid_t pid, qq_instance const *);

/* ---- claims: how sure a script or service directory is to be that of this qmail-send ---- */

typedef enum { QQ_CLAIM_NONE, QQ_CLAIM_NAME, QQ_CLAIM_TEXT } qq_claim;

/* What text, of something that goes by that name, says: QQ_CLAIM_TEXT if it has
   HOME/bin/qmail-start or HOME/rc; QQ_CLAIM_NAME if it names no other home that way, and the name
   is one that qmail-send's service usually has. home may be empty. */
qq_claim qq_claim_of(qq_piece text, char const *name, char const *home);

/* Says whether a text, of something that goes by that name, claims this qmail: it has what makes
   QQ_CLAIM_TEXT; or no other home, and qmail-start without one, by $PATH or behind a variable; or
   no other home, one of the usual names, and a program in HOME/bin. Where home is not known, any
   does. */
int qq_claim_counts(qq_piece text, char const *name, char const *home);

/* Says whether the text has a path that is home, or leads into it. */
int qq_claim_mentions(qq_piece text, char const *home);

/* Reads a small file whole into text (emptied before); links count only where nobody else can make
   them. Returns 1; 0: it is not there, not ours to read, or no regular file; -1 with errno. */
int qq_claim_read(stralloc *text, char const *path);

/* ---- waiting: look after look, with pauses that grow ---- */

/* The first pause, in nanoseconds: most of what is waited for takes no time. */
#define QQ_WAIT_FIRST UINT64_C(5000000)

typedef struct qq_wait { uint64_t began, pause, alone; } qq_wait;
qq_wait qq_wait_begin(void);

/* Waits a while and looks again. Returns 1; 0: the time is over, or meanwhile says so; -1 with
   errno and why. */
int qq_wait_go_on(qq_server *, qq_wait *);

/* Waits until nothing of this qmail is left, after it has been told to end. first: the qmail-send
   that was, 0: any. */
qq_transition qq_wait_for_end(qq_server *, pid_t first);

/* As qq_server_clear, until the deadline that is set. */
qq_transition qq_wait_until_clear(qq_server *);

/* Says whether a process of this qmail is there, or whoever reads its trigger. */
int qq_wait_is_anything_left(qq_instance const *);

/* What errno says of looking; that another process has come up. Return -1 with errno and why. */
int qq_wait_fail(qq_server *);
int qq_wait_came_back(qq_server *);

/* Stops a unit that, told to stop, would end deliveries. */
qq_transition qq_stop_by_mutex(qq_server *);

#endif
