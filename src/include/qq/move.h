/* Moving messages from one queue to another: what stands in the stream of qq-save, and how it comes
   into a queue beside a running qmail-send (INTERNALS: placing). */

#ifndef QQ_MOVE_H
#define QQ_MOVE_H

#include <skalibs/sha256.h>
#include <qq/archive.h>
#include <qq/change.h>
#include <qq/file.h>
#include <qq/message.h>
#include <qq/names.h>
#include <qq/pattern.h>
#include <qq/settings.h>

/* The parts of a message in the stream, in their order: each is a file ID@STAMP/PART. The last
   file, which stands for the end, is QQ_MOVE_END. */
#define QQ_MOVE_ENVELOPE "envelope"     /* as qmail-queue reads it: F, T ..., an empty record */
#define QQ_MOVE_INFO "info.json"
#define QQ_MOVE_BOUNCE QQ_NAME_BOUNCE         /* what has failed; most messages have none */
#define QQ_MOVE_MESS QQ_NAME_MESS       /* changed last: the stamp */
#define QQ_MOVE_END "end"

/* The most that a part may have, but for mess. */
#define QQ_MOVE_PART 67108864

/* The comment of the stream: this, and the name of the queue that it comes from. */
#define QQ_MOVE_MAGIC "qqtools 1 "

/* Appends a name for the queue that no other has: the machine's id, and the device and inode of the
   queue. Returns 1, or -1 with errno. */
int qq_move_source(stralloc *, int queue_fd);

/* What info.json begins with, and qq-load reads. */
typedef struct qq_move_info {
  int has_birth, has_uid, has_pid;      /* 0: not known */
  uint64_t birth;               /* nanoseconds since 1970 */
  uint64_t uid, pid;            /* of the injecting qmail-queue */
} qq_move_info;

/* Appends that beginning, `{"birth":N,"uid":N,"pid":N': null is what is not known. Returns 1, or 0
   with errno ENOMEM. */
int qq_move_info_format(stralloc *, qq_move_info const *);

/* Reads it from the n bytes; what is behind it is for people. Returns 1 or 0. */
int qq_move_info_scan(qq_move_info *, char const *s, size_t n);

/* ---- placing a message ---- */

/* A message on its way into the queue. */
typedef struct qq_arrival {
  /* the caller sets */
  qq_id source;                 /* its token there */
  qq_move_info info;
  int stays_held;
  int starts_held;              /* root's, though it does not stay held: the caller gives it away */
  int is_linked;                /* it is in todo, or was */
  stralloc envelope, bounce;    /* parts; bounce is empty if there is none */
  /* set by placing it */
  qq_id id;                     /* its token here */
  int fd;                       /* of the mess file, or -1 */
  int is_settled;
} qq_arrival;
#define QQ_ARRIVAL_ZERO { { 0, 0 }, { 0, 0, 0, 0, 0, 0 }, 0, 0, 0, STRALLOC_ZERO, STRALLOC_ZERO, \
  { 0, 0 }, -1, 0 }

/* An address is shorter than this (qmail-queue.c:ADDR). */
#define QQ_ADDRESS_MAX 1003

/* Says whether the envelope is one: a sender, at least one recipient, none longer than an address
   may be, the empty record at its end. Returns 1, or 0. */
int qq_envelope_is_whole(stralloc const *);

/* Takes away what runs that were killed have left in pid/. A body that one was about to take from
   there to mess/ has two names until then, and nothing is done to such a message. The caller has
   the ledger, so that none of these runs any more. What cannot be taken away is left to who cannot
   make a file there, or change the message, and says so. */
void qq_place_sweep(qq_queue const *);

/* Makes the file in pid/ that the body is written to; fd is open then. As qmail-queue makes it
   (qmail-queue.c:pidopen), but for the name. A message that is to be held, or has a bounce, which
   can only be put beside it once it is preprocessed, is root's from the start. Returns 1, or -1
   with errno and why. */
int qq_place_begin(qq_arrival *, qq_queue const *, stralloc *why);

/* The body is written: gives the file its stamp and its name in mess/, and writes intd/ID. The time
   of access is now: qmail-send reaps by that what stays without todo. Returns 1, or -1 with errno
   and why: nothing of it is left then, or what is reaped after 36 hours. */
int qq_place_body(qq_arrival *, qq_shard *, stralloc *why);

/* Links it to todo, where qmail-send finds it. Returns 1, or -1 with errno and why. */
int qq_place_link(qq_arrival *, qq_shard *, stralloc *why);

/* Puts the bounce, if there is one, beside one that is linked and root's: there is none to be
   settled then. Returns 1, or -1 with errno and why. */
int qq_place_bounce(qq_arrival *, qq_shard *, stralloc *why);

