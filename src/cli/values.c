#include <string.h>
#include <qq/diagnostic.h>
#include <qq/id.h>
#include <qq/options.h>
#include <qq/when.h>

void qq_bad_value(char const *name, char const *value, char const *expected)
{
  qq_die_usage(_("option --%s: \"%s\" given, expected %s"), name, value, expected);
}

uint64_t qq_number_value(qq_option const *o, char const *value)
{
  uint64_t v = 0;
  if (!qq_number_scan(value, strlen(value), &v)) qq_die_usage(_("option --%s: \"%s\" given, "
    "expected a number"), o->name, value);
  return v;
}

uint64_t qq_when_value(qq_option const *o, char const *value)
{
  uint64_t v = 0;
  if (!qq_when_scan(value, &v))
    qq_die_usage(_("option --%s: \"%s\" given, expected a time: 2026-11-20, '2026-11-20 12:00' or "
      "@SECONDS"), o->name, value);
  return v;
}

uint64_t qq_moment_value(qq_option const *o, char const *value)
{
  uint64_t v = 0;
  if (!qq_moment_scan(value, qq_now(), &v))
    qq_die_usage(_("option --%s: \"%s\" given, expected a time (2026-11-20, '2026-11-20 12:00', "
      "@SECONDS), an age (36h), today or yesterday"), o->name, value);
  return v;
}

uint64_t qq_age_value(qq_option const *o, char const *value)
{
  uint64_t v = 0;
  if (!qq_age_scan(value, &v)) qq_die_usage(_("option --%s: \"%s\" given, expected an age: 90s, "
    "15m, 36h, 7d or 2w"), o->name, value);
  return v;
}

unsigned int qq_count_value(qq_option const *o, char const *value, unsigned int most)
{
  uint64_t const v = qq_number_value(o, value);
  if (!v || v > most) qq_die_usage(_("option --%s: \"%s\" given, expected a number from 1 to %u"),
    o->name, value, most);
  return (unsigned int)v;
}

/* From now on, that is a moment that can be counted. */
#define FOREVER (UINT64_C(1000000000) * QQ_SECOND)

uint64_t qq_duration_value(qq_option const *o, char const *value)
{
  uint64_t v = 0;
  if (!qq_duration_scan(value, &v)) qq_die_usage(_("option --%s: \"%s\" given, expected a time to "
    "wait: 90s, 15m or 2h"), o->name, value);
  return v < FOREVER ? v : FOREVER;
}

uint64_t qq_size_value(qq_option const *o, char const *value)
{
  uint64_t v = 0;
  if (!qq_size_scan(value, &v)) qq_die_usage(_("option --%s: \"%s\" given, expected a size: 512, "
    "10K, 5M or 1G"), o->name, value);
  return v;
}

void qq_option_flag(qq_option const *o, char const *none)
{
  (void)none;
  *o->to.flag = o->value;
}

void qq_option_for_scripts(qq_option const *o, char const *none)
{
  qq_option_flag(o, none);
  qq_speak_english();
}

void qq_option_rows(qq_option const *o, char const *none)
{
  int const form = *o->to.flag;
  if (form && form != o->value)
    qq_die_usage("%s", _("options --json and --tsv cannot be used together"));
  qq_option_for_scripts(o, none);
}

void qq_option_text(qq_option const *o, char const *value)
{
  *o->to.text = value;
}

void qq_option_number(qq_option const *o, char const *value)
{
  *o->to.number = qq_number_value(o, value);
}

void qq_option_size(qq_option const *o, char const *value)
{
  *o->to.number = qq_size_value(o, value);
}

void qq_option_duration(qq_option const *o, char const *value)
{
  *o->to.number = qq_duration_value(o, value);
}

/* The position of value among the alternatives. */
void qq_option_choice(qq_option const *o, char const *value)
{
  size_t const n = strlen(value);
  char const *s = o->argument;
  int i;
  for (i = 0;; i++) {
    size_t const length = strcspn(s, "|");
    if (n == length && !memcmp(s, value, n)) break;
    if (!s[length]) qq_bad_value(o->name, value, o->argument);
    s += length + 1;
  }
  *o->to.flag = i;
}

void qq_option_jobs(qq_option const *o, char const *value)
{
  qq_shared_written.jobs = qq_count_value(o, value, 1024);
}
