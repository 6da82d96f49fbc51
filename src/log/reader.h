/* How a qq_log is read: bytes, lines, lines that splogger has cut. */

#ifndef QQ_LOG_READER_H
#define QQ_LOG_READER_H

#include <qq/log.h>

/* The head of a line that splogger may have cut, and what has come behind it. */
typedef struct qq_parked {
  qq_log_line line;
  stralloc text, raw, names;    /* names: host, tag and unit, as strings */
  size_t last;                  /* bytes of the last piece */
} qq_parked;

typedef struct qq_log_reader {
  size_t file;                  /* which one */
  int fd;                       /* what is read; -1: it has not been begun */
  int is_own;                   /* fd is not the file's */
  pid_t child;                  /* writes it; 0: none */
  char *buf;
  size_t size, start, scanned, end;     /* from start to end are unread bytes, and no newline before
                                           scanned */
  uint64_t offset;              /* of the file, up to end */
  int at_end, is_skipping, is_export, is_begun;
  int is_settled;               /* the year is no guess any more */
  qq_log_clock clock;
  genalloc parked;              /* of qq_parked * */
  qq_parked *given;
  qq_log_line held;             /* stands behind what was given */
  int has_held, held_result;
  uint64_t begins, done;
  int is_again, keeps;
} qq_log_reader;

/* The next line of any file, as qq_log_line_scan leaves it, whose result they return; 0: there is
   none; or -1 with errno and why. */
int qq_reader_next(qq_log *, qq_log_line *, stralloc *why);

/* Begins a file: what undoes its compression is started. */
int qq_reader_begin_file(qq_log *, stralloc *why);

/* Ends it, and goes to the next. */
int qq_reader_end_file(qq_log *, stralloc *why);

/* Says whether the file has been begun and more bytes come behind end; all in the buffer stays. -1
   with errno and why. */
int qq_reader_fill(qq_log *, stralloc *why);

/* For a file whose lines say no year: finds the year of its first line, by going through it. */
int qq_reader_settle_year(qq_log *, stralloc *why);

/* Appends a warning. */
int qq_log_warn(qq_log *, char const *format, ...) QQ_PRINTF(2, 3);

#endif
