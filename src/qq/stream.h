/* The stream of qq-save, as it is written, and as qq-load reads it. */

#ifndef QQ_STREAM_H
#define QQ_STREAM_H

#include "placing.h"

/* What qq-load does with it: each message is written down where qmail-send does not look, and a
   batch of them then comes into the queue at once (INTERNALS: placing). */

typedef struct qq_load {
  /* the caller sets */
  int stays_held;
  uint64_t timeout;             /* nanoseconds: how long to wait for another run, and for
                                   qmail-send where it does not go on */
  /* set by loading */
  uint64_t placed, known, failed, unsettled;
  /* private from here */
  qq_reading reading;
  qq_queue_lock lock;
  qq_placing placing;
  stralloc origin;
  qq_archive archive;
  qq_arrival arrival;           /* what is being read */
  unsigned int part;            /* how many of its parts have been, in their order */
  char digest[QQ_DIGEST + 1];
  size_t bytes;                 /* of memory that the batch takes */
  uint64_t since;               /* when its first message came */
} qq_load;

/* Reads the stream on standard input to its end; prints the tokens that messages had at their
   source as they are safely here. Ends the program if the queue or the ledger cannot be opened, or
   this is no such stream. */
void qq_load_run(qq_load *);

/* A batch, in load-batch.c: one message more, which is on the disk, and which arrival and digest
   have; all of them into the queue. */
void qq_load_add(qq_load *);
void qq_load_commit(qq_load *);

/* A message that the ledger has: says that it is here, brings what was interrupted to its end, or
   says why it cannot be known. */
void qq_load_known(qq_load *, qq_ledger_entry *);

/* One message failed: the arrival; placing's why says how, and is emptied. */
void qq_load_fail(qq_load *);

/* What placing is told to do with one that failed, and with those that are safe. */
void qq_load_failed(void *load, qq_arrival const *, stralloc const *why);
void qq_load_print(void *load, qq_arrival const *, size_t n, int have_bounces);

/* Writing messages as qq-load reads them. */

typedef struct qq_save {
  qq_settings const *settings;  /* control files, by which recipients are what they were before */
  /* private */
  qq_arrival message;           /* what moves of it */
  stralloc head, info;
} qq_save;

/* Writes the beginning of the stream, and its end. */
void qq_save_begin(qq_save *, int queue_fd);
void qq_save_end(void);

/* Writes one message, which is pinned. Returns what the questions return; nothing of it is written
   unless it is 1. A body that is shorter than its file said ends the program. */
int qq_save_message(qq_save *, qq_message *);

#endif
