#include <qq/text.h>
#include <qq/when.h>

uint64_t qq_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * QQ_SECOND + (uint64_t)t.tv_nsec;
}

void qq_sleep(uint64_t nanoseconds)
{
  struct timespec const t = {
    (time_t)(nanoseconds / QQ_SECOND), (long)(nanoseconds % QQ_SECOND)
  };
  nanosleep(&t, 0);
}

/* After Howard Hinnant's days_from_civil. */
int64_t qq_when_day(int year, int month, int day)
{
  int const y = year - (month <= 2), era = y / 400, of_era = y % 400;
  int const of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Seconds that local time is ahead of UTC, from the two broken-down times (struct tm has no POSIX
   field for it). */
static long offset_of(struct tm const *local, struct tm const *utc)
{
  long days = local->tm_yday - utc->tm_yday;
  if (local->tm_year != utc->tm_year) days = local->tm_year < utc->tm_year ? -1 : 1;
  return ((days * 24 + local->tm_hour - utc->tm_hour) * 60 + local->tm_min - utc->tm_min) * 60;
}

static void convert(qq_quarter *q, uint64_t second)
{
  time_t const t = (time_t)second;
  struct tm utc;
  if (!localtime_r(&t, &q->tm) || !gmtime_r(&t, &utc)) memset(&q->tm, 0, sizeof q->tm);
  else q->offset = offset_of(&q->tm, &utc);
}

/* Writes a number of that width, with leading zeros, and what stands behind it. */
static char *put(char *to, unsigned int v, unsigned int width, char behind)
{
  unsigned int i;
  for (i = width; i--; v /= 10) to[i] = (char)('0' + v % 10);
  to[width] = behind;
  return to + width + 1;
}

char const qq_months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

#define MINUTES_AT 15
#define SECONDS_AT 18

static void put_two(char *to, unsigned int v)
{
  to[0] = (char)('0' + v / 10);
  to[1] = (char)('0' + v % 10);
}

/* All but minutes and seconds, which change within a quarter of an hour. */
static void write_text(qq_quarter *q)
{
  struct tm const *tm = &q->tm;
  unsigned int const day = (unsigned int)tm->tm_mday;
  char *to = q->text + 2;
  put_two(q->text, day);
  if (day < 10) q->text[0] = ' ';
  *to++ = ' ';
  memcpy(to, qq_months + 3 * tm->tm_mon, 3);
  to[3] = ' ';
  to = put(to + 4, (unsigned int)tm->tm_year + 1900, 4, ' ');
  put(to, (unsigned int)tm->tm_hour, 2, ':');
  q->text[SECONDS_AT - 1] = ':';
}

#define QUARTER 900     /* seconds */

/* Makes it the one of that number; or, where the minutes of its zone do not begin with those of
   UTC, what has that second alone. */
static void begin(qq_quarter *q, uint64_t number, uint64_t second)
{
  convert(q, number * QUARTER);
  q->number = number + 1;
  q->minute = (unsigned int)q->tm.tm_min;
  if (q->minute % 15 || q->tm.tm_sec) {
    convert(q, second);
    q->number = 0;
  }
  write_text(q);
}

/* Clocks are put forward and back, and hours begin, at whole quarters of an hour nearly
   everywhere. */
static inline qq_quarter *quarter_of(qq_calendar *c, uint64_t moment)
{
  uint64_t const second = moment / QQ_SECOND, number = second / QUARTER;
  unsigned int const within = (unsigned int)(second % QUARTER);
  qq_quarter *q = &c->quarters[number % QQ_CALENDAR_QUARTERS];
  if (q->number != number + 1) begin(q, number, second);
  if (q->number) {
    q->tm.tm_min = (int)(q->minute + within / 60);
    q->tm.tm_sec = (int)(within % 60);
  }
  return q;
}

/* Written by hand, as what follows: the log of a day has millions of these. */
int qq_when_text(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  qq_quarter *q = quarter_of(c, moment);
  put_two(q->text + MINUTES_AT, (unsigned int)q->tm.tm_min);
  put_two(q->text + SECONDS_AT, (unsigned int)q->tm.tm_sec);
  return qq_append(sa, q->text, SECONDS_AT + 2);
}

/* Appends the date and the time of day, with that between them. */
static char *put_date(char *to, struct tm const *tm, char between)
{
  to = put(to, (unsigned int)tm->tm_year + 1900, 4, '-');
  to = put(to, (unsigned int)tm->tm_mon + 1, 2, '-');
  to = put(to, (unsigned int)tm->tm_mday, 2, between);
  to = put(to, (unsigned int)tm->tm_hour, 2, ':');
  to = put(to, (unsigned int)tm->tm_min, 2, ':');
  return put(to, (unsigned int)tm->tm_sec, 2, 0) - 1;
}

static char *put_offset(char *to, qq_quarter const *q)
{
  unsigned int const away = (unsigned int)(q->offset < 0 ? -q->offset : q->offset) / 60;
  *to++ = q->offset < 0 ? '-' : '+';
  to = put(to, away / 60, 2, ':');
  return put(to, away % 60, 2, 0) - 1;
}

static char *put_microseconds(char *to, uint64_t moment)
{
  *to++ = '.';
  return put(to, (unsigned int)(moment % QQ_SECOND / 1000), 6, 0) - 1;
}

int qq_when_rfc3339(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  qq_quarter const *q = quarter_of(c, moment);
  char s[48], *to = put_offset(put_date(s, &q->tm, 'T'), q);
  return qq_append(sa, s, (size_t)(to - s));
}

int qq_when_exact(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  qq_quarter const *q = quarter_of(c, moment);
  char s[48], *to = put_date(s, &q->tm, 'T');
  to = put_offset(put_microseconds(to, moment), q);
  return qq_append(sa, s, (size_t)(to - s));
}

int qq_when_logged(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  char s[48], *to = put_date(s, &quarter_of(c, moment)->tm, ' ');
  to = put_microseconds(to, moment);
  return qq_append(sa, s, (size_t)(to - s));
}

int qq_age_text(stralloc *sa, uint64_t nanoseconds)
{
  uint64_t const s = nanoseconds / QQ_SECOND;
  if (s < 120) return qq_fmt(sa, "%us", (unsigned int)s);
  if (s < 7200) return qq_fmt(sa, "%um", (unsigned int)(s / 60));
  if (s < 172800) return qq_fmt(sa, "%uh", (unsigned int)(s / 3600));
  return qq_fmt(sa, "%llud", (unsigned long long)(s / 86400));
}

int qq_size_text(stralloc *sa, uint64_t bytes)
{
  static char const units[] = "KMGTPE";
  unsigned int unit = 0, whole;
  if (bytes < 1024) return qq_fmt(sa, "%u", (unsigned int)bytes);
  while (bytes >= 1024 * 1024) {
    bytes >>= 10;
    unit++;
  }
  whole = (unsigned int)(bytes >> 10);
  if (whole >= 10) return qq_fmt(sa, "%u%c", whole, units[unit]);
  return qq_fmt(sa, "%u.%u%c", whole, (unsigned int)((bytes & 1023) * 10 >> 10), units[unit]);
}
