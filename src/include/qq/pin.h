/* The message that an id means now, held so that it cannot become another one (INTERNALS: pinning). For programs that change the queue. */

#ifndef QQ_PIN_H
#define QQ_PIN_H

#include <stdint.h>
#include <sys/types.h>
#include <skalibs/stralloc.h>
#include <qq/id.h>
#include <qq/queue.h>

typedef enum {
  QQ_PLACE_NEW,                 /* has todo */
  QQ_PLACE_PREPROCESSED,        /* has info, no todo */
  QQ_PLACE_REMAINS,             /* has neither: remains of an interrupted removal, or of a qmail-queue that is long dead */
  QQ_PLACE_WRITING              /* has neither: qmail-queue may be writing it */
} qq_place;

typedef struct qq_pin {
  int fd;                       /* of the mess file; the caller closes it with qq_unpin */
  qq_place place;
  uid_t owner;
  uint64_t stamp;
  int is_inode;                 /* its name is its inode number, so that nobody else can get it as long as the pin is there */
} qq_pin;

/* Opens the message's mess file and checks that it is a regular file, its owner one that messages have, its stamp, if the id
   has one. Returns 1; 0: it is gone; -1 with errno and why. */
int qq_pin_message(qq_pin *, qq_shard *, qq_id const *, stralloc *why);
void qq_unpin(qq_pin *);

/* The same beside a running qmail-send: refuses a message whose name is not its inode number, because its number could be given away. */
int qq_pin_online(qq_pin *, qq_shard *, qq_id const *, stralloc *why);

/* Says whether the message is off the disk by now. Returns 1, 0, or -1 with errno. */
int qq_pin_has_ended(qq_pin const *);

/* Gives the mess file to owner, which says what the message is: qmailq waits for delivery, root is held, qmails is over. Returns 1, or -1 with
   errno. */
int qq_pin_give(qq_pin *, uid_t owner);

#endif
