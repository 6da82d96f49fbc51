/* What the sources of qq_log share. */

#ifndef QQ_LOG_PRIVATE_H
#define QQ_LOG_PRIVATE_H

#include <qq/log.h>

/* ---- how it is read: bytes, lines, lines that splogger has cut ---- */

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
  size_t carried;               /* of these, from start on, are of the file before, whose last line
                                   goes on */
  uint64_t offset;              /* of the file, up to end */
  int at_end, is_skipping, is_export, is_begun;
  int is_settled;               /* the year is no guess any more */
  qq_log_clock clock;
  genalloc parked;              /* of qq_parked * */
  qq_parked *given;
  qq_log_line held;             /* stands behind what was given */
  int has_held, held_result;
  uint64_t done;                /* bytes read, of all files */
  int is_again, keeps;
} qq_log_reader;

/* The next line of any file, as qq_log_line_scan leaves it, whose result they return; 0: there is
   none; or -1 with errno and why. */
int qq_reader_next(qq_log *, qq_log_line *, stralloc *why);

/* The file that is read. */
static inline qq_log_file *qq_reader_current(qq_log *log)
{
  return &genalloc_s(qq_log_file, &log->files)[log->reader->file];
}

/* Begins it: what undoes its compression is started. */
int qq_reader_begin_file(qq_log *, stralloc *why);

/* Ends it, and goes to the next. */
int qq_reader_end_file(qq_log *, stralloc *why);

/* Says whether the file has been begun and more bytes come behind end; all in the buffer stays. -1
   with errno and why. */
int qq_reader_fill(qq_log *, stralloc *why);

/* For a file whose first line that is: passes over what behind it is older than since_within.
   Returns 1, or 0: nothing is. */
int qq_reader_skip(qq_log *, qq_log_line const *first);

/* For a file whose lines say no year: finds the year of its first line, by going through it. */
int qq_reader_settle_year(qq_log *, stralloc *why);

/* Says why that there is no memory. Returns -1 with errno ENOMEM. */
int qq_log_no_memory(stralloc *why);

/* Appends a warning. Returns 1, or -1 with errno ENOMEM. */
int qq_log_warn(qq_log *, char const *format, ...) QQ_PRINTF(2, 3);

/* ---- which files it has ---- */

/* How old a file is within its set, as its name says: by the number or the date behind it; what has
   neither is the youngest. */
typedef struct qq_log_age {
  int kind;                     /* 0 a date, 1 a number, 2 nothing */
  uint64_t value;
  int is_processed;             /* Plesk's, between two numbers */
  int is_compressed;            /* the name says so; of two of one age, it does not count */
  char name[64];                /* of multilog's: @TAI64N.s, current; else empty */
} qq_log_age;

/* Says whether multilog or its kin has finished a file of that name: @ and 24 hexadecimal digits,
   with `.s' or `.u' behind it (multilog.c, svlogd.c, s6-log.c); what is being processed has
   `.t'. */
int qq_log_is_finished(char const *name);

/* The name of the set that the path belongs to: itself without what rotation has put behind it, or
   its directory if it is of multilog. Sets age. Null: errno ENOMEM. The caller frees it. */
char *qq_log_set_of(char const *path, qq_log_age *age);

/* Oldest first, for qsort(3). */
int qq_log_age_compare(qq_log_age const *, qq_log_age const *);

/* Adds what an open file has. Takes fd over, also if it fails; a file that is there already is not
   added again. Returns 1, or -1 with errno and why. */
int qq_log_add_open(qq_log *, int fd, char const *name, char const *set, stralloc *why);

/* Adds a directory of multilog, svlogd or s6-log. The same. */
int qq_log_add_directory(qq_log *, char const *path, stralloc *why);

#endif
