/* The process of qmail-send. */

#ifndef QQ_INSTANCE_H
#define QQ_INSTANCE_H

#include <qq/os.h>

/* Says whether process pid, which was found to hold the mutex of the queue, is its qmail-send: by
   its name, its working directory and its users, because children that inject bounces inherit the
   lock. Returns 1, 0, or -1 with errno where the system does not tell. */
int qq_process_is_qmail_send(pid_t pid, int queue_fd);

/* The processes of one qmail: qmail-send and what qmail-start started beside it, told from those of
   other queues by where they work (INTERNALS: processes). */

typedef enum {
  QQ_ROLE_SEND,
  QQ_ROLE_LSPAWN, QQ_ROLE_RSPAWN, QQ_ROLE_CLEAN, QQ_ROLE_TODO,
  QQ_ROLE_LOCAL, QQ_ROLE_REMOTE         /* a delivery: a child of lspawn, of rspawn */
} qq_role;

typedef struct qq_member {
  qq_os_process process;
  qq_role role;
} qq_member;

typedef struct qq_instance {
  genalloc members;             /* of qq_member */
  int is_shown;                 /* the system shows processes; if not, there are no members */
  pid_t send;                   /* the qmail-send that has the mutex; 0: none, or not known which */
  int runs;                     /* it does */
  int is_stopped;               /* by SIGSTOP */
  int has_reader;               /* somebody reads the trigger */
  dev_t device;                 /* of the queue directory */
  ino_t inode;
  pid_t holder;                 /* who has the mutex, as far as the system tells */
} qq_instance;
#define QQ_INSTANCE_ZERO { GENALLOC_ZERO, 0, 0, 0, 0, 0, 0, 0, 0 }

/* Looks at what runs on the queue now; nothing is locked and nothing written. The instance begins
   as QQ_INSTANCE_ZERO and may be used for look after look. If it fails, runs and send stay what
   they were. Where the system does not show processes, runs is has_reader, and send who has the
   mutex, if that is told (qq_server_find knows more). A trigger that is not there has no reader.
   Returns 1, or -1 with errno: EACCES when
   their working directories are not ours to see. */
int qq_instance_look(qq_instance *, int queue_fd);

/* The same for who only reports. Whether somebody reads the trigger is asked of the processes,
   because to open it would have qmail-send look at todo/, and hide that qmail-queue cannot; and if
   qmail-send does not, for a second, because it closes the trigger and opens it again
   (trigger.c:trigger_set). Only where the system does not show processes it is opened. */
int qq_instance_watch(qq_instance *, int queue_fd);

/* For who may not see where processes work: says whether the one that has the mutex calls itself
   qmail-send. Returns 1, 0, or -1 with errno: ENOSYS where the system does not tell. */
int qq_instance_seems_up(int queue_fd);

void qq_instance_free(qq_instance *);

/* How many processes have the role. */
size_t qq_instance_count(qq_instance const *, qq_role);

/* How many are deliveries; and how many of them belong to the channel, by its number. */
size_t qq_instance_deliveries(qq_instance const *);
size_t qq_instance_in_channel(qq_instance const *, unsigned int channel);

/* The channel of a qmail-lspawn or qmail-rspawn. */
unsigned int qq_instance_channel(qq_instance const *, qq_member const *spawn);

/* A delivery that is under way. */
typedef struct qq_delivery {
  qq_os_process process;        /* it is under way since that began: qq_os_process_started */
  unsigned int channel;
  uint64_t id;                  /* of the message; 0: not to be seen */
  stralloc recipient;           /* as in the recipient files; empty: its arguments are others */
} qq_delivery;

/* Appends those of the instance to all (of qq_delivery), sorted by channel, the oldest first. A
   spawn that copies the message for a filter (sagredo's) leaves the id unknown. Returns 1, or -1
   with errno ENOMEM. Both free what the deliveries have. */
int qq_deliveries_find(genalloc *all, qq_instance const *);
void qq_deliveries_free(genalloc *all);

/* Says whether it is a qmail-todo without its qmail-send: one that could not start, or was killed.
   It never ends by itself, and may keep a processor busy (INTERNALS: processes). */
int qq_instance_is_stray(qq_instance const *, qq_member const *);

/* Before a qmail-send starts, or who holds the mutex gives it back: a qmail-todo that is left over,
   or that one has left which could not start meanwhile, would take new mail beside the one that
   works for the next qmail-send, and lose it (INTERNALS: processes). Ends those, and waits until
   none is there, up to a second. Returns the process of one, or 0: there was none. */
pid_t qq_instance_end_strays(int queue_fd);

/* The member that is process pid, or null. */
qq_member const *qq_instance_member(qq_instance const *, pid_t);

/* Of which messages that are held a delivery may be under way that began before: as long as a child
   of qmail-lspawn or qmail-rspawn runs that is older than the hold, also a filter that has the
   message not open; or as long as some process has the mess file open. Looked at once for all. */
typedef struct qq_under_way {
  uint64_t oldest;              /* when the oldest delivery that runs was started; 0: results of
                                   others are still on their way to qmail-send */
  genalloc open;                /* inodes of open files (of uint64_t), sorted */
} qq_under_way;
#define QQ_UNDER_WAY_ZERO { UINT64_MAX, GENALLOC_ZERO }

/* Looks now, and waits until qmail-send has marked the recipients of all that has ended by then, so
   that what is read behind it tells of them: some milliseconds, 5 seconds at most. Returns 1, or -1
   with errno: EACCES when processes are not ours to see, ENOSYS. */
int qq_under_way_look(qq_under_way *, int queue_fd);

/* Says whether one may be under way of the message, whose mess file this is: it was held when its
   status last changed. */
int qq_under_way_has(qq_under_way const *, struct stat const *mess);

/* The name of the program in that role, as the system shows it; deliveries: qmail-local,
   qmail-remote. */
char const *qq_role_name(qq_role);

#endif
