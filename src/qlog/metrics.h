/* qlog-stat --metrics: counters that go on from run to run.

   The state is the truth, and what is printed follows from it: a run reads the old state, goes on
   where that one ended, and replaces it before anything is printed. A run that is killed before
   that has not been there. */

#ifndef QLOG_METRICS_H
#define QLOG_METRICS_H

#include <qq/diagnostic.h>
#include <qq/log.h>

/* ---- what is counted ---- */

/* local, remote, suppl0 and on, and where the log does not say which. */
#define QLOG_CHANNELS 67
#define QLOG_CHANNEL_UNKNOWN (QLOG_CHANNELS - 1)

/* Upper bounds of the histogram, in milliseconds; one step more is without. */
#define QLOG_BOUNDS 12
extern uint64_t const qlog_bounds[QLOG_BOUNDS];

typedef struct qlog_counters {
  uint64_t messages, bytes, restarts, gaps;
  uint64_t newest;              /* the greatest stamp that was seen; 0: none */
  uint64_t delays[QLOG_BOUNDS + 1];
  uint64_t delay_seconds, delay_nanoseconds;    /* all of them together */
  uint64_t deliveries[QLOG_CHANNELS][QQ_RESULTS];
} qlog_counters;

/* ---- what is open between two runs: numbers only, as they are written down ---- */

/* A message, from `new msg' to `end msg'. */
typedef struct qlog_message {
  uint64_t number;
  uint64_t begun;               /* or QQ_LOG_UNKNOWN */
  uint64_t again;               /* `new msg' came once more: then; or QQ_LOG_UNKNOWN */
  uint64_t size, qp;            /* QQ_LOG_UNKNOWN: there was no `info msg' yet */
  uint64_t is_tried, is_again;
  uint64_t last;                /* the newest stamp when something was said of it */
} qlog_message;

/* An attempt that is under way. */
typedef struct qlog_delivery {
  uint64_t number, queue, channel;
  uint64_t begun;               /* of its message */
  uint64_t last;                /* as above */
} qlog_delivery;

/* What one qmail-send says. */
typedef struct qlog_stream {
  uint64_t id;                  /* a digest of the names that tell it from others */
  uint64_t greatest;            /* number of a delivery since it was started; 0: none yet */
  uint64_t last;                /* as above */
  qq_table messages, deliveries;
} qlog_stream;

/* How far a file has been read. */
enum {
  QLOG_WHOLE = 1,               /* to its end, which was that of a line */
  QLOG_YOUNGEST = 2,            /* it was written to */
  QLOG_COMPRESSED = 4,
  QLOG_GONE = 8                 /* it was not there any more; it may come back */
};
typedef struct qlog_place {
  uint64_t device, inode, size, mtime;
  uint64_t first, digest;       /* how many bytes its beginning has; of these */
  uint64_t taken;               /* bytes of whole lines, uncompressed */
  uint64_t flags;
} qlog_place;

typedef struct qlog_state {
  qlog_counters counters;
  qq_table streams;             /* of qlog_stream *, by id */
  genalloc places;              /* of qlog_place */
  stralloc cursor;              /* of journald, with its NUL; empty: none */
} qlog_state;

/* Streams, and what is open in one, made if they are new. */
qlog_stream *qlog_stream_find(qlog_state *, uint64_t id);
void qlog_message_add(qlog_stream *, qlog_message const *);
void qlog_delivery_add(qlog_stream *, qlog_delivery const *);

/* Counts what the line says; begin comes before the first. */
void qlog_meter_begin(qlog_state *);
void qlog_meter(qlog_state *, qq_log_line const *);

/* ---- which files, and where in them ---- */

/* Sets where in its files the log is read on, by the places of the last run; where lines may have
   been lost since is a gap. A file that is a copy of another, or has been read, is closed. What is
   no regular file ends the program, but for the journal. */
void qlog_places_begin(qlog_state *, qq_log *);

/* After all of it has been read: the places for the next run. */
void qlog_places_end(qlog_state *, qq_log const *);

/* ---- the state as a text ---- */

/* Appends it. What nothing was said of for 90 days is left out. */
void qlog_state_write(stralloc *, qlog_state const *);

/* Reads it into an empty one. What is wrong with it ends the program: path is for the words. */
void qlog_state_read(qlog_state *, stralloc const *, char const *path);

/* ---- all together ---- */

/* Prints the metrics, or replaces the file output (null: none) by them, once the file state has
   been replaced. Does not return. */
void qlog_metrics(char const *state, char const *output) QQ_NORETURN;

#endif
