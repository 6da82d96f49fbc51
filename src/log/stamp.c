/* Stamps at the front of a line: of multilog, s6-log, svlogd, tai64nlocal, splogger, syslog and
   journald. What is written by the minute is converted once a minute. */

#include <string.h>
#include <time.h>
#include "log-private.h"

#define DAY 86400

/* What TAI64N has for the beginning of 1970 (daemontools taia_now.c, multilog.c). */
#define TAI_1970 UINT64_C(0x400000000000000a)

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Says whether s has that form: 0 is a digit, anything else itself. */
static int has_form(qq_piece t, char const *form)
{
  size_t i;
  for (i = 0; form[i]; i++)
    if (i == t.n || (form[i] == '0' ? !is_digit(t.s[i]) : t.s[i] != form[i])) return 0;
  return 1;
}

static int number(char const *s, unsigned int digits)
{
  int v = 0;
  while (digits--) v = v * 10 + (*s++ - '0');
  return v;
}

/* Takes `.123456789' or fewer or more digits, if that is there. Returns it in nanoseconds, cut to
   microseconds. */
static uint64_t take_fraction(qq_piece *t)
{
  char const *s = t->s + 1, *const end = t->s + t->n;
  uint64_t v = 0;
  unsigned int digits = 0;
  if (t->n < 2 || *t->s != '.' || !is_digit(*s)) return 0;
  for (; s < end && is_digit(*s) && digits < 6; digits++) v = v * 10 + (uint64_t)(*s++ - '0');
  while (s < end && is_digit(*s)) s++;
  for (; digits < 6; digits++) v *= 10;
  qq_piece_skip(t, (size_t)(s - t->s));
  return v * 1000;
}

static void note(qq_log_clock *c, char const *s, char const *end, int is_tai)
{
  qq_log_seconds const seconds = { s, (size_t)(end - s), is_tai };
  if (c->count < QQ_LOG_STAMPS) c->stamps[c->count] = seconds;
  c->count++;
}

static int set(qq_log_line *l, int64_t seconds, uint64_t nanoseconds)
{
  uint64_t const s = seconds < 0 ? 0 : (uint64_t)seconds;
  l->stamp = s < UINT64_MAX / QQ_SECOND - 1 ? s * QQ_SECOND + nanoseconds : QQ_LOG_UNKNOWN;
  return 1;
}

/* ---- TAI64N ---- */

static int is_new_second(qq_log_clock *c, char const *s)
{
  uint64_t high, low, tai;
  if (!qq_tai_eight(s + 1, &high) || !qq_tai_eight(s + 9, &low)) return 0;
  tai = high << 32 | low;
  if (tai < TAI_1970 || tai - TAI_1970 > INT64_MAX) return 0;
  memcpy(c->tai, s, sizeof c->tai);
  c->second = tai - TAI_1970;
  return 1;
}

int qq_log_tai_scan(qq_log_line *l, qq_log_clock *c)
{
  char const *s = l->text.s;
  uint64_t u;
  if (l->text.n < 26 || s[25] != ' ' || *s != '@') return 0;
  if (memcmp(c->tai, s, sizeof c->tai) && !is_new_second(c, s)) return 0;
  if (!qq_tai_eight(s + 17, &u)) return 0;
  note(c, s + 9, s + 25, 1);
  qq_piece_skip(&l->text, 26);
  return set(l, (int64_t)c->second, u % QQ_SECOND / 1000 * 1000);
}

/* ---- SECONDS.FRACTION ---- */

/* Digits in front of the point at most. */
#define EPOCH_MOST 12

/* Takes the seconds, which stay the same for many lines. */
static int take_epoch_seconds(qq_piece *t, qq_log_clock *c)
{
  int64_t seconds = 0;
  size_t n = c->epoch_length;
  if (!n || t->n <= n || memcmp(t->s, c->epoch, n)) {
    for (n = 0; n < t->n && n < EPOCH_MOST && is_digit(t->s[n]); n++)
      seconds = seconds * 10 + (t->s[n] - '0');
    if (n < 5 || n == t->n || t->s[n] != '.') return 0;
    memcpy(c->epoch, t->s, n + 1);
    c->epoch_length = ++n;
    c->epoch_seconds = seconds;
  }
  qq_piece_skip(t, n - 1);
  return 1;
}

static int take_epoch(qq_log_line *l, qq_log_clock *c)
{
  qq_piece t = l->text;
  char const *point;
  uint64_t fraction;
  size_t n;
  if (!take_epoch_seconds(&t, c)) return 0;
  point = t.s;
  fraction = take_fraction(&t);
  if (!t.n || (*t.s != ' ' && *t.s != '+') || *(t.s - 1) == '.') return 0;
  note(c, point - 2, t.s, 0);
  n = *t.s == '+';
  qq_piece_skip(&t, 1);
  l->text = t;
  set(l, c->epoch_seconds, fraction);
  return 1 + (int)n;
}

