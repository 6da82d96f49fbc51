#include <stdio.h>
#include <string.h>
#include <qq/id.h>
#include <qq/when.h>

/* `2026-11-20 12:00:30', or a beginning of that. */
static char const form[] = "0000-00-00 00:00:00";
#define WHOLE (sizeof form - 1)

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Says whether s is a date, with the time of day behind it or not. */
static int has_form(char const *s, size_t n)
{
  size_t i;
  if (n != 10 && n != 16 && n != WHOLE) return 0;
  for (i = 0; i < n; i++)
    if (form[i] == '0' ? !is_digit(s[i])
      : s[i] != form[i] && (s[i] != 'T' || form[i] != ' ')) return 0;
  return 1;
}

/* Takes `.123456' off s, if it is there. Returns it in nanoseconds. */
static uint64_t take_fraction(char const **s)
{
  uint64_t v = 0, digit = QQ_SECOND / 10;
  if (**s != '.' || !is_digit((*s)[1])) return 0;
  for (++*s; is_digit(**s); ++*s, digit /= 10) v += digit * (uint64_t)(**s - '0');
  return v;
}

/* Z, +02:00 or -05:30, in seconds. */
static int scan_zone(char const *s, int64_t *offset)
{
  int hours, minutes;
  *offset = 0;
  if (!strcmp(s, "Z")) return 1;
  if ((*s != '+' && *s != '-') || strlen(s) != 6 || s[3] != ':' || !is_digit(s[1])
    || !is_digit(s[2]) || !is_digit(s[4]) || !is_digit(s[5])) return 0;
  hours = (s[1] - '0') * 10 + s[2] - '0';
  minutes = (s[4] - '0') * 10 + s[5] - '0';
  *offset = (hours * 60 + minutes) * (*s == '-' ? -60 : 60);
  return hours < 24 && minutes < 60;
}

/* Says whether the month has that day. */
static int is_day(int year, int month, int day)
{
  return day > 0 && month > 0 && month <= 12
    && day <= qq_when_day(year, month + 1, 1) - qq_when_day(year, month, 1);
}

static int scan_seconds(char const *s, uint64_t *moment)
{
  uint64_t seconds;
  if (!qq_number_scan(s, strlen(s), &seconds) || seconds > UINT64_MAX / QQ_SECOND) return 0;
  *moment = seconds * QQ_SECOND;
  return 1;
}

int qq_when_scan(char const *s, uint64_t *moment)
{
  size_t const n = strlen(s) < WHOLE ? strlen(s) : WHOLE;
  char const *rest = s + n;
  int year = 0, month = 0, day = 0;
  struct tm tm = { 0 };
  uint64_t fraction;
  int64_t offset = 0, t;
  if (*s == '@') return scan_seconds(s + 1, moment);
  if (!has_form(s, n)) return 0;
  sscanf(s, "%4d-%2d-%2d%*c%2d:%2d:%2d", &year, &month, &day, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
  if (year < 1970 || !is_day(year, month, day) || tm.tm_hour > 23 || tm.tm_min > 59
    || tm.tm_sec > 59) return 0;
  fraction = take_fraction(&rest);
  if (*rest && !scan_zone(rest, &offset)) return 0;
  t = ((qq_when_day(year, month, day) * 24 + tm.tm_hour) * 60 + tm.tm_min) * 60 + tm.tm_sec
    - offset;
  tm.tm_year = year - 1900;
  tm.tm_mon = month - 1;
  tm.tm_mday = day;
  tm.tm_isdst = -1;
  if (!*rest) t = (int64_t)mktime(&tm);
  *moment = t < 0 ? 0
    : (uint64_t)t < UINT64_MAX / QQ_SECOND ? (uint64_t)t * QQ_SECOND + fraction : UINT64_MAX;
  return 1;
}

typedef struct unit { char name; uint64_t factor; } unit;

/* A number with one letter of the table, which ends with none, behind it, or with none. */
static int scan_with_unit(char const *s, unit const *units, uint64_t base, uint64_t *result)
{
  size_t n = strlen(s);
  uint64_t v;
  if (!n) return 0;
  while (units->name && (s[n - 1] | 0x20) != units->name) units++;
  if (units->name) n--;
  base *= units->factor;
  if (!qq_number_scan(s, n, &v) || v > UINT64_MAX / base) return 0;
  *result = v * base;
  return 1;
}

int qq_duration_scan(char const *s, uint64_t *nanoseconds)
{
  static unit const units[] = {
    { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 }, { 0, 1 }
  };
  return scan_with_unit(s, units, QQ_SECOND, nanoseconds);
}

int qq_age_scan(char const *s, uint64_t *nanoseconds)
{
  uint64_t bare;
  return qq_duration_scan(s, nanoseconds)
    && (!*nanoseconds || !qq_number_scan(s, strlen(s), &bare));
}

/* The beginning of the day that is so many before. */
static uint64_t day_before(uint64_t now, int days)
{
  time_t const t = (time_t)(now / QQ_SECOND);
  struct tm tm;
  time_t begun;
  if (!localtime_r(&t, &tm)) return 0;
  tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
  tm.tm_mday -= days;
  tm.tm_isdst = -1;
  begun = mktime(&tm);
  return begun < 0 ? 0 : (uint64_t)begun * QQ_SECOND;
}

int qq_moment_scan(char const *s, uint64_t now, uint64_t *moment)
{
  uint64_t age;
  if (!strcmp(s, "today")) *moment = day_before(now, 0);
  else if (!strcmp(s, "yesterday")) *moment = day_before(now, 1);
  else if (qq_age_scan(s, &age)) *moment = age < now ? now - age : 0;
  else return qq_when_scan(s, moment);
  return 1;
}

int qq_size_scan(char const *s, uint64_t *bytes)
{
  static unit const units[] = {
    { 'k', 1 << 10 }, { 'm', 1 << 20 }, { 'g', 1 << 30 }, { 't', UINT64_C(1) << 40 }, { 0, 1 }
  };
  return scan_with_unit(s, units, 1, bytes);
}