/* Takes away one that was placed, and never linked. Returns 1; 0: it was linked, or is gone; or -1
   with errno and why. */
int qq_place_undo(qq_shard *, qq_id const *, stralloc *why);

/* Once it is preprocessed: puts the bounce beside it, and its birth back, unless it would be past
   its lifetime (in seconds) then; and gives it to qmailq, unless it stays held. To be called again
   as often as needed; what somebody has done to it since stays. Returns 1; 0: it is not
   preprocessed yet; or -1 with errno and why. What has ended by now is settled. */
int qq_place_settle(qq_arrival *, qq_shard *, uint64_t queuelifetime, stralloc *why);

/* Takes away a file in pid/ whose body did not come. */
void qq_place_forget(qq_arrival *, qq_queue const *);

/* ---- what moves of a message ---- */

/* Of the message, which is pinned, sets source, info, envelope (recipients that are not done, as
   they were before qmail-send rewrote them by these control files) and bounce. Returns what the
   questions return: QQ_DAMAGED also for what cannot move. */
int qq_collect(qq_arrival *, qq_message *, qq_settings const *);

/* Sets bounce to what has failed of it. Returns 1, or -1 with errno and why. */
int qq_collect_bounce(stralloc *bounce, qq_shard *, uint64_t id, stralloc *why);

/* Says in m->why what is wrong with its file in the tree. Returns QQ_DAMAGED. */
int qq_collect_refuse(qq_message *, unsigned int tree, char const *text);

/* Bytes of a digest, but for the NUL; and what ends one. */
#define QQ_DIGEST 64
void qq_digest_end(char *digest, SHA256Schedule *);

/* Writes the body into the file of the arrival, and its SHA-256 into digest. Returns 1; or
   QQ_DAMAGED. */
int qq_collect_body(qq_arrival const *, qq_message *, char *digest);

/* Makes recipients that have failed due again, those of which the bounce says something that
   matches: adds them to the envelope, and takes their paragraphs out of the bounce. Returns 1; 0:
   there are none; or -1 with errno ENOMEM. */
int qq_revive(qq_arrival *, qq_settings const *, qq_matcher *);

/* A recipient that is exchanged for another. */
typedef struct qq_readdress {
  qq_piece from, to;
  int is_there;                 /* private: the envelope has it already */
} qq_readdress;

/* Reads OLD=NEW, two addresses; the sign is the first one behind the @ of OLD. What it points to is
   the caller's, and stays. Returns 1 or 0. */
int qq_readdress_scan(qq_readdress *, char const *);

/* Exchanges the recipients of an envelope that are one of the n, exactly, but for the case of the
   domain. What would be there twice then is there once. Returns 1; 0: it has none of them; or -1
   with errno ENOMEM. */
int qq_readdress_envelope(stralloc *envelope, qq_readdress *, size_t n);

/* ---- the ledger ---- */

/* What came from elsewhere, so that it comes once: HOME/qqtools/ledger, a line for each message
   before it can be delivered, and another when it was placed. */

typedef struct qq_ledger_entry {
  qq_id source, id;
  uint64_t when;                /* in seconds since 1970 */
  char digest[QQ_DIGEST + 1];   /* SHA-256 of the body */
  int is_placed;
  int is_void;                  /* the token is another message's by now */
  size_t line;                  /* private: which line, while it is read */
} qq_ledger_entry;

typedef struct qq_ledger {
  int fd;
  char const *origin;           /* of which the entries are; the caller's */
  int is_own;                   /* that is this very queue */
  genalloc entries;             /* of qq_ledger_entry, sorted by source, but for the new ones */
  size_t sorted;
  stralloc text;                /* lines that are not written yet */
} qq_ledger;

/* Opens it in the open directory qqtools, makes it if need be, takes its lock, and reads what it
   has of that origin. If that is this very queue, is_own, a message that is placed may get the
   number and the stamp, that is the token, of one that moved before: its entry is void then.
   Returns 1; or -1 with errno and why: EBUSY, another program has it. */
int qq_ledger_open(qq_ledger *, int directory, char const *origin, int is_own, stralloc *why);

/* The entry of that message, or null. Valid until the next one is added. */
qq_ledger_entry *qq_ledger_find(qq_ledger *, qq_id const *source);

/* Adds one that is about to be placed; and says that it was. Returns 1, or 0 with errno ENOMEM. */
int qq_ledger_add(qq_ledger *, qq_ledger_entry const *);
int qq_ledger_placed(qq_ledger *, qq_ledger_entry *);

/* Writes what was added, and syncs it. Returns 1, or -1 with errno. */
int qq_ledger_write(qq_ledger *);

#endif