int qq_log_inner_stamp_scan(qq_log_line *l, qq_log_clock *c)
{
  int r = 0;
  if (!l->text.n) return 0;
  if (*l->text.s == '@') r = qq_log_tai_scan(l, c);
  else if (is_digit(*l->text.s)) r = take_epoch(l, c);
  if (r) l->is_yearless = 0;
  return r;
}

/* ---- YYYY-MM-DD and the time of day ---- */

static int64_t local_seconds(int year, int month, int day, int hour, int minute)
{
  struct tm tm = { 0 };
  tm.tm_year = year - 1900;
  tm.tm_mon = month - 1;
  tm.tm_mday = day;
  tm.tm_hour = hour;
  tm.tm_min = minute;
  tm.tm_isdst = -1;
  return (int64_t)mktime(&tm);
}

/* Says whether this minute, as written, is the one that was converted last. */
static int is_same_minute(qq_log_clock const *c, char const *s, size_t n)
{
  return c->length == n && !memcmp(c->minute, s, n);
}

static void keep_minute(qq_log_clock *c, char const *s, size_t n, int64_t seconds)
{
  memcpy(c->minute, s, n);
  c->length = n;
  c->seconds = seconds;
}

/* +hh:mm, +hhmm, Z; or the zone is nothing: 0. */
static int take_zone(qq_piece *t, int64_t *offset)
{
  int const colon = has_form(*t, "+00:00") || has_form(*t, "-00:00");
  *offset = 0;
  if (t->n && *t->s == 'Z') {
    qq_piece_skip(t, 1);
    return 1;
  }
  if (!colon && !has_form(*t, "+0000") && !has_form(*t, "-0000")) return 0;
  *offset = number(t->s + 1, 2) * 3600 + number(t->s + 3 + colon, 2) * 60;
  if (*t->s == '-') *offset = -*offset;
  qq_piece_skip(t, 5 + (size_t)colon);
  return 1;
}

static int is_utc(qq_piece *t)
{
  size_t n = 0;
  int r;
  while (n < t->n && t->s[n] != ' ') n++;
  r = n == 3 && (!memcmp(t->s, "UTC", 3) || !memcmp(t->s, "GMT", 3));
  qq_piece_skip(t, n);
  return r;
}

/* YYYY-MM-DD HH:MM, of 16 bytes, with a word in front of it or not. */
static int64_t minute_of(qq_log_clock *c, char const *s, int is_local)
{
  int const year = number(s, 4), month = number(s + 5, 2), day = number(s + 8, 2);
  int const hour = number(s + 11, 2), minute = number(s + 14, 2);
  char key[17];
  memcpy(key, s, 16);
  key[16] = is_local ? 'l' : 'u';
  if (!is_same_minute(c, key, sizeof key))
    keep_minute(c, key, sizeof key, is_local ? local_seconds(year, month, day, hour, minute)
      : (qq_when_day(year, month, day) * 24 + hour) * 3600 + minute * 60);
  return c->seconds;
}

/* A blank between is local time (tai64nlocal, s6-log T), _ and T are UTC (svlogd) if no zone is
   said. */
static int take_date(qq_log_line *l, qq_log_clock *c)
{
  qq_piece t = l->text;
  char const *s = t.s, *behind;
  uint64_t fraction;
  int64_t offset;
  int is_local, second;
  if (!has_form(t, "0000-00-00") || t.n < 20 || !strchr(" _T", s[10])) return 0;
  qq_piece_skip(&t, 11);
  if (!has_form(t, "00:00:00") || number(s, 4) < 1970) return 0;
  second = number(t.s + 6, 2);
  qq_piece_skip(&t, 8);
  fraction = take_fraction(&t);
  behind = t.s;
  is_local = s[10] == ' ';
  if (take_zone(&t, &offset)) is_local = 0;
  if (t.n && *t.s != ' ') return 0;
  note(c, s + 17, behind, 0);
  qq_piece_skip_blanks(&t);
  l->text = t;
  return set(l, minute_of(c, s, is_local) - offset + second, fraction);
}

/* Www YYYY-MM-DD HH:MM:SS ZONE, of journalctl. */
static int take_full_date(qq_log_line *l, qq_log_clock *c)
{
  qq_piece t = l->text;
  char const *s = t.s + 4;
  int64_t offset = 0;
  int second, is_local;
  if (t.n < 26 || t.s[3] != ' ') return 0;
  qq_piece_skip(&t, 4);
  if (!has_form(t, "0000-00-00 00:00:00 ") || number(s, 4) < 1970) return 0;
  second = number(s + 17, 2);
  qq_piece_skip(&t, 20);
  is_local = !take_zone(&t, &offset) && !is_utc(&t);
  qq_piece_skip_blanks(&t);
  l->text = t;
  return set(l, minute_of(c, s, is_local) - offset + second, 0);
}

