/* Times, ages and sizes as people write and read them. Inside, a moment is nanoseconds since 1970
   (UTC), as in a stamp. */

#ifndef QQ_WHEN_H
#define QQ_WHEN_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <skalibs/stralloc.h>

#define QQ_SECOND UINT64_C(1000000000)

/* The present moment (CLOCK_REALTIME). */
uint64_t qq_now(void);

/* Waits so many nanoseconds; a signal may end that early. */
void qq_sleep(uint64_t nanoseconds);

/* Days from 1970 to that day, UTC; below 0: it is before. */
int64_t qq_when_day(int year, int month, int day);

/* Reads `2026-11-20`, `2026-11-20 12:00`, `2026-11-20 12:00:30` (T may stand for the space), local
   time unless Z, +02:00 or the like is behind it, as behind a fraction of the second (RFC 3339); or
   `@SECONDS`. Returns 1, or 0: no such moment. */
int qq_when_scan(char const *s, uint64_t *moment);

/* Reads `90s`, `15m`, `36h`, `7d`, `2w`, or `0`: another number without a unit is none, because
   who leaves it out may mean days. Returns 1 or 0. */
int qq_age_scan(char const *s, uint64_t *nanoseconds);

/* The same for how long to wait, where a bare number is seconds, as sleep(1) has it. */
int qq_duration_scan(char const *s, uint64_t *nanoseconds);

/* Reads a moment as qq_when_scan does, or an age, by which it is before now; `today`, `yesterday`:
   when that began, local time. Returns 1 or 0. */
int qq_moment_scan(char const *s, uint64_t now, uint64_t *moment);

/* Reads bytes: `512`, `10K`, `5M`, `1G` (powers of 1024). Returns 1 or 0. */
int qq_size_scan(char const *s, uint64_t *bytes);

/* Broken-down local time, with the last conversions kept: messages that were queued in one quarter
   of an hour cost one localtime_r(3), which takes a lock. Belongs to one thread; begins as
   QQ_CALENDAR_ZERO. */
typedef struct qq_quarter {
  uint64_t number;              /* since 1970, and 1; 0: it has a second alone */
  struct tm tm;
  unsigned int minute;          /* that it begins with */
  long offset;                  /* from UTC, in seconds */
  char text[24];                /* of qq_when_text */
} qq_quarter;
#define QQ_CALENDAR_QUARTERS 64
typedef struct qq_calendar { qq_quarter quarters[QQ_CALENDAR_QUARTERS]; } qq_calendar;
#define QQ_CALENDAR_ZERO { { { 0 } } }

/* Jan, Feb ...: three bytes each, in no language. */
extern char const qq_months[];

/* Appends `20 Nov 2026 12:38:44`, local time. Returns 1, or 0 with errno ENOMEM. */
int qq_when_text(stralloc *, qq_calendar *, uint64_t moment);

/* Appends `2026-11-20T12:38:44+00:00` (RFC 3339), local time with its offset. Returns 1, or 0 with
   errno ENOMEM. */
int qq_when_rfc3339(stralloc *, qq_calendar *, uint64_t moment);

/* The same with microseconds; and as tai64nlocal writes it, `2026-11-20 12:38:44.123456'. */
int qq_when_exact(stralloc *, qq_calendar *, uint64_t moment);
int qq_when_logged(stralloc *, qq_calendar *, uint64_t moment);

/* Appends an age such as `45s`, `12m`, `3h`, `5d`. Returns 1, or 0 with errno ENOMEM. */
int qq_age_text(stralloc *, uint64_t nanoseconds);

/* Appends a size such as `227`, `9.5K`, `2.9M`. Returns 1, or 0 with errno ENOMEM. */
int qq_size_text(stralloc *, uint64_t bytes);

#endif
