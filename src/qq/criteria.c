#include <pwd.h>
#include <string.h>
#include <qq/diagnostic.h>
#include <qq/os.h>
#include <qq/text.h>
#include <qq/when.h>
#include "reading.h"

qq_criteria qq_criteria_given;

static qq_given *give(qq_option const *o, char *field)
{
  qq_given *g = qq_select_give(&qq_criteria_given.select, (qq_criterion)o->value, field);
  qq_demand_memory(g != 0);
  return g;
}

static void give_value(qq_option const *o, uint64_t value)
{
  qq_demand_memory(genalloc_append(uint64_t, &give(o, 0)->values, &value));
}

static void take_network(qq_option const *o, char const *value)
{
  qq_network network;
  if (!qq_network_scan(&network, value))
    qq_die_usage(_("option --%s: \"%s\" given, expected an IPv4 or IPv6 address, or a network such "
      "as 192.0.2.0/24"), o->name, value);
  qq_demand_memory(genalloc_append(qq_network, &give(o, 0)->networks, &network));
}

/* The first moment that is less long ago. */
static uint64_t moment_value(qq_option const *o, char const *value)
{
  uint64_t const now = qq_now(), age = qq_age_value(o, value);
  return age < now ? now - age + 1 : 0;
}

/* A number, or the name of a user of this host. */
static uint64_t user_value(qq_option const *o, char const *value)
{
  uint64_t uid = 0;
  struct passwd const *pw;
  int r;
  if (qq_number_scan(value, strlen(value), &uid)) return uid;
  r = qq_getpw_name(&pw, value);
  if (r < 0) qq_die_unable(_("unable to look for the user %s"), value);
  if (!r) qq_die_usage(_("option --%s: \"%s\" given, expected a user, by number or by name"),
    o->name, value);
  return pw->pw_uid;
}

typedef uint64_t read_number(qq_option const *, char const *);

/* What an option reads is known by what its argument is called. */
static read_number *reader(char const *argument)
{
  return !strcmp(argument, "N") ? qq_number_value : !strcmp(argument, "SIZE") ? qq_size_value
    : !strcmp(argument, "TIME") ? qq_when_value : !strcmp(argument, "AGE") ? moment_value
    : !strcmp(argument, "WHEN") ? qq_moment_value : !strcmp(argument, "USER") ? user_value : 0;
}

void qq_criteria_take(qq_option const *o, char const *value)
{
  if (!o->argument) give_value(o, 1);
  else if (reader(o->argument)) give_value(o, reader(o->argument)(o, value));
  else if (!strcmp(o->argument, "ADDR")) take_network(o, value);
  else qq_pattern_keep(&qq_criteria_given.kept, o, value);
}

/* ---- when all options are known ---- */

/* Splits NAME:PAT, which may be pasted from a header, with blanks around the colon. */
static char *field_of(qq_kept *k)
{
  size_t n = strcspn(k->value, ":");
  char const *pattern = k->value + n + 1;
  char *name;
  if (!n || !k->value[n]) qq_bad_value(k->option->name, k->value, k->option->argument);
  while (n > 1 && qq_is_blank(k->value[n - 1])) n--;
  name = strndup(k->value, n);
  qq_demand_memory(name != 0);
  while (qq_is_blank(*pattern)) pattern++;
  k->value = pattern;
  return name;
}

static void read_pattern(qq_kept *k)
{
  int const is_field = k->option->value == QQ_CRITERION_HEADER;
  qq_patterns *p = &give(k->option, is_field ? field_of(k) : 0)->patterns;
  p->idn = k->option->value != QQ_CRITERION_BODY;
  p->is_shown = is_field || k->option->value == QQ_CRITERION_SUBJECT;
  qq_pattern_read(p, k);
}

qq_select *qq_criteria_ready(qq_queue const *q)
{
  qq_kept *k = genalloc_s(qq_kept, &qq_criteria_given.kept);
  size_t i;
  for (i = 0; i < genalloc_len(qq_kept, &qq_criteria_given.kept); i++) {
    if (k[i].option->value != QQ_CRITERION_CHANNEL) read_pattern(&k[i]);
    else give_value(k[i].option, qq_reading_channel(q, k[i].value));
  }
  qq_demand_memory(qq_select_ready(&qq_criteria_given.select) > 0);
  return &qq_criteria_given.select;
}
