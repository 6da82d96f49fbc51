/* What the sources that find files share. */

#ifndef QQ_LOG_SOURCE_H
#define QQ_LOG_SOURCE_H

#include <qq/log.h>

/* How old a file is within its set, as its name says: by the number or the date behind it; what has
   neither is the youngest. */
typedef struct qq_log_age {
  int kind;                     /* 0 a date, 1 a number, 2 nothing */
  uint64_t value;
  int is_processed;             /* Plesk's, between two numbers */
  char name[64];                /* of multilog's: @TAI64N.s, current; else empty */
} qq_log_age;

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

void qq_log_reader_keeps(qq_log *);

#endif
