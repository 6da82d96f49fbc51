/* Which qmail: its home and its queue; and the text of its control files. */

#ifndef QQ_HOME_H
#define QQ_HOME_H

#include <stdint.h>
#include <sys/types.h>
#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>
#include <qq/text.h>

/* Finds the queue, by the first that is given of queue, home (queue is HOME/queue), $QQ_QUEUE,
   $QMAILHOME/queue, and fallback/queue. queue and home may be null. Sets queue_path and home_path
   (both NUL-terminated, emptied before). Given together, queue and home are the queue and the home
   of its settings; and so are the two variables. With only a queue, home is its parent if that has
   control/, else home_path is the empty string. Returns 1, or 0 with errno ENOMEM. */
int qq_home_find(stralloc *queue_path, stralloc *home_path, char const *queue, char const *home,
  char const *fallback);

/* Opens the directory of a queue: where every program does it that reads or changes one. Returns
   the descriptor; or -1 with errno and why: EPERM, and who mends it, if the queue is closed (mode
   0: qq-fix(8) is at work or was interrupted), for root too. */
int qq_queue_enter(char const *path, stralloc *why);

/* Says whether the open queue, which has that path, is closed so by now. Returns 1: it is open; or
   -1 with errno and why. */
int qq_queue_is_open(int queue_fd, char const *path, stralloc *why);

/* Says of an open directory, which is no queue and has that path, which queues are in it, as where
   one home has several (indimail's queue1, queue2 ...). Returns -1 with errno EINVAL, and the
   sentence appended to why; or 0: none that could be seen. */
int qq_home_name_queues(int directory, char const *path, stralloc *why);

/* Appends to faults, each with its NUL, what is wrong with qmail's own programs in HOME/bin: one
   that is not there or cannot be run, a qmail-queue that is not setuid to the owner of mess/; and
   what follows: a sentence for people. Of a home that has none of them nothing is said. Returns 1,
   or -1 with errno. */
int qq_home_faults(char const *home, int queue_fd, stralloc *faults);

/* Seconds in control/queuelifetime of the home, read as qmail does (control.c:control_readint:
   leading digits only, anything else is ignored); the default where the file or the home is
   missing. Returns 1, or -1 with errno. */
int qq_home_queuelifetime(char const *home_path, uint64_t *seconds);

/* What control/virtualdomains puts in front of local recipients: mail for anna@shop.example is
   queued for 1-anna@shop.example where that says `shop.example:1' (qmail-send.c:rewrite). */
typedef struct qq_prefixes {
  /* private */
  stralloc text;
  genalloc entries;             /* sorted by key */
  int has_users;                /* some key is USER@DOMAIN */
} qq_prefixes;
#define QQ_PREFIXES_ZERO { STRALLOC_ZERO, GENALLOC_ZERO, 0 }

/* Reads those of the home; none where the file or the home is missing. Returns 1, or -1 with
   errno. */
int qq_prefixes_read(qq_prefixes *, char const *home_path);

/* The bytes in front of a recipient of the local channel that are the prefix of its domain, and the
   dash behind it, as qmail-send.c:stripvdomprepend takes them away from bounces; prefixes of single
   users, too. 0: there is none. */
size_t qq_prefix_length(qq_prefixes const *, char const *address, size_t n);

/* What a qmail was built with. */
typedef struct qq_built {
  int is_asked;                 /* else it is what most are built with, and assumed */
  char delimiter;               /* between a user and an extension, conf-break; 0: there is none */
  mode_t patrn;                 /* bits that the mode of a home or of a .qmail file must not have,
                                   conf-patrn */
  unsigned long spawn;          /* how many deliveries a channel can have at most, conf-spawn */
  unsigned long split;          /* conf-split; 0: it does not say */
  int has_users;                /* it says whose numbers it was built with */
  uid_t qmailq, qmailr, qmails;
  gid_t qmail;
} qq_built;

/* Asks bin/qmail-showctl of the home (qmail-showctl.c:main), without environment, for 5 seconds and
   64 KB at most; but only if nobody but root, or who we are, can change the program or the way
   there. */
void qq_built_ask(qq_built *, char const *home_path);

/* Says whether qmail's program of that name, below the open home, has the sign in its bytes, and so
   was built with what that stands for. Returns 1; or 0: it has not, or cannot be read. */
int qq_home_program_has(int home, char const *program, char const *sign);

/* The bytes of its control files as qmail reads them (control.c). */

/* The length of the line that a file of one line says: the first, without the blanks at its end
   (control.c:control_readline). */
size_t qq_controltext_line(char const *s, size_t n);

/* The number that a file says: the digits at its beginning, modulo 2 to the 32, as an int
   (control.c:control_readint, scan_ulong.c). Returns 1; or 0: qmail ignores the file. */
int qq_controltext_integer(char const *s, size_t n, int32_t *value);

/* The entries of a file of several, one after the other (control.c:control_readfile): lines without
   the blanks at their end, but not empty ones and comments. A NUL within a line ends an entry and
   begins another (constmap.c). */
typedef struct qq_entries {
  qq_piece entry;               /* of the text */
  size_t line;                  /* its number, from 1 */
  qq_piece rest, text;          /* private: what is behind the entry in its line, from the NUL on;
                                   the lines behind that one */
} qq_entries;

void qq_entries_begin(qq_entries *, char const *s, size_t n);

/* Turns to the next entry. Returns 1, or 0 after the last. */
int qq_entries_next(qq_entries *);

/* Appends all entries of the text s to pieces (of qq_piece). Returns 1, or -1 with errno ENOMEM. */
int qq_entries_pieces(char const *s, size_t n, genalloc *pieces);

#endif
