/* One message of a queue: its fields, each read when it is first asked for.

   The queue lives while it is read. A message may end between two system calls, and its id may be
   another message's a moment later. Therefore:
   - Every question about a message returns one of the four codes below, and a caller passes all but
     1 on.
   - Fields that were read one after the other belong to the same message only if the message was
     pinned first (qq_message_pin), because an inode that is open cannot be given away; or if
     qq_message_confirm says so at the end. */

#ifndef QQ_MESSAGE_H
#define QQ_MESSAGE_H

#include <pthread.h>
#include <qq/header.h>
#include <qq/qsbmf.h>
#include <qq/queue.h>

/* What the questions return. 1: answered. */
#define QQ_GONE 0               /* it has ended, or the id is not queued: normal, silent */
#define QQ_DAMAGED (-1)         /* it cannot be read: errno, and one line for people in why */
#define QQ_CHANGED 2            /* while it was read: qq_message_begin and ask everything again */

typedef enum { QQ_LISTED_INFO, QQ_LISTED_TODO, QQ_LISTED_NOWHERE } qq_listed;

typedef struct qq_recipient {
  size_t start, length;         /* of the address in addresses */
  int channel;                  /* -1: a new message has none yet */
  int done;
} qq_recipient;

typedef struct qq_message {
  qq_shard *shard;              /* turned to this message's directories */
  uint64_t id;
  uint64_t wanted;              /* the stamp that was asked for, or QQ_UNSTAMPED */
  stralloc why;                 /* after QQ_DAMAGED; no NUL */

  /* qq_message_stat or qq_message_pin */
  uint64_t stamp, size;
  int held, over;               /* said by the mess file's owner */
  qq_removal removal;           /* said by its mode, too */

  stralloc sender;              /* qq_message_envelope */
  int is_new;                   /* not preprocessed yet; qq_message_state */
  uint64_t uid;                 /* of the injecting process; new messages only */

  uint64_t birth;               /* qq_message_birth; preprocessed messages only */
  genalloc recipients;          /* qq_message_recipients; of qq_recipient */
  stralloc addresses;
  int failing;                  /* qq_message_failing */
  qq_received received;         /* qq_message_received */

  /* private from here */
  qq_listed listed;
  uint64_t since;
  genalloc const *bounces;
  uint64_t doubted;             /* the id that qq_message_doubt was asked about last */
  int has_doubted;
  int mess_fd, record_fd;
  unsigned int known;
  stralloc record, head;
} qq_message;

/* Makes a message that reads through shard. bounces, which may be null: ids in bounce/ that were
   there a moment ago (of uint64_t, sorted); qq_message_failing asks the file system only for these.
   Free it with qq_message_free. */
void qq_message_init(qq_message *, qq_shard *shard, genalloc const *bounces);
void qq_message_free(qq_message *);

/* Starts with another message. listed says where a directory listing had it; since when (a moment a
   little before that listing) a message may have come in behind it. A stamp other than QQ_UNSTAMPED
   must match, or the message is gone. */
void qq_message_begin(qq_message *, qq_id const *, qq_listed listed, uint64_t since);

/* stamp, size, held, over. A stamp that is too young to tell this message from the next one with
   its id is waited out (20 ms; a second where the file system counts seconds) and QQ_CHANGED
   returned. */
int qq_message_stat(qq_message *);

/* The same, and the mess file stays open until the next qq_message_begin: the id cannot be reused
   meanwhile. */
int qq_message_pin(qq_message *);

/* The sender; from info, or for a new message from todo. */
int qq_message_envelope(qq_message *);

/* is_new. (The sender is the same in both files, so a question about it alone needs no look at
   both.) */
int qq_message_state(qq_message *);

/* For a message that was not pinned: stats it and says whether what qq_message_envelope read was
   that message's. */
int qq_message_confirm(qq_message *);

int qq_message_birth(qq_message *);
int qq_message_recipients(qq_message *);
int qq_message_failing(qq_message *);
int qq_message_received(qq_message *);

/* Reads as much of the header as the fields want, and its character set, if one of them needs it to
   be decoded. The fields' values stay valid until the next call. */
int qq_message_header(qq_message *, qq_header *, qq_field *fields, size_t count);

/* Sets *offset to where the body begins: behind the blank line that ends the header, or the end of
   a message without one. */
int qq_message_body(qq_message *, qq_header *, uint64_t *offset);

