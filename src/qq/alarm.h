/* What qq-alarm watches. */

#ifndef QQ_ALARM_H
#define QQ_ALARM_H

#include <stdint.h>
#include <skalibs/stralloc.h>
#include "reading.h"

/* When a figure is alarming: as the plugins of monitoring systems write it,
   [@][START:][END]: outside of START to END, both of which belong to it; with @ inside. START is
   0 if it is left out, and without bound as `~'; END is without bound if it is left out. */
typedef struct qq_range {
  int is_given, is_inside;
  uint64_t start, end;          /* UINT64_MAX: no bound; the start is 0 then */
} qq_range;

/* Reads the first n bytes of s; read takes each number with its n bytes, and returns 0 if it is
   none. Returns 1, or 0: it is no range. */
int qq_range_scan(qq_range *, char const *s, size_t n,
  int (*read)(char const *s, size_t n, uint64_t *));

/* Says whether n is alarming. */
int qq_range_alarms(qq_range const *, uint64_t n);

/* Appends it with numbers, nothing if it was not given. Out of memory ends the program. */
void qq_range_put(stralloc *, qq_range const *);

/* What is watched, each with its ranges. Of `over' ones none counts. */
enum {
  QQ_ALARM_MESSAGES, QQ_ALARM_NEW,
  QQ_ALARM_OLDEST,              /* its age, in seconds */
  QQ_ALARM_BOUNCES, QQ_ALARM_FAILING, QQ_ALARM_HELD,
  QQ_ALARM_FIGURES
};
typedef struct qq_alarm_figure {
  char const *name;
  qq_range warning, critical;
  uint64_t n;
} qq_alarm_figure;
extern qq_alarm_figure qq_alarm_figures[QQ_ALARM_FIGURES];

/* Exit codes. */
enum { QQ_ALARM_OK, QQ_ALARM_WARNING, QQ_ALARM_CRITICAL, QQ_ALARM_UNKNOWN };

/* Appends the line without its end: how it stands, and what is alarming. It is for programs, and
   never translated. has_trouble: not all was counted. Returns the exit code. Out of memory ends the
   program. */
int qq_alarm_answer(stralloc *, int is_up, int has_trouble);

/* Appends the figures for graphs. */
void qq_alarm_put_data(stralloc *);

#endif
