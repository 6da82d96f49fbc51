#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include <qq/diagnostic.h>
#include <qq/when.h>
#include "criteria.h"
#include "reading.h"

qq_criteria qq_criteria_given;

/* A pattern or a channel as it was given; what it means, later options and the queue say. */
typedef struct kept {
  qq_option const *option;
  char const *value;
  int fd;                       /* of a list; else -1 */
} kept;

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

static void add_pattern(qq_option const *o, qq_patterns *p, char const *s)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_patterns_add(p, s, strlen(s), &why);
  qq_demand_memory(r > 0 || errno != ENOMEM);
  if (r < 0) qq_die_usage(_("option --%s: %.*s"), o->name, (int)why.len, why.s);
}

static void take_network(qq_option const *o, char const *value)
{
  qq_network network;
  if (!qq_network_scan(&network, value))
    qq_bad_value(o->name, value, _("an IPv4 or IPv6 address, or a network such as 192.0.2.0/24"));
  qq_demand_memory(genalloc_append(qq_network, &give(o, 0)->networks, &network));
}

/* Keeps it; a list is opened before root is given up. */
static void keep(qq_option const *o, char const *value, int is_list)
{
  kept const k = { o, value, is_list ? open(value, O_RDONLY | O_CLOEXEC) : -1 };
  if (is_list && k.fd < 0)
    qq_die(qq_exit_code_of(errno), _("unable to open %s: %s"), value, strerror(errno));
  qq_demand_memory(genalloc_append(kept, &qq_criteria_given.kept, &k));
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
  if (qq_number_scan(value, strlen(value), &uid)) return uid;
  pw = getpwnam(value);
  if (!pw) qq_bad_value(o->name, value, _("a user, by number or by name"));
  return pw->pw_uid;
}

typedef uint64_t read_number(qq_option const *, char const *);

/* What an option reads is known by what its argument is called. */
static read_number *reader(char const *argument)
{
  return !strcmp(argument, "N") ? qq_number_value : !strcmp(argument, "SIZE") ? qq_size_value
    : !strcmp(argument, "TIME") ? qq_when_value : !strcmp(argument, "AGE") ? moment_value
    : !strcmp(argument, "USER") ? user_value : 0;
}

void qq_criteria_take(qq_option const *o, char const *value)
{
  if (!o->argument) give_value(o, 1);
  else if (reader(o->argument)) give_value(o, reader(o->argument)(o, value));
  else if (!strcmp(o->argument, "ADDR")) take_network(o, value);
  else keep(o, value, !strcmp(o->argument, "FILE"));
}

/* ---- when all options are known ---- */

static qq_pattern_kind kind_of_patterns(int is_whole)
{
  qq_criteria const *c = &qq_criteria_given;
  if (c->glob && c->regex) qq_die_usage("%s", _("options -g and -E exclude each other"));
  if (c->glob) return QQ_PATTERN_GLOB;
  if (c->regex) return is_whole ? QQ_PATTERN_REGEX_WHOLE : QQ_PATTERN_REGEX;
  return is_whole ? QQ_PATTERN_WHOLE : QQ_PATTERN_SUBSTRING;
}

/* Splits NAME:PAT. */
static char *field_of(kept *k)
{
  size_t const n = strcspn(k->value, ":");
  char *name = n && k->value[n] ? strndup(k->value, n) : 0;
  if (!n || !k->value[n]) qq_bad_value(k->option->name, k->value, k->option->argument);
  qq_demand_memory(name != 0);
  k->value += n + 1;
  return name;
}

static void add_list(qq_patterns *p, kept const *k)
{
  stralloc why = STRALLOC_ZERO;
  int const r = qq_patterns_add_lines(p, k->fd, k->value, &why);
  qq_demand_memory(r > 0 || errno != ENOMEM);
  qq_demand(r, &why);
  close(k->fd);
}

static void read_pattern(kept *k)
{
  int const is_field = k->option->value == QQ_CRITERION_HEADER;
  int const is_domain = !strcmp(k->option->argument, "DOMAIN");
  qq_patterns *p = &give(k->option, is_field ? field_of(k) : 0)->patterns;
  p->kind = kind_of_patterns(is_domain || qq_criteria_given.whole);
  p->idn = k->option->value != QQ_CRITERION_BODY;
  p->exact = qq_criteria_given.exact;
  p->is_shown = is_field || k->option->value == QQ_CRITERION_SUBJECT;
  if (k->fd < 0) add_pattern(k->option, p, k->value);
  else add_list(p, k);
}

qq_select *qq_criteria_ready(qq_queue const *q)
{
  kept *k = genalloc_s(kept, &qq_criteria_given.kept);
  size_t i;
  for (i = 0; i < genalloc_len(kept, &qq_criteria_given.kept); i++) {
    if (k[i].option->value != QQ_CRITERION_CHANNEL) read_pattern(&k[i]);
    else give_value(k[i].option, qq_reading_channel(q, k[i].value));
  }
  qq_demand_memory(qq_select_ready(&qq_criteria_given.select) > 0);
  return &qq_criteria_given.select;
}