/* Reads up to n bytes of the message at offset into s. Returns 1 with the number in *got, 0 of it
   at the end; or QQ_DAMAGED. */
int qq_message_read(qq_message *, uint64_t offset, char *s, size_t n, size_t *got);

/* The token of a message that was stat'ed. */
qq_id qq_message_id(qq_message const *);

typedef enum { QQ_NO_BOUNCE, QQ_SINGLE_BOUNCE, QQ_DOUBLE_BOUNCE } qq_bounce_kind;
/* By the envelope sender: empty, or #@[]. */
qq_bounce_kind qq_message_bounce(qq_message const *);

/* Says in *looks whether an older qq-rm, which did not mark the mess file, may have begun to remove
   the message: it has the sender of a double bounce, and was not injected as a bounce. Needs
   envelope. */
int qq_message_looks_removed(qq_message *, int *looks);

/* Says in *interrupted whether a removal of it was interrupted: it is held, and marked so, or looks
   so (which is not asked if the envelope was not read, or where the queue is root's). Needs stat.
   Opens the message only if it must. */
int qq_message_interrupted(qq_message *, int *interrupted);

/* Says in *is whether it is from the future: its stamp, or if the envelope was read, its birth is
   to come. Needs stat. */
int qq_message_future(qq_message *, int *is);

/* Bytes of a recipient's address. */
char const *qq_recipient_address(qq_message const *, qq_recipient const *);

/* The same without what control/virtualdomains has put in front of a local one, where the queue has
   prefixes. */
qq_piece qq_recipient_plain(qq_message const *, qq_recipient const *);

/* The domain of an address: what is behind its last @, empty if there is none. That of a sender
   with VERP (`list-@host-@[]`, qmail-send.c:senderadd) is in front of it. */
qq_piece qq_address_domain(char const *s, size_t n);
qq_piece qq_verp_domain(char const *s, size_t n);
qq_piece qq_sender_domain(qq_message const *);

/* Says whether a recipient of the channel is not done. Needs recipients. */
int qq_message_undelivered(qq_message const *, unsigned int channel);

/* Recipients of a message that have failed for good, as bounce/ID tells it
   (qmail-send.c:addbounce). */

/* Calls action for each failed recipient of a message that is pinned. Returns what the questions
   return; a message without bounce/ID has none. */
int qq_message_failures(qq_message *, qq_qsbmf *, qq_failure_action *, void *data);

/* The same for those that the message, which is pinned and a bounce, tells of itself. */
int qq_message_report(qq_message *, qq_report *, qq_failure_action *, void *data);

/* Every message of a queue, once each, on several threads.

   A message that waits in the queue for the whole walk is visited. todo/ is read before info/: what
   leaves the one meanwhile is in the other. */

typedef struct qq_walk {
  /* the caller sets */
  qq_queue const *queue;
  genalloc const *only;         /* of qq_id, sorted by qq_ids_sort; null: all messages */
  unsigned int jobs;            /* threads, from qq_walk_jobs */
  int wants_bounces;            /* qq_message_failing will be asked for most messages */
  int wants_remains;            /* all that is left over is looked for, not only in bounce/ */
  uint64_t left;                /* set: messages that are being written or left over */
  /* A message; worker is the thread's element of workers. Returns what the questions returned that
     did not return 1, else 1. */
  int (*visit)(void *worker, qq_message *);
  void **workers;               /* one for each job */
  /* May be null. trouble: one line about something damaged. gone: an id of only that is not in the
     queue. progress: see qq/diagnostic.h. Never called by two threads at once. */
  void (*trouble)(char const *s, size_t n);
  void (*gone)(qq_id const *);
  void (*progress)(uint64_t done, uint64_t all, uint64_t messages);
  /* private from here */
  pthread_mutex_t mutex;
  unsigned int next, finished;
  uint64_t messages, since;
  int stopped, error, has_bounces;
  genalloc todo, bounces;       /* of uint64_t, sorted */
} qq_walk;

/* How many threads to use where the user does not say (0). */
unsigned int qq_walk_jobs(qq_queue const *, unsigned int said);

/* Walks. Returns 1, or -1 with errno when the walk itself could not be done; what is wrong with
   single messages goes to trouble. */
int qq_walk_run(qq_walk *);

/* Visits the messages of only in the order in which they stand there, on this thread. The same. */
int qq_walk_in_order(qq_walk *);

/* Ends the walk early, from within visit. */
void qq_walk_stop(qq_walk *);

#endif
