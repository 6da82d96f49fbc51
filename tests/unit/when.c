/* when - moments as people read them, in zones of every kind, in any order: what strftime(3) makes
   of each, which is converted alone. */

#include <time.h>
#include <qq/when.h>
#include "tap.h"

#define MOMENTS 20000

static char const *const zones[] = {
  "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "NPT-5:45",
  "LHST-10:30LHDT-11,M10.1.0,M4.1.0",   /* half an hour ahead in summer */
  "LMT0:44:30", "XXX-0:07"              /* no quarter of UTC is one there */
};

/* Most go on from the one before; some are far from it, or near where clocks change in Europe. */
static uint64_t next(uint64_t second)
{
  uint64_t const r = (uint64_t)rand();
  switch (r % 8) {
    case 0: return UINT64_C(1774746000) - 1800 + r / 8 % 3600;  /* 29 March 2026, 1:00 UTC */
    case 1: return UINT64_C(1792890000) - 1800 + r / 8 % 3600;  /* 25 October 2026 */
    case 2: return r % UINT64_C(4000000000);
    case 3: return second + 64 * 900;
    default: return second + r / 8 % 600;
  }
}

typedef int when(stralloc *, qq_calendar *, uint64_t);

static int is_wrong(when *format, qq_calendar *c, uint64_t second)
{
  static stralloc text = STRALLOC_ZERO;
  time_t const t = (time_t)second;
  struct tm tm;
  char expected[64];
  size_t n;
  text.len = 0;
  if (!localtime_r(&t, &tm) || !format(&text, c, second * QQ_SECOND)) return 1;
  if (format == qq_when_text) n = strftime(expected, sizeof expected, "%e %b %Y %H:%M:%S", &tm);
  else n = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000000", &tm);
  return text.len < n || memcmp(text.s, expected, n);
}

/* What is printed can be given back. */
static int is_lost(qq_calendar *c, uint64_t second)
{
  static stralloc text = STRALLOC_ZERO;
  uint64_t const moment = second * QQ_SECOND + second % 1000000 * 1000;
  uint64_t back = 0;
  text.len = 0;
  return !qq_when_exact(&text, c, moment) || !stralloc_0(&text) || !qq_when_scan(text.s, &back)
    || back != moment;
}

static void check(char const *zone)
{
  qq_calendar c = QQ_CALENDAR_ZERO;
  uint64_t second = 1794000000;
  unsigned int i, wrong = 0;
  if (setenv("TZ", zone, 1) < 0) exit(111);
  tzset();
  for (i = 0; i < MOMENTS; i++, second = next(second)) {
    wrong += is_wrong(qq_when_text, &c, second);
    wrong += is_wrong(qq_when_exact, &c, second);
    wrong += strcmp(zone, "LMT0:44:30") && is_lost(&c, second);
  }
  is_number(wrong, 0, zone);
}

static void check_forms(void)
{
  static struct { char const *s; uint64_t nanoseconds; } const forms[] = {
    { "2026-11-20T12:00:30Z", UINT64_C(1795176030000000000) },
    { "2026-11-20 12:00:30.5Z", UINT64_C(1795176030500000000) },
    { "2026-11-20T14:00:30.123456+02:00", UINT64_C(1795176030123456000) },
    { "2026-11-20T06:30:30-05:30", UINT64_C(1795176030000000000) },
    { "2024-02-29T00:00:00Z", UINT64_C(1709164800000000000) },
    { "2026-11-20T12:00:30+2", 0 }, { "2026-11-20T12:00:30+02:00x", 0 },
    { "2026-11-20T12:00:30+ 2:00", 0 }, { "2026-11-20T12:00:30+02:-5", 0 },
    { "2026-11-20T12:00:30+24:00", 0 }, { "2026-11-20T12:00:30.", 0 }, { "2026-12-32", 0 },
    { "2026-13-01", 0 }, { "2026-00-01", 0 }, { "2025-02-29", 0 }, { "2026-11-20Z", 0 },
    { "2026-11-20 12:00Z", 0 },
    { "2026-02-30T12:00:30Z", 0 }, { "2026-11-20T12:00:30x", 0 }
  };
  size_t i;
  for (i = 0; i < sizeof forms / sizeof *forms; i++) {
    uint64_t moment = 0;
    int const r = qq_when_scan(forms[i].s, &moment);
    is_number(r ? moment : 0, forms[i].nanoseconds, forms[i].s);
  }
}

int main(void)
{
  size_t i;
  check_forms();
  for (i = 0; i < sizeof zones / sizeof *zones; i++) check(zones[i]);
  return done();
}
