/* How one supervisor is asked and told: what the files of src/service share. */

#ifndef QQ_DRIVER_H
#define QQ_DRIVER_H

#include <qq/service.h>

/* How sure a script or service directory is to be that of this qmail-send. */
typedef enum { QQ_CLAIM_NONE, QQ_CLAIM_NAME, QQ_CLAIM_TEXT } qq_claim;

/* What text, of something that goes by that name, says: QQ_CLAIM_TEXT if it has HOME/bin/qmail-start or HOME/rc; QQ_CLAIM_NAME if it names no other home that way, and
   the name is one that qmail-send's service usually has. home may be empty. */
qq_claim qq_claim_of(char const *text, size_t n, char const *name, char const *home);

/* Says whether the text has a path that is home, or leads into it. */
int qq_claim_mentions(char const *text, size_t n, char const *home);

/* Reads a small file whole into text (emptied before). Returns 1; 0: it is not there, not ours to read, or no regular file; -1 with errno. */
int qq_claim_read(stralloc *text, char const *path);

/* Two supervisors above qmail-send are one too many already: `run' without exec. */
#define QQ_ABOVE_MAX 8

typedef struct qq_driver {
  char const *word;
  /* Finds the service, sets where. Returns 1; 0: there is none; -1 with errno. */
  int (*find)(qq_service *, qq_instance const *, char const *home);
  /* Sets answers, why, pid, is_paused and wants_up; systemd's the rest as well, of which only it knows. Returns 1, or -1 with errno; what the supervisor's command says itself is no error. */
  int (*look)(qq_service *);
  /* Runs its command for the order. Returns 1; 0: it has none for that; -1 with errno and the reason in why. */
  int (*order)(qq_service const *, qq_order, stralloc *why);
} qq_driver;

extern qq_driver const qq_driver_s6, qq_driver_daemontools, qq_driver_runit, qq_driver_systemd, qq_driver_init, qq_driver_qmailctl, qq_driver_none;

/* Runs argv; success is exit code 0 and, if quiet, nothing written. Returns 1, or -1 with errno and the reason in why, which names the command. */
int qq_driver_command(char const *const *argv, int quiet, stralloc *why);

/* The supervisor has no answer but text: keeps it as the reason, in one line. Returns 1, or -1 with errno. */
int qq_driver_no_answer(qq_service *, char const *text);

/* Finds the service directory of that driver (src/service/directory.c); the last step of it. */
int qq_directory_find(qq_service *, qq_instance const *, char const *home, qq_supervisor);

/* The supervisor that has made the service directory, by the files in its supervise/; -1: none has. */
int qq_directory_kind(char const *directory);

/* The service does not answer: appends which it is and the reason. Returns -1 with errno EIO. */
int qq_service_say_silent(qq_service const *, stralloc *why);

/* Says how what the service has started stands to qmail-send. Where the system does not show processes, it is taken to be it, if that runs. */
qq_supervises qq_service_supervises(qq_service const *, qq_instance const *);

/* Says whether pid is, or is above, a qmail-send that works on another queue than the instance: its service is not ours, whatever it is called. */
int qq_service_supervises_another(pid_t pid, qq_instance const *);

#endif
