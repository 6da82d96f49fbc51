#include <string.h>
#include <qq/id.h>
#include <qq/when.h>

/* n digits at s, as one number; -1 when one of them is none. */
static int digits(char const *s, size_t n)
{
  int v = 0;
  size_t i;
  for (i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9') return -1;
    v = v * 10 + (s[i] - '0');
  }
  return v;
}

/* The clock part: nothing, HH:MM or HH:MM:SS. */
static int scan_clock(char const *s, struct tm *tm)
{
  size_t const n = strlen(s);
  if (!n) return 1;
  if ((*s != ' ' && *s != 'T') || (n != 6 && n != 9) || s[3] != ':' || (n == 9 && s[6] != ':')) return 0;
  tm->tm_hour = digits(s + 1, 2);
  tm->tm_min = digits(s + 4, 2);
  tm->tm_sec = n == 9 ? digits(s + 7, 2) : 0;
  return tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 && tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec < 60;
}

int qq_when_scan(char const *s, uint64_t *moment)
{
  struct tm tm, same;
  time_t t;
  memset(&tm, 0, sizeof tm);
  if (*s == '@') {
    uint64_t seconds;
    if (!qq_number_scan(s + 1, strlen(s + 1), &seconds) || seconds > UINT64_MAX / QQ_SECOND) return 0;
    *moment = seconds * QQ_SECOND;
    return 1;
  }
  if (strlen(s) < 10 || s[4] != '-' || s[7] != '-' || digits(s, 4) < 1970) return 0;
  tm.tm_year = digits(s, 4) - 1900;
  tm.tm_mon = digits(s + 5, 2) - 1;
  tm.tm_mday = digits(s + 8, 2);
  if (tm.tm_mon < 0 || tm.tm_mday < 1 || !scan_clock(s + 10, &tm)) return 0;
  tm.tm_isdst = -1;
  same = tm;
  t = mktime(&same);
  if (same.tm_mon != tm.tm_mon || same.tm_mday != tm.tm_mday) return 0;   /* there is no 31st of that month */
  *moment = t < 0 ? 0 : (uint64_t)t < UINT64_MAX / QQ_SECOND ? (uint64_t)t * QQ_SECOND : UINT64_MAX;
  return 1;
}

typedef struct unit { char name; uint64_t factor; } unit;

/* A number with one letter of the table behind it, or with none. */
static int scan_with_unit(char const *s, unit const *units, size_t count, uint64_t base, uint64_t *result)
{
  size_t n = strlen(s), i;
  uint64_t v, factor = 1;
  for (i = 0; n && i < count; i++) {
    if (s[n - 1] != units[i].name && s[n - 1] != units[i].name - 'a' + 'A') continue;
    factor = units[i].factor;
    n--;
    break;
  }
  factor *= base;
  if (!qq_number_scan(s, n, &v) || v > UINT64_MAX / factor) return 0;
  *result = v * factor;
  return 1;
}

int qq_age_scan(char const *s, uint64_t *nanoseconds)
{
  static unit const units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
  return scan_with_unit(s, units, sizeof units / sizeof *units, QQ_SECOND, nanoseconds);
}

int qq_size_scan(char const *s, uint64_t *bytes)
{
  static unit const units[] = { { 'k', 1024 }, { 'm', 1048576 }, { 'g', 1073741824 }, { 't', UINT64_C(1099511627776) } };
  return scan_with_unit(s, units, sizeof units / sizeof *units, 1, bytes);
}
