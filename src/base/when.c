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

/* Seconds that local time is ahead of UTC, from the two broken-down times (struct tm has no POSIX
   field for it). */
static long offset_of(struct tm const *local, struct tm const *utc)
{
  long days = local->tm_yday - utc->tm_yday;
  if (local->tm_year != utc->tm_year) days = local->tm_year < utc->tm_year ? -1 : 1;
  return ((days * 24 + local->tm_hour - utc->tm_hour) * 60 + local->tm_min - utc->tm_min) * 60;
}

static void convert(qq_calendar *c, time_t t)
{
  struct tm utc;
  if (!localtime_r(&t, &c->tm) || !gmtime_r(&t, &utc)) memset(&c->tm, 0, sizeof c->tm);
  else c->offset = offset_of(&c->tm, &utc);
}

/* Clocks are put forward and back, and hours begin, at whole quarters of an hour nearly
   everywhere. */
static struct tm const *calendar(qq_calendar *c, uint64_t moment)
{
  time_t const t = (time_t)(moment / QQ_SECOND);
  int64_t const quarter = (int64_t)t / 900;
  long const within = (long)((int64_t)t % 900);
  if (c->quarter != quarter) {
    convert(c, (time_t)(quarter * 900));
    c->quarter = quarter;
    c->minute = c->tm.tm_min;
    if (c->minute % 15 || c->tm.tm_sec) {       /* not in this zone */
      convert(c, t);
      c->quarter = -1;
      return &c->tm;
    }
  }
  c->tm.tm_min = c->minute + (int)(within / 60);
  c->tm.tm_sec = (int)(within % 60);
  return &c->tm;
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
static void write_text(qq_calendar *c)
{
  struct tm const *tm = &c->tm;
  unsigned int const day = (unsigned int)tm->tm_mday;
  char *to = c->text + 2;
  put_two(c->text, day);
  if (day < 10) c->text[0] = ' ';
  *to++ = ' ';
  memcpy(to, qq_months + 3 * tm->tm_mon, 3);
  to[3] = ' ';
  to = put(to + 4, (unsigned int)tm->tm_year + 1900, 4, ' ');
  put(to, (unsigned int)tm->tm_hour, 2, ':');
  c->text[SECONDS_AT - 1] = ':';
  c->written = c->quarter;
}

static void write_second(qq_calendar *c, uint64_t moment)
{
  struct tm const *tm = calendar(c, moment);
  if (c->quarter < 0 || c->written != c->quarter) write_text(c);
  put_two(c->text + MINUTES_AT, (unsigned int)tm->tm_min);
  put_two(c->text + SECONDS_AT, (unsigned int)tm->tm_sec);
  c->second = moment / QQ_SECOND + 1;
}

/* Written by hand, as what follows: the log of a day has millions of these, hundreds of each
   minute, and many of a second. */
int qq_when_text(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  if (c->second != moment / QQ_SECOND + 1) write_second(c, moment);
  return qq_append(sa, c->text, SECONDS_AT + 2);
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

static char *put_offset(char *to, qq_calendar const *c)
{
  unsigned int const away = (unsigned int)(c->offset < 0 ? -c->offset : c->offset) / 60;
  *to++ = c->offset < 0 ? '-' : '+';
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
  char s[48], *to = put_date(s, calendar(c, moment), 'T');
  to = put_offset(to, c);
  return qq_append(sa, s, (size_t)(to - s));
}

int qq_when_exact(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  char s[48], *to = put_date(s, calendar(c, moment), 'T');
  to = put_offset(put_microseconds(to, moment), c);
  return qq_append(sa, s, (size_t)(to - s));
}

int qq_when_logged(stralloc *sa, qq_calendar *c, uint64_t moment)
{
  char s[48], *to = put_date(s, calendar(c, moment), ' ');
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