/* ---- Mon dd HH:MM:SS ---- */

static int month_of(char const *s)
{
  int i;
  for (i = 0; i < 12; i++) if (!memcmp(s, qq_months + 3 * i, 3)) return i + 1;
  return 0;
}

static int is_in_year(int year, int month, int day)
{
  return month != 2 || day < 29 || (!(year % 4) && (year % 100 || !(year % 400)));
}

/* The last year that has the day, and in which it is no more than a day in the future. */
static int first_year(qq_log_clock const *c, int month, int day)
{
  time_t const newest = (time_t)(c->newest / QQ_SECOND);
  struct tm tm;
  int year;
  if (!localtime_r(&newest, &tm)) return 1970;
  year = tm.tm_year + 1900;
  while (year > 1970 && (!is_in_year(year, month, day)
    || local_seconds(year, month, day, 0, 0) > (int64_t)newest + DAY)) year--;
  return year;
}

/* Who jumps back by more than a day has begun a new year; but a straggler of the old one may come
   behind that, which in the new one would be in the future. */
static int64_t yearless_minute(qq_log_clock *c, int month, int day, int hour, int minute)
{
  int64_t t;
  if (!c->year) c->year = first_year(c, month, day);
  t = local_seconds(c->year, month, day, hour, minute);
  if (t < c->last - DAY) t = local_seconds(++c->year, month, day, hour, minute);
  else if (c->last && t > c->last + 300 * DAY && t > (int64_t)(c->newest / QQ_SECOND) + DAY) {
    int64_t const before = local_seconds(c->year - 1, month, day, hour, minute);
    if (before >= c->last - DAY) return before;
  }
  c->last = t;
  return t;
}

/* Takes the time of day, whose minute is c's. */
static int take_seconds(qq_log_line *l, qq_log_clock *c, qq_piece t)
{
  int const second = number(t.s + 6, 2);
  char const *const seconds = t.s + 6;
  uint64_t fraction;
  qq_piece_skip(&t, 8);
  fraction = take_fraction(&t);
  if (t.n && *t.s != ' ') return 0;
  note(c, seconds, t.s, 0);
  qq_piece_skip_blanks(&t);
  l->text = t;
  l->is_yearless = 1;
  return set(l, c->seconds + second, fraction);
}

static int take_yearless(qq_log_line *l, qq_log_clock *c)
{
  qq_piece t = l->text;
  char const *s = t.s;
  int month, day;
  size_t n = c->length;
  if (n >= 11 && t.n > n + 3 && is_same_minute(c, s, n)) {
    qq_piece_skip(&t, n - 5);
    if (t.s[5] == ':' && is_digit(t.s[6]) && is_digit(t.s[7])) return take_seconds(l, c, t);
    t = l->text;
  }
  if (t.n < 15 || s[3] != ' ' || !(month = month_of(s))) return 0;
  n = has_form((qq_piece){ s + 4, t.n - 4 }, "0 ") ? 5 : 6;
  if (n == 6 && !is_digit(s[5])) return 0;
  if (n == 6 && s[4] != ' ' && !is_digit(s[4])) return 0;
  day = n == 5 || s[4] == ' ' ? s[n - 1] - '0' : number(s + 4, 2);
  qq_piece_skip(&t, n + 1);
  if (s[n] != ' ' || !has_form(t, "00:00:00")) return 0;
  if (!is_same_minute(c, s, n + 6))
    keep_minute(c, s, n + 6, yearless_minute(c, month, day, number(t.s, 2), number(t.s + 3, 2)));
  return take_seconds(l, c, t);
}

int qq_log_stamp_scan(qq_log_line *l, qq_log_clock *c)
{
  char const first = l->text.n ? *l->text.s : 0;
  int r;
  if (first == '@') return qq_log_tai_scan(l, c);
  if (is_digit(first)) return (r = take_epoch(l, c)) ? r : take_date(l, c);
  return first >= 'A' && first <= 'Z' && l->text.n > 4
    && (take_yearless(l, c) || take_full_date(l, c));
}

/* Dates that say their year are converted alike wherever they stand. */
int qq_log_keeps_clock(qq_log_clock const *c, char const *line, char const *text)
{
  qq_piece t = { line, (size_t)(text - line) };
  if (*t.s == '<') {
    while (t.n && *t.s != '>') qq_piece_skip(&t, 1);
    qq_piece_take(&t, ">");
    qq_piece_take(&t, "1 ");
  }
  return t.n > c->length
    && (is_digit(*t.s) || *t.s == '@' || (c->length && !memcmp(t.s, c->minute, c->length)));
}
