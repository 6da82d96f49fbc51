#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>
#include <qq/when.h>

void qq_bad_value(char const *option, char const *value, char const *expected)
{
  qq_die_usage(_("option %s: \"%s\" given, expected %s"), option, value, expected);
}

unsigned int qq_choice(char const *option, char const *alternatives, char const *value)
{
  size_t const n = strlen(value);
  char const *s = alternatives;
  unsigned int i;
  for (i = 0;; i++) {
    size_t const length = strcspn(s, "|");
    if (n == length && !memcmp(s, value, n)) return i;
    if (!s[length]) break;
    s += length + 1;
  }
  qq_bad_value(option, value, alternatives);
  return 0;
}

uint64_t qq_number_value(char const *option, char const *value)
{
  uint64_t v = 0;
  if (!qq_number_scan(value, strlen(value), &v)) qq_bad_value(option, value, _("a number"));
  return v;
}

uint64_t qq_when_value(char const *option, char const *value)
{
  uint64_t v = 0;
  if (!qq_when_scan(value, &v)) qq_bad_value(option, value, _("a time: 2026-11-20, '2026-11-20 12:00' or @SECONDS"));
  return v;
}

uint64_t qq_age_value(char const *option, char const *value)
{
  uint64_t v = 0;
  if (!qq_age_scan(value, &v)) qq_bad_value(option, value, _("an age: 90s, 15m, 36h, 7d or 2w"));
  return v;
}

uint64_t qq_size_value(char const *option, char const *value)
{
  uint64_t v = 0;
  if (!qq_size_scan(value, &v)) qq_bad_value(option, value, _("a size: 512, 10K, 5M or 1G"));
  return v;
}
